/** Health, liquidation and what is withheld, on positions made by hand. The contract's own answers: health.slow.test.ts. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { UINT256_MAX, WAD } from '../../../src/math/fixed-point'
import { BASE_UNIT_SOURCE, type RiskInput } from '../../../src/protocols/lending-risk'
import { createContext } from '../../../src/protocols/memory-state'
import {
  healthFactorWad,
  incentiveFactorWad,
  type Loan,
  liquidate,
  ORACLE_PRICE_SCALE,
} from '../../../src/protocols/morpho-blue/liquidation'
import { morphoPriceCalls } from '../../../src/protocols/morpho-blue/prices'
import { greatestUnsafeAnswer, morphoRisk } from '../../../src/protocols/morpho-blue/risk'
import type { MarketTotals } from '../../../src/protocols/morpho-blue/shares'
import { NO_ADDRESS, newMarket, totalsState } from '../../../src/protocols/morpho-blue/state'
import type { MarketState, PositionState } from '../../../src/protocols/types'
import { dataPath, describeWithData } from '../../support/data'

const harbor = CHAINS.harbor!
const [weth, , usdc] = harbor.tokens.map(({ address }) => address) as [Hex, Hex, Hex]
const [morpho, oracle, account]: Hex[] = ['b0', 'c0', 'a1'].map((byte): Hex => `0x${byte.repeat(20)}`)
const ID: Hex = `0x${'1d'.repeat(32)}`
const listing = {
  address: morpho!,
  protocol: 'morpho-blue',
  role: 'morpho',
  label: 'Morpho',
  deployedAtBlock: 0,
}
/** 1,000 USDC borrowed against one WETH at 2,000, liquidated above 86 %. */
const TOTALS: MarketTotals = {
  supplyAssets: 5_000_000_000n,
  supplyShares: 5_000_000_000n * 1_000_000n,
  borrowAssets: 1_000_000_000n,
  borrowShares: 1_000_000_000n * 1_000_000n,
}
const PRICE = (2_000n * 10n ** 6n * ORACLE_PRICE_SCALE) / WAD
const LLTV = (86n * WAD) / 100n

interface Changes {
  price?: bigint | undefined
  collateral?: bigint
  borrowShares?: bigint
  supplyShares?: bigint
  irm?: Hex
  elapsedSec?: number
  complete?: boolean
  loanToken?: Hex
}

function inputWith(changes: Changes = {}): RiskInput {
  const { collateral = WAD, borrowShares = TOTALS.borrowShares, supplyShares = 0n } = changes
  const params = {
    id: ID,
    loanToken: changes.loanToken ?? usdc,
    collateralToken: weth,
    oracle: oracle!,
    irm: changes.irm ?? NO_ADDRESS,
    lltvWad: LLTV,
  }
  const { all } = newMarket(listing, params, createContext(harbor))
  const markets = new Map(all.map((row) => [row.id, row]))
  const [own, loan, held] = all as [MarketState, MarketState, MarketState]
  const state = { ...loan.state, ...totalsState(TOTALS), lastUpdateSec: 1_000 }
  markets.set(loan.id, { ...loan, state, complete: changes.complete ?? true })
  const position = (marketId: string, scaledSupply: bigint, scaledDebt: bigint): PositionState => ({
    account: account!,
    marketId,
    protocol: 'morpho-blue',
    pool: own.pool,
    scaledSupply,
    scaledDebt,
    collateralEnabled: marketId === held.id,
    complete: true,
  })
  const price = 'price' in changes ? changes.price : PRICE
  return {
    positions: [position(held.id, collateral, 0n), position(loan.id, supplyShares, borrowShares)],
    markets,
    price: (asset, source) =>
      asset === weth && source === oracle && price !== undefined
        ? { answer: price, decimals: 24 }
        : undefined,
    timestampSec: 1_000 + (changes.elapsedSec ?? 0),
  }
}

function accountOf(changes?: Changes) {
  const found = morphoRisk.account(inputWith(changes))
  if ('incomplete' in found) throw new Error(found.incomplete)
  return found
}

