/** Prices from pools: what counts, what is answered, and what forgery cannot move. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import { type DexPrice, type DexPriceInput, dexPrice, type QuotePrice } from '../../src/prices/dex'
import type { DexPool } from '../../src/prices/dex-pool'
import type { MarketState } from '../../src/protocols/types'

const chain = CHAINS.ethereum!
const factory = chain.contracts.find(({ protocol, role }) => protocol === 'uniswap-v2' && role === 'factory')!
const token = (symbol: string) => chain.tokens.find((entry) => entry.symbol === symbol)!.address
const [weth, usdc, dai] = [token('WETH'), token('USDC'), token('DAI')]
const dollar: QuotePrice = { answer: 10n ** 8n, decimals: 8, ageSec: 10, confidenceBps: 10_000 }
const quotes = new Map([
  [usdc, dollar],
  [dai, dollar],
])

/** 1,800 s of 12 s blocks: heights 851 to 1000 vote. */
const head = { height: 1_000, timestampSec: 1_700_012_000 }
const timeOf = (height: number) => head.timestampSec - (head.height - height) * 12
const WINDOW_BLOCKS = 150

interface Quoted {
  height: number
  /** Whole dollars for one WETH. */
  price: number
}

/** A pair of WETH and USDC with 2 k² = WETH reserve · USDC reserve, at the prices that are given by height. */
function pair(prices: readonly Quoted[], { id = 1, weth: size = 2_000 } = {}): DexPool {
  const address = `0x${id.toString(16).padStart(40, '0')}` as const
  const versions = prices.map(({ height, price }) => {
    const root = Math.sqrt(price / 3_000)
    const state = {
      factory: factory.address,
      reserve0: BigInt(Math.round(size * 3_000 * root * 1e6)).toString(),
      reserve1: (BigInt(Math.round((size / root) * 1e9)) * 10n ** 9n).toString(),
    }
    return { height, timestampSec: timeOf(height), state }
  })
  const market: MarketState = {
    id: `1:${address}`,
    protocol: 'uniswap-v2',
    kind: 'pool',
    pool: address,
    revision: 2,
    asset: usdc,
    asset1: weth,
    state: versions.at(-1)!.state,
    complete: true,
  }
  return { market, ticks: [], versions }
}

const ask = (pools: readonly DexPool[], changes: Partial<DexPriceInput> = {}) =>
  dexPrice({ asset: weth, decimals: 18, chain, head, pools, quotes, ...changes })

const dollars = (price: DexPrice | { unknown: string }): number => {
  if ('unknown' in price) throw new Error(price.unknown)
  return Number(price.answer) / 10 ** price.decimals
}

describe('a pool', () => {
  const steady = pair([{ height: 1, price: 3_000 }])

  it('prices the asset in dollars, and says how sure it is', () => {
    const price = ask([steady])
    expect(dollars(price)).toBeCloseTo(3_000, 6)
    expect(price).toMatchObject({
      source: 'dex',
      decimals: 18,
      ageSec: 999 * 12,
      // One pool: 70 %, and unchanged for 11,988 s where 1,800 are the window.
      confidenceBps: Math.floor((7_000 * 1_501) / 10_000),
      pools: [{ marketId: steady.market.id, quote: usdc }],
    })
  })

  it('prices the other token as well', () => {
    const price = ask([steady], {
      asset: usdc,
      decimals: 6,
      quotes: new Map([[weth, { ...dollar, answer: 3_000n * 10n ** 8n }]]),
    })
    expect(dollars(price)).toBeCloseTo(1, 9)
  })

  it.each<[string, (pool: DexPool) => DexPool]>([
    ['is incomplete', (pool) => ({ ...pool, market: { ...pool.market, complete: false } })],
    [
      'was announced by no listed factory',
      (pool) => ({ ...pool, market: { ...pool.market, state: { factory: `0x${'77'.repeat(20)}` } } }),
    ],
    [
      'trades for a token that is not listed',
      (pool) => ({ ...pool, market: { ...pool.market, asset: `0x${'66'.repeat(20)}` } }),
    ],
    [
      'trades for a token without a price',
      (pool) => ({ ...pool, market: { ...pool.market, asset: token('LINK') } }),
    ],
    ['does not trade the asset', (pool) => ({ ...pool, market: { ...pool.market, asset1: dai } })],
    ['is no exchange pool', (pool) => ({ ...pool, market: { ...pool.market, protocol: 'aave-v3' } })],
    ['is moved by 5902 dollars', () => pair([{ height: 1, price: 3_000 }], { weth: 200 })],
    [
      'had no price throughout the window',
      () => pair([{ height: head.height - WINDOW_BLOCKS + 2, price: 3_000 }]),
    ],
    ['had no price throughout the window', (pool) => ({ ...pool, versions: [] })],
  ])('does not count when it %s', (reason, change) => {
    expect(ask([change(steady)])).toEqual({ unknown: `${steady.market.id} ${reason}` })
  })

  it('counts from the day its whole window has been seen', () => {
    expect(ask([pair([{ height: head.height - WINDOW_BLOCKS + 1, price: 3_000 }])])).toHaveProperty('answer')
  })

  it('is not missed silently when there is none', () => {
    expect(ask([])).toEqual({ unknown: 'no pool trades it' })
  })
})
