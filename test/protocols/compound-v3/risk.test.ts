/** Health of accounts in a comet, interest curves and absorption, against numbers worked by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { balanceAfterAbsorb, quoteCollateralDown } from '../../../src/protocols/compound-v3/absorb'
import { presentValue, principalValue, ratePerSecondWad } from '../../../src/protocols/compound-v3/interest'
import { compoundV3Risk } from '../../../src/protocols/compound-v3/risk'
import type { RiskInput } from '../../../src/protocols/lending-risk'
import { PROTOCOLS } from '../../../src/protocols/registry'
import { word } from '../../support/logs'
import {
  baseId,
  birth,
  collateral,
  createComet,
  createFold,
  ethereum,
  FEED,
  poolId,
  STORE_FRONT,
  USDC,
  WAD,
  WBTC,
  WETH,
} from './comet-world'

const alice: Hex = `0x${'a1'.repeat(20)}`
const bank: Hex = `0x${'ba'.repeat(20)}`
const usd = (dollars: number) => BigInt(Math.round(dollars * 1e8))

function world({ ether = 10n * WAD, bitcoin = 0n, debt = 12_000_000_000n } = {}) {
  const { state, fold } = createFold()
  const comet = createComet()
  fold(...birth(), ...comet.supply(bank, 10n ** 14n))
  if (ether > 0n) fold(collateral('Supply', alice, alice, WETH, ether))
  if (bitcoin > 0n) fold(collateral('Supply', alice, alice, WBTC, bitcoin))
  if (debt > 0n) fold(...comet.withdraw(alice, debt))
  const input = (prices: { ether?: bigint; bitcoin?: bigint; dollar?: bigint } = {}): RiskInput => {
    const byAsset: Record<Hex, bigint> = {
      [WETH]: prices.ether ?? usd(2_000),
      [WBTC]: prices.bitcoin ?? usd(30_000),
      [USDC]: prices.dollar ?? usd(1),
    }
    return {
      positions: [...state.positions.values()].filter(({ account }) => account === alice),
      markets: state.markets,
      price: (asset, source) =>
        source === FEED[asset] ? { answer: byAsset[asset]!, decimals: 8 } : undefined,
      timestampSec: comet.now(),
    }
  }
  return { state, fold, comet, input }
}

function accountOf(input: RiskInput) {
  const data = compoundV3Risk.account(input)
  if ('incomplete' in data) throw new Error(data.incomplete)
  return data
}

describe('an account in a comet', () => {
  it('is the worked case: 10 ether at 2000, factor 0.825, debt 12000', () => {
    expect(accountOf(world().input())).toMatchObject({
      totalCollateralBase: usd(20_000),
      totalDebtBase: usd(12_000),
      healthFactorWad: 1_375_000_000_000_000_000n,
      ltvBps: 8_000n,
      currentLiquidationThresholdBps: 8_250n,
      badDebtBase: 0n,
      base: { asset: null, decimals: 8 },
    })
  })

  it('can be absorbed up to exactly the liquidation price', () => {
    const { input } = world()
    const [line] = compoundV3Risk.liquidationPrices(input()) as { liquidationPriceBase: bigint }[]
    expect(line).toMatchObject({ asset: WETH, liquidationPriceBase: 145_454_545_454n })
    expect(accountOf(input({ ether: line!.liquidationPriceBase })).healthFactorWad).toBeLessThan(WAD)
    expect(
      accountOf(input({ ether: line!.liquidationPriceBase + 1n })).healthFactorWad,
    ).toBeGreaterThanOrEqual(WAD)
  })

  it('weighs each collateral by its own factor', () => {
    const data = accountOf(world({ bitcoin: 50_000_000n, debt: 20_000_000_000n }).input())
    // (20000 · 0.825 + 15000 · 0.77) / 20000
    expect(data.healthFactorWad).toBe(1_402_500_000_000_000_000n)
    expect(data.currentLiquidationThresholdBps).toBe(8_014n)
  })

  it('owes interest to the block’s time, whether or not the comet has accrued it', () => {
    const { comet, input, fold } = world()
    const before = accountOf(input())
    comet.wait(31_536_000)
    const later = accountOf(input())
    expect(later.totalDebtBase).toBeGreaterThan((before.totalDebtBase * 1_015n) / 1_000n)
    fold(...comet.supply(bank, 1n))
    expect(accountOf(input()).totalDebtBase).toBe(later.totalDebtBase)
    expect(later.totalDebtBase).toBe(-comet.present(comet.principal(alice)) * 100n)
  })

  it('without debt cannot be absorbed, and its base supply is no collateral', () => {
    const { comet, fold, input } = world({ debt: 0n })
    fold(...comet.supply(alice, 5_000_000n))
    const data = accountOf(input())
    expect(data).toMatchObject({ healthFactorWad: 2n ** 256n - 1n, totalCollateralBase: usd(20_000) })
    expect(data.holdings.find(({ asset }) => asset === USDC)).toMatchObject({
      supplyBalance: 5_000_000n,
      collateral: false,
    })
    expect(compoundV3Risk.liquidationPrices(input())).toMatchObject([{ liquidationPriceBase: null }])
  })

  it.each<[string, (input: RiskInput) => RiskInput, RegExp]>([
    ['a price is missing', (input) => ({ ...input, price: () => undefined }), /no positive price/],
    ['its market is unknown', (input) => ({ ...input, markets: new Map() }), /is unknown/],
    [
      'some debts of the comet are unknown',
      (input) => ({
        ...input,
        markets: new Map(
          [...input.markets].map(([id, row]) => [id, id === poolId ? { ...row, complete: false } : row]),
        ),
      }),
      /not all known/,
    ],
    [
      'the comet’s configuration is unknown',
      (input) => ({
        ...input,
        markets: new Map(
          [...input.markets].map(([id, row]) => [id, { ...row, state: { ...row.state, configured: false } }]),
        ),
      }),
      /configuration .* is unknown/,
    ],
  ])('is withheld when %s', (_, spoil, reason) => {
    const data = compoundV3Risk.account(spoil(world().input()))
    expect('incomplete' in data && data.incomplete).toMatch(reason)
  })

  it('has a health factor below one exactly when worth is less than debt, rising with the price', () => {
    const amount = fc.bigInt(1n, 10n ** 22n)
    fc.assert(
      fc.property(amount, fc.bigInt(1n, 10n ** 13n), fc.bigInt(1n, 10n ** 13n), (ether, debt, price) => {
        const { input } = world({ ether, debt })
        const data = accountOf(input({ ether: price }))
        const worth = (((ether * price) / WAD) * 825n) / 1_000n
        expect(data.healthFactorWad < WAD).toBe(worth < debt * 100n)
        expect(accountOf(input({ ether: price + 1n })).healthFactorWad).toBeGreaterThanOrEqual(
          data.healthFactorWad,
        )
      }),
      { numRuns: 60 },
    )
  })
})

describe('interest curves', () => {
  it('bend at the kink: 2.5 % at it, 80.5 % at full use (slopes 2.5 / 0.9 % and 780 %)', () => {
    const yearly = { borrowKink: String((WAD * 9n) / 10n), borrowPerYearBase: '0' }
    const slopes = {
      borrowPerYearSlopeLow: String(WAD / 36n),
      borrowPerYearSlopeHigh: String((WAD * 78n) / 10n),
    }
    const rate = (percent: bigint) =>
      Number(ratePerSecondWad({ ...yearly, ...slopes }, 'borrow', (WAD * percent) / 100n) * 31_536_000n) /
      1e18
    expect(rate(0n)).toBe(0)
    expect(rate(45n)).toBeCloseTo(0.0125, 8)
    expect(rate(90n)).toBeCloseTo(0.025, 8)
    expect(rate(95n)).toBeCloseTo(0.415, 8)
    expect(rate(100n)).toBeCloseTo(0.805, 8)
  })
})

describe('principals', () => {
  it('round for the comet: a balance kept is never more supply, nor less debt', () => {
    const index = fc.bigInt(10n ** 15n, 10n ** 18n)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 28n), index, index, (balance, supplyIndex, borrowIndex) => {
        const books = { supplyIndex, borrowIndex, totalSupply: 0n, totalBorrow: 0n, lastAccrualSec: 0 }
        const supply = presentValue(principalValue(balance, books), books)
        const debt = -presentValue(principalValue(-balance, books), books)
        expect(supply <= balance && balance - supply <= supplyIndex / 10n ** 15n + 1n).toBe(true)
        expect(debt >= balance && debt - balance <= borrowIndex / 10n ** 15n + 1n).toBe(true)
      }),
    )
  })
})

describe('an absorption', () => {
  const base = { price: usd(1), scale: 10n ** 6n }
  const ether = { price: usd(1_400), scale: WAD, liquidationFactorWad: (WAD * 95n) / 100n }

  it('credits the collateral less its penalty: 10 ether at 1400, 5 % penalty, debt 12000 leaves 1300', () => {
    expect(balanceAfterAbsorb(12_000_000_000n, [{ ...ether, amount: 10n * WAD }], base)).toBe(1_300_000_000n)
  })

  it('leaves nothing, and the rest to reserves, when the collateral does not pay', () => {
    expect(balanceAfterAbsorb(14_000_000_000n, [{ ...ether, amount: 10n * WAD }], base)).toBe(0n)
    expect(balanceAfterAbsorb(1n, [], base)).toBe(0n)
  })

  it('sells at half the penalty below the price: 1365 buys one ether at 1400', () => {
    expect(quoteCollateralDown(1_365_000_000n, ether, base, STORE_FRONT)).toBe(WAD)
    expect(quoteCollateralDown(1_364_999_999n, ether, base, STORE_FRONT)).toBeLessThan(WAD)
  })
})

describe('a comet’s prices', () => {
  it('are asked of each asset’s feed, and an answer that is not positive is none', () => {
    const { state } = world()
    const calls = PROTOCOLS['compound-v3']!.priceCalls!
    const [call] = calls(state.market(baseId)!, ethereum)
    expect(call).toMatchObject({
      asset: USDC,
      source: FEED[USDC],
      to: FEED[USDC],
      data: '0xfeaf968c',
      decimals: 8,
    })
    const answer = (value: bigint): Hex => `0x${[1n, value, 0n, 0n, 1n].map(word).join('')}`
    expect(call!.read(answer(usd(1)))).toBe(usd(1))
    for (const bad of [answer(0n), answer(-1n), '0x' as Hex]) expect(call!.read(bad)).toBeUndefined()
    expect(calls(state.market(poolId)!, ethereum)).toEqual([])
  })
})
