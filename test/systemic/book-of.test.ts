import { describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { type PricePoint, priceLine } from '../../src/prices/price-line'
import type { MarketState, PositionState } from '../../src/protocols/types'
import { joinBooks } from '../../src/systemic/book-join'
import { type BookInput, bookOf } from '../../src/systemic/book-of'
import { address, CHAIN_ID, chain, FEEDS, POOL, reserve, USDC, WETH } from '../scorer/ledger'

const OTHER_POOL: Hex = `0x${'a9'.padStart(40, '0')}`
const OTHER_FEED: Hex = `0x${'f9'.padStart(40, '0')}`
const FACTORY: Hex = `0x${'fa'.padStart(40, '0')}`
const WAD = 10n ** 18n

function still(asset: Hex, pool: Hex = POOL, feed?: Hex): MarketState {
  const market = reserve(asset)
  const state = { ...market.state, variableBorrowRateRay: '0', ...(feed && { priceFeed: feed }) }
  return { ...market, id: `${CHAIN_ID}:${pool}:${asset}`, pool, state }
}

function held(account: Hex, asset: Hex, over: Partial<PositionState>): PositionState {
  const pool = over.pool ?? POOL
  return {
    ...{ account, marketId: `${CHAIN_ID}:${pool}:${asset}`, protocol: 'aave-v3', pool },
    ...{ scaledSupply: 0n, scaledDebt: 0n, collateralEnabled: true, complete: true },
    ...over,
  }
}

const price = (asset: Hex, usd: number, source: Hex = FEEDS[asset]!): PricePoint => ({
  ...{ assetId: `${CHAIN_ID}:${asset}`, source, validFromBlock: 1, timestampSec: 1_700_000_001 },
  ...{ answer: BigInt(Math.round(usd * 1e8)), decimals: 8 },
})

function pair(over: Partial<MarketState> = {}, state: MarketState['state'] = {}): MarketState {
  return {
    ...{
      id: `${CHAIN_ID}:${address(77)}`,
      protocol: 'uniswap-v2',
      kind: 'pool',
      pool: address(77),
      revision: 0,
    },
    ...{ asset: WETH, asset1: USDC, complete: true },
    state: {
      factory: FACTORY,
      reserve0: (100n * WAD).toString(),
      reserve1: (200_000n * 10n ** 6n).toString(),
      ...state,
    },
    ...over,
  }
}

function input(
  positions: PositionState[],
  over: { prices?: PricePoint[]; markets?: MarketState[]; exchanges?: MarketState[] } = {},
): BookInput {
  const { prices = [price(WETH, 2_000), price(USDC, 1)], markets = [still(WETH), still(USDC)] } = over
  const factory = {
    address: FACTORY,
    protocol: 'uniswap-v2',
    role: 'factory',
    label: 'factory',
    deployedAtBlock: 0,
  }
  return {
    positions: {
      at: { chainId: CHAIN_ID, height: 100, hash: '0x01', timestampSec: 1_700_000_100 },
      positions,
      markets: new Map(markets.map((market) => [market.id, market])),
      prices: priceLine(prices),
      market: { prices: new Map(), called: undefined, chain },
    },
    exchanges: over.exchanges ?? [],
    chain: { tokens: chain.tokens, contracts: [...chain.contracts, factory] },
    symbols: new Map(),
  }
}

const ALICE = address(1)
const loan = [
  held(ALICE, WETH, { scaledSupply: 10n * WAD }),
  held(ALICE, USDC, { scaledDebt: 12_500_000_000n }),
]

describe('a book', () => {
  it('of nobody is empty', () => {
    const book = bookOf(input([]))
    expect([book.assets, book.markets, book.pools, book.positions.accountIds]).toEqual([[], [], [], []])
  })

  it('counts a lender without debt in its market, but as no position', () => {
    const book = bookOf(
      input([...loan, held(address(2), USDC, { scaledSupply: 5_000_000n, collateralEnabled: false })]),
    )
    expect(book.positions.accountIds).toEqual([`${CHAIN_ID}:${ALICE}`])
    expect(book.markets.map(({ suppliedUnits, borrowedUnits }) => [suppliedUnits, borrowedUnits])).toEqual([
      [10, 0],
      [5, 12_500],
    ])
    expect(Array.from(book.positions.collateralThreshold)).toEqual([0.825])
  })

  it('leaves out, with amounts, whoever owes what has no price', () => {
    const book = bookOf(input(loan, { prices: [price(WETH, 2_000)] }))
    expect(book.positions.accountIds).toEqual([])
    expect(book.unpriced).toEqual([
      {
        ...{
          assetId: `${CHAIN_ID}:${USDC}`,
          symbol: 'USDC',
          suppliedUnits: 0,
          borrowedUnits: 12_500,
          positions: 1,
        },
        reason: 'its pool has no price for it',
      },
    ])
    expect(book.withheld).toEqual([])
  })

  it('leaves out, by reason, whoever is unknown otherwise', () => {
    const book = bookOf(input([{ ...loan[0]!, complete: false }, loan[1]!]))
    expect(book.positions.accountIds).toEqual([])
    expect(book.withheld).toEqual([
      { reason: `position in ${loan[0]!.marketId} began before its coverage`, positions: 1 },
    ])
  })

  it('takes an asset that pools price alike for one, and keeps every value at its own pool’s price', () => {
    const other = held(address(2), WETH, { pool: OTHER_POOL, scaledSupply: 2n * WAD })
    const owed = held(address(2), USDC, { pool: OTHER_POOL, scaledDebt: 1_000_000_000n })
    const book = bookOf(
      input([...loan, other, owed], {
        prices: [price(WETH, 2_000), price(WETH, 2_020, OTHER_FEED), price(USDC, 1)],
        markets: [still(WETH), still(USDC), still(WETH, OTHER_POOL, OTHER_FEED), still(USDC, OTHER_POOL)],
      }),
    )
    expect(book.assets.map(({ symbol, priceUsd }) => [symbol, priceUsd])).toEqual([
      ['WETH', 2_000],
      ['USDC', 1],
    ])
    expect(Array.from(book.positions.collateralUnits)).toEqual([10, 2 * 1.01])
  })

  it('gives an oracle that disagrees an asset of its own, without depth', () => {
    const other = held(address(2), WETH, { pool: OTHER_POOL, scaledSupply: 2n * WAD })
    const book = bookOf(
      input([...loan, other, held(address(2), USDC, { pool: OTHER_POOL, scaledDebt: 1_000_000n })], {
        prices: [price(WETH, 2_000), price(WETH, 1_000, OTHER_FEED), price(USDC, 1)],
        markets: [still(WETH), still(USDC), still(WETH, OTHER_POOL, OTHER_FEED), still(USDC, OTHER_POOL)],
        exchanges: [pair()],
      }),
    )
    const own = book.assets.find(({ id }) => id.endsWith(`@${OTHER_FEED}`))
    expect(own).toMatchObject({ symbol: 'WETH', priceUsd: 1_000, depth: { kind: 'unmoved' } })
    expect(book.assets.find(({ id }) => id === `${CHAIN_ID}:${WETH}`)!.depth.kind).toBe('ranges')
  })

  it.each([
    ['is empty', pair({}, { reserve0: '0' }), 'an empty pool has no depth'],
    ['has a reserve below zero', pair({}, { reserve1: '-5' }), 'negative'],
    ['has no reserves', pair({}, { reserve0: null }), 'its reserves are not known'],
    ['is incomplete', pair({ complete: false }), 'began before its coverage'],
    ['is a stranger’s', pair({}, { factory: address(9) }), 'no listed factory'],
    ['trades for what has no price', pair({ asset1: address(8) }), 'has no price'],
  ])('names a pool that %s, and does without it', (_what, pool, reason) => {
    const book = bookOf(input(loan, { exchanges: [pool] }))
    expect(book.assets[0]!.depth.kind).toBe('unmoved')
    expect(book.unusedPools).toEqual([{ id: pool.id, reason: expect.stringContaining(reason) }])
  })

  it('adds up the liquidity of pools', () => {
    const one = bookOf(input(loan, { exchanges: [pair()] })).assets[0]!.depth
    const twin = pair({ id: `${CHAIN_ID}:${address(78)}`, pool: address(78) })
    const two = bookOf(input(loan, { exchanges: [pair(), twin] })).assets[0]!.depth
    if (one.kind !== 'ranges' || two.kind !== 'ranges') throw new Error('no ranges')
    expect(one.liquidity[0]).toBeCloseTo(100 * Math.sqrt(2_000), 8)
    expect(Array.from(two.liquidity)).toEqual([2 * one.liquidity[0]!])
    expect(two.fee).toBeCloseTo(0.003, 12)
  })

  it('does not depend on the order of rows', () => {
    const rows = [...loan, held(address(2), WETH, { scaledSupply: WAD, scaledDebt: WAD / 2n })]
    expect(bookOf(input([...rows].reverse()))).toEqual(bookOf(input(rows)))
  })
})

describe('joined books', () => {
  const one = bookOf(input(loan))
  const other = {
    ...one,
    asOf: { 7: Object.values(one.asOf)[0]! },
    assets: one.assets.map((asset) => ({ ...asset, id: `7:${asset.id}` })),
  }

  it('keep every position with its own market, pool and asset', () => {
    const both = joinBooks([one, other])
    expect(Object.keys(both.asOf)).toEqual(['7', String(CHAIN_ID)])
    expect(Array.from(both.positions.pool)).toEqual([0, 1])
    expect(Array.from(both.positions.collateralStart)).toEqual([0, 1, 2])
    expect(Array.from(both.positions.collateralMarket)).toEqual([0, 2])
    expect(Array.from(both.positions.debtMarket)).toEqual([1, 3])
    expect(both.markets.map(({ asset, pool }) => [asset, pool])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ])
  })

  it('of one chain twice, or of none, are refused', () => {
    expect(() => joinBooks([one, one])).toThrow(`two books describe chain ${CHAIN_ID}`)
    expect(() => joinBooks([])).toThrow('no book')
  })
})