describe('an account in a market', () => {
  it('without debt cannot be liquidated, with nothing at all either', () => {
    expect(accountOf({ borrowShares: 0n })).toMatchObject({
      healthFactorWad: UINT256_MAX,
      totalDebtBase: 0n,
      totalCollateralBase: 2_000_000_000n,
      badDebtBase: 0n,
    })
    expect(accountOf({ borrowShares: 0n, collateral: 0n, price: undefined }).holdings).toEqual([])
    expect(morphoRisk.liquidationPrices(inputWith({ collateral: 0n, borrowShares: 0n }))).toEqual([])
  })

  it('is valued in the loan token: 1 WETH at 2,000 against 1,000 USDC at 86 %', () => {
    const found = accountOf({ supplyShares: 3_000_000n })
    expect(found).toMatchObject({
      base: { asset: usdc, decimals: 6 },
      totalCollateralBase: 2_000_000_000n,
      totalDebtBase: 1_000_000_000n,
      healthFactorWad: 1_720_000_000_000_000_000n,
      ltvBps: 8_600n,
      badDebtBase: 0n,
    })
    const [loan, held] = found.holdings
    expect(loan).toMatchObject({ asset: usdc, supplyBalance: 3n, collateral: false, price: 10n ** 6n })
    expect(loan?.priceSource).toBe(BASE_UNIT_SOURCE)
    expect(held).toMatchObject({
      asset: weth,
      price: 2_000n * 10n ** 6n,
      bonusBps: 10_438n,
      collateral: true,
    })
    expect('interestUntilSec' in found).toBe(false)
  })

  it('can be liquidated from the price at which 86 % of the collateral no longer covers the debt', () => {
    const prices = morphoRisk.liquidationPrices(inputWith())
    if ('incomplete' in prices) throw new Error(prices.incomplete)
    const [{ liquidationPriceBase, priceBase }] = prices as [(typeof prices)[0]]
    expect(priceBase).toBe(2_000n * 10n ** 6n)
    // 1,000 / 0.86 = 1,162.790697…
    expect(liquidationPriceBase).toBe(1_162_790_697n)
  })

  it('leaves bad debt when the seized collateral repays less than is owed', () => {
    const price = (900n * 10n ** 6n * ORACLE_PRICE_SCALE) / WAD
    const { badDebtBase, healthFactorWad: health } = accountOf({ price })
    expect(health).toBe(774_000_000_000_000_000n)
    // 900 / 1.0438413361169102… = 862.2 and a little, rounded up against the liquidator.
    expect(badDebtBase).toBe(1_000_000_000n - 862_200_001n)
    expect(accountOf({ price: 0n })).toMatchObject({ healthFactorWad: 0n, badDebtBase: 1_000_000_000n })
  })

  it('says until when interest is known where the rate model is not', () => {
    const irm: Hex = `0x${'77'.repeat(20)}`
    expect(accountOf({ irm, elapsedSec: 500 }).interestUntilSec).toBe(1_000)
    expect('interestUntilSec' in accountOf({ irm, elapsedSec: 0 })).toBe(false)
    expect('interestUntilSec' in accountOf({ elapsedSec: 500 })).toBe(false)
  })

  it('is withheld without a price, decimals or coverage', () => {
    const reason = (changes: Changes) => morphoRisk.account(inputWith(changes))
    expect(reason({ price: undefined })).toEqual({ incomplete: `no price for ${weth} from ${oracle}` })
    expect(reason({ complete: false })).toMatchObject({ incomplete: expect.stringContaining('coverage') })
    expect(reason({ loanToken: morpho! })).toEqual({ incomplete: `decimals of ${morpho} are unknown` })
    expect(morphoRisk.account({ ...inputWith(), positions: [] })).toEqual({ incomplete: 'no positions' })
  })
})

describe('the oracle', () => {
  const own = (changes: Partial<Parameters<typeof newMarket>[1]> = {}) =>
    newMarket(
      listing,
      {
        id: ID,
        loanToken: usdc,
        collateralToken: weth,
        oracle: oracle!,
        irm: NO_ADDRESS,
        lltvWad: LLTV,
        ...changes,
      },
      createContext(harbor),
    ).own

  it('is asked for its price, which is of one whole token at 36 + 6 − 18 decimals', () => {
    const [call] = morphoPriceCalls(own(), harbor)
    expect(call).toMatchObject({ asset: weth, source: oracle, to: oracle, data: '0xa035b1fe', decimals: 24 })
    expect(call?.read(`0x${'0'.repeat(63)}7`)).toBe(7n)
    for (const nonsense of ['0x', '0x07', `0x${'0'.repeat(128)}`] as const)
      expect(call?.read(nonsense)).toBeUndefined()
  })

  it('is not asked where a market has none, or decimals are unknown', () => {
    expect(morphoPriceCalls(own({ oracle: NO_ADDRESS }), harbor)).toEqual([])
    expect(morphoPriceCalls(own({ collateralToken: NO_ADDRESS }), harbor)).toEqual([])
    expect(morphoPriceCalls(own({ loanToken: morpho! }), harbor)).toEqual([])
  })
})

