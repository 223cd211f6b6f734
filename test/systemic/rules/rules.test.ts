import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  healthFactor,
  liquidateMost,
  liquidationPrice,
  mostRepaid,
  shortfall,
} from '../../../src/systemic/rules/liquidation'
import {
  aaveTerms,
  checkedTerms,
  compoundV2Terms,
  compoundV3Terms,
  makerTerms,
  morphoTerms,
} from '../../../src/systemic/rules/terms'
import { describeWithData } from '../../support/data'
import { REFERENCE_FILE, referenceCase } from '../reference-cases'

const aave = aaveTerms('v3.0', { thresholdBps: 8250n, bonusBps: 10_500n })
const termsList = [
  aave,
  aaveTerms('v2', { thresholdBps: 8000n, bonusBps: 10_500n }),
  aaveTerms('v3.3', { thresholdBps: 8000n, bonusBps: 10_500n }),
  morphoTerms(860_000_000_000_000_000n),
  compoundV2Terms({
    collateralFactor: 75n * 10n ** 16n,
    closeFactor: 5n * 10n ** 17n,
    liquidationIncentive: 108n * 10n ** 16n,
  }),
  compoundV3Terms({ liquidateCollateralFactorWad: 85n * 10n ** 16n, liquidationFactorWad: 93n * 10n ** 16n }),
  makerTerms({ matRay: 145n * 10n ** 25n, takenAt: 0.95 }),
]

describe('a position', () => {
  it('without debt is healthy at any price and is never liquidated', () => {
    expect(healthFactor({ collateral: 1, price: 0, debt: 0 }, 0.8)).toBe(Infinity)
    expect(liquidationPrice({ collateral: 1, debt: 0 }, 0.8)).toBe(0)
    expect(liquidateMost({ collateral: 1, price: 1, debt: 0 }, aave)).toBeUndefined()
  })

  it('with nothing behind its debt has no liquidator, and lacks it all', () => {
    expect(liquidationPrice({ collateral: 0, debt: 5 }, 0.8)).toBe(Infinity)
    expect(liquidateMost({ collateral: 0, price: 1, debt: 5 }, aave)).toBeUndefined()
    expect(liquidateMost({ collateral: 3, price: 0, debt: 5 }, aave)).toBeUndefined()
    expect(shortfall({ collateral: 3, price: 0, debt: 5 }, aave)).toBe(5)
  })

  it('under Aave V3.3 may be closed whole when small, and is not left with dust', () => {
    const terms = termsList[2]!
    const small = { collateral: 2_450, price: 1, debt: 1_990 }
    expect(mostRepaid(small, terms)).toBe(1_990)
    const large = { collateral: 24_500, price: 1, debt: 19_900 }
    expect(mostRepaid(large, terms)).toBe(9_950)
    // Half would leave less than 1,000 of either side, so less is taken.
    const between = { collateral: 2_600, price: 1, debt: 2_100 }
    expect(mostRepaid({ ...between, collateral: 2_550 }, terms)).toBeLessThanOrEqual(1_050)
    const done = liquidateMost({ ...between, collateral: 2_550 }, terms)!
    expect(done.after.debt).toBeGreaterThanOrEqual(1_000)
    expect(done.after.collateral).toBeGreaterThanOrEqual(1_000)
  })

  it.each([
    [{ ...aave, threshold: 1.2 }, 'threshold is 1.2'],
    [{ ...aave, bonus: 0.9 }, 'bonus is 0.9'],
    [{ ...aave, closeShare: 0 }, 'closeShare is 0'],
    [{ ...aave, closeHealth: Number.NaN }, 'closeHealth is NaN'],
  ])('under terms that cannot be is refused: %#', (terms, message) => {
    expect(() => checkedTerms(terms)).toThrow(message)
  })

  it('is never worse for the protocol after a liquidation, which conserves value', () => {
    const loans = fc.record({
      collateral: fc.double({ min: 0, max: 1e6, noNaN: true }),
      price: fc.double({ min: 0, max: 1e5, noNaN: true }),
      debt: fc.double({ min: 0, max: 1e9, noNaN: true }),
    })
    fc.assert(
      fc.property(loans, fc.constantFrom(...termsList), (loan, terms) => {
        const done = liquidateMost(loan, terms)
        if (done === undefined) return
        const scale = Math.max(loan.debt, loan.collateral * loan.price)
        const { after, repaid, seized, badDebt } = done
        expect(Math.abs(loan.debt - repaid - badDebt - after.debt)).toBeLessThanOrEqual(1e-9 * scale)
        expect(Math.abs(loan.collateral - seized - after.collateral)).toBeLessThanOrEqual(
          1e-9 * loan.collateral,
        )
        expect(seized * loan.price).toBeLessThanOrEqual(repaid * terms.bonus * (1 + 1e-9) + 1e-12 * scale)
        if (badDebt > 1e-9 * scale) expect(after.collateral).toBe(0)
        const lacking = badDebt + shortfall(after, terms)
        expect(lacking).toBeLessThanOrEqual(shortfall(loan, terms) + 1e-9 * scale)
        // Health falls only where no liquidation could heal the position.
        if (
          after.debt > 0 &&
          healthFactor(loan, terms.threshold) > terms.threshold * terms.bonus * (1 + 1e-9)
        )
          expect(healthFactor(after, terms.threshold)).toBeGreaterThan(healthFactor(loan, terms.threshold))
      }),
      { numRuns: 2_000 },
    )
  })
})

describeWithData('the worked liquidation cases', [REFERENCE_FILE], () => {
  it('HF', () => {
    const { coll, price, LT, debt, HF, liqPrice } = referenceCase('HF')
    expect(healthFactor({ collateral: coll, price, debt }, LT)).toBe(HF)
    expect(liquidationPrice({ collateral: coll, debt }, LT)).toBeCloseTo(liqPrice, 12)
  })

  it('LIQ-50', () => {
    const { coll, LT, debt } = referenceCase('HF')
    const one = referenceCase('LIQ-50')
    const loan = { collateral: coll, price: one.price, debt }
    expect(healthFactor(loan, LT)).toBeCloseTo(one.HF, 14)
    const { repaid, seized, after } = liquidateMost(loan, aave)!
    expect([repaid, seized]).toEqual([one.repay, one.seize])
    expect(healthFactor(after, LT)).toBeCloseTo(one.HF_after, 14)
  })

  it('LIQ-toxic', () => {
    const { coll, LT, debt } = referenceCase('HF')
    const one = referenceCase('LIQ-toxic')
    const loan = { collateral: coll, price: one.price, debt }
    expect(healthFactor(loan, LT)).toBeCloseTo(one.HF, 14)
    expect(aave.threshold * aave.bonus).toBeCloseTo(one.LTxLB, 14)
    const half = liquidateMost(loan, { ...aave, closeHealth: 0 })!
    expect(healthFactor(half.after, LT)).toBeCloseTo(one['one 50% round'].HF_after, 14)
    expect(liquidateMost(loan, aave)!.badDebt).toBeCloseTo(one.full.badDebt, 10)
    expect(shortfall(loan, aave)).toBeCloseTo(one.full.badDebt, 10)
  })

  it('MORPHO-LIF', () => {
    for (const [lltv, lif] of Object.entries(referenceCase('MORPHO-LIF')['lltv->lif'])) {
      const wad = BigInt(Math.round(Number(lltv) * 1e6)) * 10n ** 12n
      expect(Math.abs(morphoTerms(wad).bonus - (lif as number))).toBeLessThan(1e-15)
    }
  })
})
