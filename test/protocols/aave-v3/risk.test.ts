import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UINT256_MAX, WAD } from '../../../src/math/fixed-point'
import {
  type AccountData,
  type AccountDataInput,
  accountData,
  liquidationPrices,
} from '../../../src/protocols/aave-v3/risk'
import type { LiquidationPrice } from '../../../src/protocols/lending-risk'
import { accountInput, type ReserveRow } from '../../support/aave-rows'
import { dataPath, describeWithData } from '../../support/data'

function known(input: AccountDataInput): AccountData {
  const data = accountData(input)
  if ('incomplete' in data) throw new Error(data.incomplete)
  return data
}

function pricesOf(input: AccountDataInput): LiquidationPrice[] {
  const found = liquidationPrices(input)
  if ('incomplete' in found) throw new Error(found.incomplete)
  return found
}

function at(input: AccountDataInput, asset: `0x${string}`, price: bigint): AccountDataInput {
  return { ...input, prices: new Map([...input.prices, [asset, price]]) }
}

describe('accountData', () => {
  it('of nobody is nothing, and infinitely healthy', () => {
    const nothing = { totalCollateralBase: 0n, totalDebtBase: 0n, ltvBps: 0n, badDebtBase: 0n }
    const rest = { currentLiquidationThresholdBps: 0n, healthFactorWad: UINT256_MAX }
    expect(accountData(accountInput(1, []))).toEqual({ ...nothing, ...rest })
    expect(accountData(accountInput(10, []))).toEqual({ ...nothing, ...rest })
  })

  it('gives no number when something is unknown', () => {
    const rows: ReserveRow[] = [{ decimals: 18, price: 10n ** 8n, thresholdBps: 8_000, supply: WAD }]
    const input = accountInput(1, rows)
    const [position] = input.positions
    const [[marketId, market]] = [...input.markets] as [
      [string, NonNullable<ReturnType<typeof input.markets.get>>],
    ]
    const cases: AccountDataInput[] = [
      { ...input, revision: 7 },
      { ...input, prices: new Map() },
      at(input, market.asset, 0n),
      at(input, market.asset, -1n),
      { ...input, positions: [{ ...position!, complete: false }] },
      { ...input, markets: new Map() },
      { ...input, markets: new Map([[marketId, { ...market, complete: false }]]) },
      { ...input, markets: new Map([[marketId, { ...market, state: { ...market.state, decimals: null } }]]) },
    ]
    for (const [index, broken] of cases.entries()) {
      expect(accountData(broken), `case ${index}`).toHaveProperty('incomplete')
      expect(liquidationPrices(broken), `case ${index}`).toHaveProperty('incomplete')
    }
    expect(accountData(input)).not.toHaveProperty('incomplete')
  })

  it('equals a case read from a pool of revision 10, to the last digit', () => {
    const data = known(
      accountInput(10, [
        { decimals: 18, price: 1_500n * 10n ** 8n, thresholdBps: 8_250, supply: 34855769230769230770n },
        { decimals: 6, price: 10n ** 8n, debt: 50094490731n, borrowIndexRay: 1003118757596510318173492358n },
        {
          decimals: 8,
          price: 60_000n * 10n ** 8n,
          debt: 10000000n,
          borrowIndexRay: 1000908352434298510928630816n,
        },
      ]),
    )
    expect(data).toMatchObject({
      totalCollateralBase: 5228365384615n,
      totalDebtBase: 5625617370500n,
      healthFactorWad: 766742769411635902n,
    })
    const asRevision1 = known({
      ...accountInput(10, [
        { decimals: 18, price: 1_500n * 10n ** 8n, thresholdBps: 8_250, supply: 34855769230769230770n },
        { decimals: 6, price: 10n ** 8n, debt: 50094490731n, borrowIndexRay: 1003118757596510318173492358n },
        {
          decimals: 8,
          price: 60_000n * 10n ** 8n,
          debt: 10000000n,
          borrowIndexRay: 1000908352434298510928630816n,
        },
      ]),
      revision: 1,
    })
    expect(asRevision1.healthFactorWad).not.toBe(data.healthFactorWad)
  })
})

/** Small numbers, so that every price can be tried: prices below 400, values of a few units of the base currency. */
const reserve = fc.record({
  decimals: fc.constantFrom(0, 1),
  price: fc.bigInt(1n, 60n),
  thresholdBps: fc.integer({ min: 1_000, max: 9_500 }),
  supply: fc.bigInt(1n, 60n),
})
const account = fc
  .record({ collaterals: fc.array(reserve, { minLength: 1, maxLength: 3 }), debt: fc.bigInt(1n, 4_000n) })
  .map(({ collaterals, debt }): ReserveRow[] => [...collaterals, { decimals: 0, price: 1n, debt }])