const loans = fc.record({
  collateral: fc.bigInt(0n, 10n ** 24n),
  borrowShares: fc.bigInt(1n, 10n ** 24n),
  price: fc.bigInt(1n, 10n ** 40n),
  lltvWad: fc.bigInt(1n, WAD - 1n),
}) satisfies fc.Arbitrary<Loan>
const totalsWith = (loan: Loan) =>
  fc.tuple(fc.bigInt(0n, 10n ** 24n), fc.bigInt(0n, 10n ** 20n)).map(
    ([others, borrowAssets]): MarketTotals => ({
      supplyAssets: borrowAssets * 2n,
      supplyShares: borrowAssets * 2_000_000n,
      borrowAssets,
      borrowShares: loan.borrowShares + others,
    }),
  )
const situations = loans.chain((loan) => totalsWith(loan).map((totals) => ({ loan, totals })))

describe('liquidation', () => {
  it('is refused exactly while the position is healthy', () => {
    fc.assert(
      fc.property(situations, ({ loan, totals }) => {
        const healthy = healthFactorWad(loan, totals) >= WAD
        if (healthy) expect(liquidate(loan, totals, { seizedAssets: 0n })).toBeUndefined()
        else expect(liquidate({ ...loan }, totals, { seizedAssets: 0n })).toBeDefined()
      }),
    )
  })

  it('never gives away more than the incentive, nor strikes off more than is owed', () => {
    fc.assert(
      fc.property(situations, fc.bigInt(1n, 100n), ({ loan, totals }, percent) => {
        for (const request of [
          { seizedAssets: (loan.collateral * percent) / 100n },
          { repaidShares: (loan.borrowShares * percent) / 100n },
        ]) {
          const result = liquidate(loan, totals, request)
          if (result === undefined) continue
          const { repaidAssets, repaidShares, seizedAssets, badDebtAssets, badDebtShares } = result
          const factor = incentiveFactorWad(loan.lltvWad)
          expect(seizedAssets * loan.price * WAD).toBeLessThanOrEqual(
            repaidAssets * factor * ORACLE_PRICE_SCALE,
          )
          expect(repaidShares + badDebtShares).toBeLessThanOrEqual(loan.borrowShares)
          expect(badDebtAssets).toBeLessThanOrEqual(totals.borrowAssets)
          if (seizedAssets < loan.collateral) expect([badDebtAssets, badDebtShares]).toEqual([0n, 0n])
        }
      }),
    )
  })

  it('begins exactly below the greatest unsafe answer of the oracle', () => {
    fc.assert(
      fc.property(situations, ({ loan, totals }) => {
        const answer = greatestUnsafeAnswer(loan, totals)
        if (loan.collateral === 0n) {
          expect(answer).toBeNull()
          return
        }
        const at = (price: bigint) => healthFactorWad({ ...loan, price }, totals) >= WAD
        expect(at(answer!)).toBe(false)
        expect(at(answer! + 1n)).toBe(true)
      }),
    )
  })
})

describeWithData('worked incentive factors', ['vectors/risk-reference-cases.json'], () => {
  it('by loan-to-value', () => {
    const cases = JSON.parse(readFileSync(dataPath('vectors/risk-reference-cases.json')!, 'utf8')) as {
      id: string
      'lltv->lif'?: Record<string, number>
    }[]
    const worked = cases.find(({ id }) => id === 'MORPHO-LIF')!['lltv->lif']!
    expect(Object.keys(worked)).toHaveLength(5)
    for (const [lltv, factor] of Object.entries(worked)) {
      const lltvWad = BigInt(Math.round(Number(lltv) * 1e6)) * 10n ** 12n
      expect(Number(incentiveFactorWad(lltvWad)) / 1e18).toBeCloseTo(factor, 14)
    }
  })
})
