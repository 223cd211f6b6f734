/** The spiral over accounts with several collaterals and debts; spiral.test.ts has pairs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Book } from '../../src/systemic/book'
import { constantProductDepth, type PriceDepth } from '../../src/systemic/depth'
import { badDebtUsd, runSpiral, traceSpiral } from '../../src/systemic/spiral'
import { planOfBook } from '../../src/systemic/spiral-book'
import { spiralRound } from '../../src/systemic/spiral-round'
import { runScenarios } from '../../src/systemic/spiral-scenarios'
import { startSpiral } from '../../src/systemic/spiral-state'
import { type Account, anyAccounts, anyPrices, HALF, planOfAccounts, WHOLE } from './accounts'
import { largestDifference } from './reference-cases'

const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
const [ETH, BTC, USD] = [0, 1, 2]
const prices = (eth: number, btc: number, usd = 1) => Float64Array.of(eth, btc, usd)
const depths = fc.constantFrom<PriceDepth>(
  { kind: 'unmoved' },
  { kind: 'linear', units: 1_500 },
  constantProductDepth({ reserve: 1_000, price: 100, fee: 0.003 }),
)
const exits = fc.constantFrom('oracle' as const, 'pool' as const)

describe('an account with several collaterals and debts', () => {
  const two: Account = {
    collaterals: [
      { asset: ETH, units: 10 },
      { asset: BTC, units: 5 },
    ],
    debts: [
      { asset: USD, units: 900 },
      { asset: BTC, units: 1 },
    ],
  }

  it('has one health over all of it', () => {
    // 0.8 · (10 · 100 + 5 · 50) = 1,000 against 950, then 0.8 · (10 · 90 + 5 · 50) = 920.
    expect(runSpiral(planOfAccounts([two]), prices(100, 50)).liquidations).toBe(0)
    expect(runSpiral(planOfAccounts([two]), prices(90, 50)).liquidations).toBeGreaterThan(0)
  })

  it('loses the largest debt against the largest collateral first, the others in later rounds', () => {
    const state = startSpiral(planOfAccounts([two]), prices(90, 50))
    spiralRound(planOfAccounts([two]), state)
    // 900 · 1.05 is more than 10 eth are worth: all of them go, and 900 / 1.05 is repaid.
    expect(Array.from(state.collateral)).toEqual([0, 5])
    expect(state.debt[0]).toBeCloseTo(900 - 900 / 1.05, 9)
    expect(total(state.writtenOffUsd)).toBe(0)
    // What is left is sound; at lower prices it is not, and a second round takes the other collateral.
    expect(runSpiral(planOfAccounts([two]), prices(90, 50)).rounds).toBe(1)
    const outcome = runSpiral(planOfAccounts([two]), prices(60, 20))
    expect([outcome.rounds, total(outcome.collateral), total(outcome.debt)]).toEqual([2, 0, 0])
  })

  it('writes off every debt, each in its own market, once nothing is left to seize', () => {
    const outcome = runSpiral(planOfAccounts([two]), prices(10, 5, 1))
    const owedUsd = 900 + 5
    expect(total(outcome.collateral)).toBe(0)
    expect(total(outcome.badDebtUsd)).toBeCloseTo(owedUsd - 125 / 1.05, 9)
    expect(outcome.badDebtUsd[USD]).toBeCloseTo(900 - 125 / 1.05, 9)
    expect(outcome.badDebtUsd[BTC]).toBeCloseTo(5, 9)
    expect(outcome.settled).toBe(true)
  })

  it('shares what an unsold account lacks by the value of its debts', () => {
    const outcome = runSpiral(planOfAccounts([two], { gasUsd: 1e9 }), prices(10, 5))
    const lacking = 905 - 125 / 1.05
    expect(outcome.liquidations).toBe(0)
    expect(outcome.badDebtUsd[USD]).toBeCloseTo((lacking * 900) / 905, 9)
    expect(outcome.badDebtUsd[BTC]).toBeCloseTo((lacking * 5) / 905, 9)
  })

  it('is closed by half of its whole debt under Aave 3.3, of the one debt before', () => {
    const large: Omit<Account, 'rule'> = {
      collaterals: [{ asset: ETH, units: 1_000 }],
      debts: [
        { asset: USD, units: 60_000 },
        { asset: BTC, units: 43 },
      ],
    }
    const repaid = (rule: number) => {
      const plan = planOfAccounts([{ ...large, rule }])
      const state = startSpiral(plan, prices(125, 1_000))
      spiralRound(plan, state)
      return total(state.liquidatedUsd)
    }
    // Health 100,000 / 103,000 is above 0.95; half of 103,000 is less than the 60,000 owed in dollars.
    expect(repaid(1)).toBeCloseTo(30_000, 6)
    expect(repaid(2)).toBeCloseTo(51_500, 6)
  })

  it('may be closed whole under Aave 3.3 where the chosen side is small', () => {
    const small: Account = {
      rule: 2,
      collaterals: [{ asset: ETH, units: 1.24 * 15.5 }],
      debts: [{ asset: USD, units: 1_550 }],
    }
    const outcome = runSpiral(planOfAccounts([small]), prices(100, 1))
    expect([outcome.liquidations, outcome.debt[0]]).toEqual([1, 0])
  })
})

describe('accounts, whatever they hold', () => {
  it('conserve every asset in every step, and never leave the protocol worse at the prices of the step', () => {
    fc.assert(
      fc.property(anyAccounts, depths, anyPrices, exits, (accounts, depth, at, exit) => {
        const plan = planOfAccounts(accounts, { depth, exit, gasUsd: 1 })
        const state = startSpiral(plan, at)
        const { collateralAsset, debtMarket } = plan.positions
        const by = (index: Int32Array, units: Float64Array) => {
          const sums = new Float64Array(3)
          units.forEach((value, row) => {
            sums[index[row]!]! += value
          })
          return sums
        }
        const [held, owed] = [by(collateralAsset, state.collateral), by(debtMarket, state.debt)]
        for (let round = 0; round < 300; round++) {
          const before = total(badDebtUsd(plan, state))
          const stepPrices = Float64Array.from(state.prices)
          if (spiralRound(plan, state) === 0) break
          const after = total(badDebtUsd(plan, { ...state, prices: stepPrices }))
          expect(after).toBeLessThanOrEqual(before + 1e-9 * Math.max(1, before))
          const left = by(collateralAsset, state.collateral)
          const still = by(debtMarket, state.debt)
          for (let a = 0; a < 3; a++) {
            expect(Math.abs(held[a]! - left[a]! - state.soldUnits[a]!)).toBeLessThanOrEqual(1e-9 * held[a]!)
            const gone = state.repaidUnits[a]! + state.writtenOffUnits[a]!
            expect(Math.abs(owed[a]! - still[a]! - gone)).toBeLessThanOrEqual(1e-9 * owed[a]!)
            expect(state.prices[a]).toBeLessThanOrEqual(stepPrices[a]!)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('do not depend on their order, nor on the prices that they are sorted by', () => {
    fc.assert(
      fc.property(anyAccounts, depths, anyPrices, anyPrices, (accounts, depth, at, nearPrices) => {
        const one = runSpiral(planOfAccounts(accounts, { depth, gasUsd: 1 }), at)
        const plan = planOfAccounts([...accounts].reverse(), { depth, gasUsd: 1, nearPrices })
        const other = runSpiral(plan, at)
        expect(other.liquidations).toBe(one.liquidations)
        expect(largestDifference(other.badDebtUsd, one.badDebtUsd)).toBeLessThan(1e-6)
        expect(largestDifference(other.prices, one.prices)).toBeLessThan(1e-9)
      }),
      { numRuns: 200 },
    )
  })

  it('lose no less after a deeper shock to what they hold, where sales do not move prices', () => {
    const dollars = anyAccounts.map((accounts) =>
      accounts.map(({ collaterals, debts, ...rest }) => ({
        ...rest,
        collaterals: collaterals.map((one) => ({ ...one, asset: one.asset % 2 })),
        debts: debts.map((one) => ({ ...one, asset: USD, units: one.units * 60 })),
      })),
    )
    const shares = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
    fc.assert(
      fc.property(dollars, shares, shares, (accounts, one, other) => {
        const plan = planOfAccounts(accounts, { gasUsd: 3, closeRules: [WHOLE, HALF, HALF] })
        const loss = (eth: number, btc: number) => total(runSpiral(plan, prices(eth, btc)).badDebtUsd)
        const more = loss(Math.min(one[0], other[0]), Math.min(one[1], other[1]))
        const less = loss(one[0], one[1])
        expect(more).toBeGreaterThanOrEqual(less - 1e-9 * Math.max(1, less))
      }),
      { numRuns: 200 },
    )
  })

  it('give each scenario, each position and each round its part of the whole', () => {
    fc.assert(
      fc.property(
        anyAccounts,
        depths,
        fc.array(anyPrices, { minLength: 1, maxLength: 5 }),
        (accounts, depth, rows) => {
          const plan = planOfAccounts(accounts, { depth })
          const matrix = Float64Array.from(rows.flatMap((row) => Array.from(row)))
          const all = runScenarios(plan, matrix, { byPosition: true })
          rows.forEach((row, s) => {
            const alone = runSpiral(plan, row)
            expect(Array.from(all.badDebtUsd.subarray(3 * s, 3 * s + 3))).toEqual(
              Array.from(alone.badDebtUsd),
            )
            const trace = traceSpiral(plan, row)
            const liquidated = new Float64Array(3)
            let positions = 0
            let step = trace.next()
            for (; step.done !== true; step = trace.next()) {
              step.value.liquidatedUsd.forEach((usd, m) => {
                liquidated[m]! += usd
              })
              positions += step.value.positions.length
            }
            expect(positions).toBe(alone.liquidations)
            expect(largestDifference(liquidated, alone.liquidatedUsd)).toBeLessThan(1e-9)
            expect(Array.from(step.value.badDebtUsd)).toEqual(Array.from(alone.badDebtUsd))
          })
          const lost = total(all.lostUsd!)
          expect(Math.abs(lost - total(all.badDebtUsd))).toBeLessThanOrEqual(1e-9 * Math.max(1, lost))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('are told apart by tile, and a run ends when its listener throws', () => {
    const plan = planOfAccounts([{ collaterals: [], debts: [{ asset: USD, units: 1 }] }])
    const rows = Float64Array.from({ length: 300 }, () => 1)
    const seen: number[] = []
    runScenarios(plan, rows, { onTile: (done) => seen.push(done) })
    expect(seen).toEqual([64, 100])
    const stop = () => {
      throw new Error('enough')
    }
    expect(() => runScenarios(plan, rows, { onTile: stop })).toThrow('enough')
  })
})

describe('the plan of a book', () => {
  const book: Book = {
    asOf: {},
    assets: [
      { id: '1:0xe', symbol: 'ETH', priceUsd: 100, depth: { kind: 'unmoved' } },
      { id: '1:0xd', symbol: 'DAI', priceUsd: 1, depth: { kind: 'unmoved' } },
    ],
    pools: [{ id: '1:pool', chainId: 1, protocol: 'p', close: WHOLE }],
    markets: [0, 1].map((asset) => ({
      ...{ id: `m${asset}`, pool: 0, asset, suppliedUnits: 0, borrowedUnits: 0 },
      ...{ ltv: null, threshold: null, bonus: null, supplyCap: null, borrowCap: null },
    })),
    positions: {
      accountIds: ['1:0xa'],
      pool: Int32Array.of(0),
      collateralStart: Int32Array.of(0, 1),
      collateralMarket: Int32Array.of(0),
      collateralUnits: Float64Array.of(10),
      collateralThreshold: Float64Array.of(0.8),
      collateralBonus: Float64Array.of(1.05),
      debtStart: Int32Array.of(0, 1),
      debtMarket: Int32Array.of(1),
      debtUnits: Float64Array.of(700),
    },
    unpriced: [],
    withheld: [],
  }

  it('has bad debt in the market that lent', () => {
    const outcome = runSpiral(planOfBook(book, { gasUsd: 0, exit: 'oracle' }), Float64Array.of(50, 1))
    expect(Array.from(outcome.badDebtUsd)).toEqual([0, 700 - 500 / 1.05])
  })

  it.each([
    [{ ...book.positions, pool: new Int32Array(0) }, 'there are no positions'],
    [{ ...book.positions, collateralUnits: Float64Array.of(Number.NaN) }, 'collateral of position 0 is NaN'],
    [{ ...book.positions, collateralThreshold: Float64Array.of(1.2) }, 'threshold of position 0 is 1.2'],
    [{ ...book.positions, debtUnits: Float64Array.of(-1) }, 'debt of position 0 is negative'],
    [{ ...book.positions, pool: Int32Array.of(3) }, 'the close rule of position 0 is 3'],
  ])('is refused over what cannot be: %#', (positions, message) => {
    expect(() => planOfBook({ ...book, positions }, { gasUsd: 0, exit: 'oracle' })).toThrow(message)
  })
})