describe('liquidationPrices', () => {
  it.each([1, 10])('is the greatest unsafe price, found by trying every price (revision %i)', (revision) => {
    let found = 0
    fc.assert(
      fc.property(account, (rows) => {
        const input = accountInput(revision, rows)
        for (const { asset, liquidationPriceBase } of pricesOf(input)) {
          let greatest: bigint | null = null
          for (let price = 1n; price <= 2_000n; price++) {
            if (known(at(input, asset, price)).healthFactorWad < WAD) greatest = price
          }
          if (greatest === 2_000n) continue
          // A price of zero is no price, so 0 says that any price at all is safe.
          expect(liquidationPriceBase ?? 0n).toBe(greatest ?? 0n)
          if (greatest !== null) found++
        }
      }),
      { numRuns: 60 },
    )
    expect(found).toBeGreaterThan(20)
  })

  it('separates safe from unsafe at real magnitudes', () => {
    const rows: ReserveRow[] = [
      { decimals: 18, price: 3_000n * 10n ** 8n, thresholdBps: 8_250, supply: 10n ** 19n + 7n },
      { decimals: 8, price: 60_000n * 10n ** 8n, thresholdBps: 7_500, supply: 12_345_678n },
      { decimals: 6, price: 10n ** 8n, debt: 19_876_543_210n },
    ]
    for (const revision of [1, 10]) {
      const input = accountInput(revision, rows)
      for (const { asset, liquidationPriceBase, priceBase } of pricesOf(input)) {
        if (liquidationPriceBase === null) continue
        expect(liquidationPriceBase < priceBase).toBe(true)
        expect(known(at(input, asset, liquidationPriceBase)).healthFactorWad < WAD).toBe(true)
        for (const above of [1n, 2n, 1_000n, 10n ** 7n]) {
          expect(known(at(input, asset, liquidationPriceBase + above)).healthFactorWad >= WAD).toBe(true)
        }
      }
    }
  })

  it('is null without debt, and when other collateral carries the debt alone', () => {
    const small: ReserveRow = { decimals: 0, price: 100n, thresholdBps: 8_000, supply: 1n }
    const large: ReserveRow = { decimals: 0, price: 100n, thresholdBps: 8_000, supply: 1_000n }
    expect(pricesOf(accountInput(1, [small]))).toMatchObject([{ liquidationPriceBase: null }])
    const carried = pricesOf(accountInput(1, [small, large, { decimals: 0, price: 1n, debt: 5_000n }]))
    expect(carried.map(({ liquidationPriceBase }) => liquidationPriceBase === null)).toEqual([true, false])
  })

  it('is null where a rising price does not heal, because more of the asset is owed than its collateral carries', () => {
    const looped: ReserveRow = { decimals: 0, price: 100n, thresholdBps: 8_000, supply: 10n, debt: 9n }
    expect(pricesOf(accountInput(1, [looped]))).toMatchObject([{ liquidationPriceBase: null }])
  })
})

describeWithData('published cases', ['vectors/risk-reference-cases.json'], () => {
  const cases = new Map<string, Record<string, number>>(
    (
      JSON.parse(readFileSync(dataPath('vectors/risk-reference-cases.json')!, 'utf8')) as { id: string }[]
    ).map((row) => [row.id, row as unknown as Record<string, number>]),
  )
  const base = (usd: number) => BigInt(Math.round(usd * 1e8))
  const hf = cases.get('HF')!
  const input = (priceUsd: number, debtUsd: number, collateral = hf.coll!) =>
    accountInput(1, [
      {
        decimals: 18,
        price: base(priceUsd),
        thresholdBps: hf.LT! * 10_000,
        supply: BigInt(collateral * 1e6) * 10n ** 12n,
      },
      { decimals: 6, price: 10n ** 8n, debt: BigInt(debtUsd * 1e6) },
    ])
  const healthOf = (row: AccountDataInput) => Number(known(row).healthFactorWad) / 1e18

  it('health factor and liquidation price', () => {
    expect(healthOf(input(hf.price!, hf.debt!))).toBeCloseTo(hf.HF!, 12)
    const [weth] = pricesOf(input(hf.price!, hf.debt!))
    expect(Number(weth!.liquidationPriceBase) / 1e8).toBeCloseTo(hf.liqPrice!, 7)
  })

  it('health before and after a liquidation of half the debt', () => {
    const half = cases.get('LIQ-50')!
    expect(healthOf(input(half.price!, hf.debt!))).toBeCloseTo(half.HF!, 12)
    const after = input(half.price!, hf.debt! - half.repay!, hf.coll! - half.seize!)
    expect(healthOf(after)).toBeCloseTo(half.HF_after!, 12)
  })

  it('bad debt of a position under water', () => {
    const toxic = cases.get('LIQ-toxic')! as unknown as {
      price: number
      HF: number
      full: { badDebt: number }
    }
    const data = known(input(toxic.price, hf.debt!))
    expect(Number(data.healthFactorWad) / 1e18).toBeCloseTo(toxic.HF, 12)
    expect(Number(data.badDebtBase) / 1e8).toBeCloseTo(toxic.full.badDebt, 6)
    expect(known(input(hf.price!, hf.debt!)).badDebtBase).toBe(0n)
  })
})
