import { describe, expect, it } from 'vitest'
import { bookJson, parseBook } from '../../src/systemic/book-json'

const good = {
  asOf: { 1: { height: 7, hash: '0xab', timestampSec: 1_700_000_000 } },
  assets: [
    { id: '1:eth', symbol: 'ETH', priceUsd: 2_000, depth: { reserve: 1_000, fee: 0.003 } },
    { id: '1:usd', symbol: 'USDC', priceUsd: 1 },
    { id: '1:thin', priceUsd: 3, depth: { units: 50 } },
  ],
  pools: [{ id: '1:pool', protocol: 'aave-v3', close: { closeShare: 0.5, closeHealth: 0.95 } }],
  markets: [
    { id: '1:pool:eth', pool: '1:pool', asset: '1:eth', ltv: 0.8, threshold: 0.825, bonus: 1.05 },
    { id: '1:pool:usd', pool: '1:pool', asset: '1:usd', borrowCap: 1e6 },
  ],
  positions: [
    {
      account: '1:alice',
      pool: '1:pool',
      collateral: [{ market: '1:pool:eth', units: 10, threshold: 0.9 }],
      debt: [{ market: '1:pool:usd', units: 12_500 }],
    },
    { account: '1:bob', pool: '1:pool', debt: [{ market: '1:pool:usd', units: 1 }] },
  ],
}
const parse = (over: object) => parseBook(JSON.stringify({ ...good, ...over }))

describe('a book in JSON', () => {
  it('is read with the defaults of its markets, and written to read the same again', () => {
    const book = parse({})
    expect(Array.from(book.positions.collateralThreshold)).toEqual([0.9])
    expect(Array.from(book.positions.collateralBonus)).toEqual([1.05])
    expect(Array.from(book.positions.collateralStart)).toEqual([0, 1, 1])
    expect(book.markets.map(({ suppliedUnits, borrowedUnits }) => [suppliedUnits, borrowedUnits])).toEqual([
      [10, 0],
      [0, 12_501],
    ])
    expect(book.assets.map(({ symbol, depth }) => [symbol, depth.kind])).toEqual([
      ['ETH', 'ranges'],
      ['USDC', 'unmoved'],
      ['1:thin', 'linear'],
    ])
    expect(parseBook(bookJson(book))).toEqual(book)
  })

  it('may begin with a byte order mark', () => {
    expect(parseBook(`\uFEFF${JSON.stringify(good)}`).assets).toHaveLength(3)
  })

  it.each([
    ['{', 'the book is not JSON'],
    ['[]', 'the book is [], not an object'],
    ['{}', 'assets is missing'],
    ['null', 'the book is null'],
  ])('%s is refused', (text, message) => {
    expect(() => parseBook(text)).toThrow(message)
  })

  const eth = good.assets[0]!
  const alice = good.positions[0]!
  it.each([
    [{ assets: [{ ...eth, priceUsd: 0 }] }, 'assets[0].priceUsd is 0'],
    [{ assets: [{ ...eth, priceUsd: -1 }] }, 'assets[0].priceUsd is negative'],
    [{ assets: [{ ...eth, priceUsd: null }] }, 'assets[0].priceUsd is null'],
    [{ assets: [{ ...eth, priceUsd: 'NaN' }] }, 'assets[0].priceUsd is "NaN"'],
    [{ assets: [{ ...eth, depth: { reserve: -3 } }] }, 'assets[0].depth.reserve is negative'],
    [{ assets: [{ ...eth, depth: {} }] }, 'assets[0].depth.ranges is missing'],
    [{ assets: [eth, eth] }, 'assets[1].id is "1:eth", as of another'],
    [{ pools: [{ id: '' }] }, 'pools[0].id is "", not a short text'],
    [{ pools: [{ id: '1:pool', close: { closeShare: 0 } }] }, 'nothing could ever be liquidated'],
    [{ markets: [{ id: 'm', pool: 'p', asset: '1:eth' }] }, 'markets[0].pool is "p", which is not given'],
    [{ markets: [{ ...good.markets[0], bonus: 0.5 }] }, 'markets[0].bonus is 0.5, below 1'],
    [{ markets: [{ ...good.markets[0], threshold: 1.5 }] }, 'markets[0].threshold is 1.5, above 1'],
    [
      { positions: [{ ...alice, collateral: [{ market: '1:pool:usd', units: 1 }] }] },
      'positions[0].collateral[0].threshold is missing',
    ],
    [
      { positions: [{ ...alice, debt: [{ market: '1:pool:usd' }] }] },
      'positions[0].debt[0].units is missing',
    ],
    [
      { positions: [{ ...alice, debt: [{ market: '1:pool:usd', units: -1 }] }] },
      'positions[0].debt[0].units is negative',
    ],
    [{ positions: [{ ...alice, account: undefined }] }, 'positions[0].account is missing'],
    [{ asOf: { 1: { height: 'x' } } }, 'asOf.1.height is "x"'],
  ])('names the field that cannot be: %#', (over, message) => {
    expect(() => parse(over)).toThrow(message)
  })

  it('keeps a position within its pool', () => {
    const pools = [...good.pools, { id: '1:other' }]
    const markets = [...good.markets, { id: '1:other:usd', pool: '1:other', asset: '1:usd' }]
    const positions = [{ ...alice, debt: [{ market: '1:other:usd', units: 1 }] }]
    expect(() => parse({ pools, markets, positions })).toThrow("not in the position's pool")
  })
})
