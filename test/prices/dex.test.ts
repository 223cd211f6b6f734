/** Prices from pools: what counts, what is answered, and what forgery cannot move. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import { type DexPrice, type DexPriceInput, dexPrice, type QuotePrice } from '../../src/prices/dex'
import type { DexPool } from '../../src/prices/dex-pool'
import type { MarketState } from '../../src/protocols/types'
import { sqrtPriceAtTick } from '../../src/protocols/uniswap-v3/tick-price'

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

/** A pair of WETH and USDC that holds `weth` at a price of 3,000, at the prices given by height: its product is constant. */
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

/** Prices between 2,900 and 3,100, a version every few blocks, from before the window on. */
const honestWalk = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 12 }), price: fc.integer({ min: 2_900, max: 3_100 }) }), {
    minLength: 30,
    maxLength: 150,
  })
  .map((steps) => {
    let height = head.height - WINDOW_BLOCKS
    const walk: Quoted[] = []
    for (const { gap, price } of steps) {
      if (height > head.height) break
      walk.push({ height, price })
      height += gap
    }
    return walk
  })
const anyPrice = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 10_000 }), fc.constant(3_000_000))

/** The walk as it is told when somebody sets the price at the end of some blocks; the next block puts it right. */
function forged(walk: readonly Quoted[], forgeries: readonly Quoted[]): Quoted[] {
  const told = new Map(walk.map(({ height, price }) => [height, price]))
  const before = (height: number) => walk.findLast((point) => point.height <= height)!.price
  const set = new Set(forgeries.map(({ height }) => height))
  for (const { height, price } of forgeries) {
    told.set(height, price)
    if (height < head.height && !set.has(height + 1)) told.set(height + 1, before(height + 1))
  }
  return [...told].map(([height, price]) => ({ height, price })).sort((a, b) => a.height - b.height)
}

describe('forgery', () => {
  it('in one block, the newest or any, however far, leaves the answer among the other blocks’ prices', () => {
    const height = fc.oneof(
      fc.constant(head.height),
      fc.integer({ min: head.height - WINDOW_BLOCKS + 1, max: head.height }),
    )
    fc.assert(
      fc.property(honestWalk, height, anyPrice, (walk, at, price) => {
        const honest = ask([pair(walk)])
        const moved = ask([pair(forged(walk, [{ height: at, price }]))])
        expect(dollars(moved)).toBeGreaterThan(2_899.99)
        expect(dollars(moved)).toBeLessThan(3_100.01)
        // One vote of 150 moves the median by one block end at most.
        const prices = Array.from({ length: WINDOW_BLOCKS }, (_, i) => {
          return walk.findLast((point) => point.height <= head.height - i)!.price
        }).sort((a, b) => a - b)
        const [low, high] = [prices[WINDOW_BLOCKS / 2 - 2]!, prices[WINDOW_BLOCKS / 2]!]
        expect(dollars(honest)).toBeCloseTo(prices[WINDOW_BLOCKS / 2 - 1]!, 3)
        expect(dollars(moved)).toBeGreaterThanOrEqual(low - 0.001)
        expect(dollars(moved)).toBeLessThanOrEqual(high + 0.001)
      }),
    )
  })

  it('in fewer than half of the blocks leaves it among the others’, in half of them it does not', () => {
    const heights = fc.uniqueArray(fc.integer({ min: 0, max: WINDOW_BLOCKS - 1 }), {
      maxLength: WINDOW_BLOCKS / 2 - 1,
    })
    fc.assert(
      fc.property(honestWalk, heights, anyPrice, (walk, back, price) => {
        const moved = ask(
          [
            pair(
              forged(
                walk,
                back.map((blocks) => ({ height: head.height - blocks, price })),
              ),
            ),
          ],
          {
            rules: { depthFloorUsd: 1 },
          },
        )
        expect(dollars(moved)).toBeGreaterThan(2_899.99)
        expect(dollars(moved)).toBeLessThan(3_100.01)
      }),
    )
    const crashed = [
      { height: 1, price: 3_000 },
      { height: head.height - WINDOW_BLOCKS / 2, price: 2_000 },
    ]
    expect(dollars(ask([pair(crashed)]))).toBeCloseTo(2_000, 3)
  })

  it('of the newest price costs confidence, not the answer', () => {
    const walk = [{ height: 1, price: 3_000 }]
    const spiked = ask([pair([...walk, { height: head.height, price: 3_900 }])])
    expect(dollars(spiked)).toBeCloseTo(3_000, 3)
    expect(spiked).toMatchObject({ ageSec: 10, confidenceBps: Math.floor((7_000 * 7_000) / 10_000) })
  })

  it('by pools that nobody announced, that are young, or shallow, moves nothing', () => {
    const honest = pair([{ height: 1, price: 3_000 }])
    const alone = ask([honest])
    fc.assert(
      fc.property(anyPrice, fc.integer({ min: 1, max: 10 ** 6 }), (price, weth) => {
        const fake = pair([{ height: 1, price }], { id: 2, weth })
        const unannounced = {
          ...fake,
          market: { ...fake.market, state: { ...fake.market.state, factory: `0x${'99'.repeat(20)}` } },
        }
        const young = pair([{ height: head.height - WINDOW_BLOCKS / 2, price }], { id: 3, weth })
        const shallow = pair([{ height: 1, price }], { id: 4, weth: 3 })
        expect(ask([honest, unannounced, young, shallow])).toEqual(alone)
      }),
    )
  })

  it('of deep pools that hold less than half of the depth leaves the answer to the others', () => {
    fc.assert(
      fc.property(anyPrice, fc.integer({ min: 2_950, max: 3_050 }), (price, second) => {
        // A pair's depth in dollars grows with the root of its price, so the forger's size is cut to stay below half.
        const weth = 3_000 / Math.sqrt(price / 3_000)
        const pools = [
          pair([{ height: 1, price: 3_000 }], { id: 1, weth: 2_000 }),
          pair([{ height: 1, price: second }], { id: 2, weth: 2_000 }),
          pair([{ height: 1, price }], { id: 3, weth }),
        ]
        const answer = ask(pools)
        if ('unknown' in answer) throw new Error(answer.unknown)
        const [one, two, forger] = answer.pools
        expect(forger!.depthUsd).toBeLessThan(one!.depthUsd + two!.depthUsd)
        expect(dollars(answer)).toBeGreaterThan(Math.min(3_000, second) - 0.001)
        expect(dollars(answer)).toBeLessThan(Math.max(3_000, second) + 0.001)
      }),
    )
  })
})

describe('a pool with ranges', () => {
  const v3Factory = chain.contracts.find(
    ({ protocol, role }) => protocol === 'uniswap-v3' && role === 'factory',
  )!
  const TICK = 196_256
  const SPACING = 10

  /** USDC and WETH around 3,000 dollars; liquidity by height, and the positions of today. */
  function ranged(
    liquidity: readonly { height: number; amount: bigint; tick?: number }[],
    positions: readonly { lower: number; upper: number; amount: bigint }[],
  ): DexPool {
    const address = `0x${'c0'.repeat(20)}` as const
    const versions = liquidity.map(({ height, amount, tick = TICK }) => ({
      height,
      timestampSec: timeOf(height),
      state: {
        factory: v3Factory.address,
        feePips: 500,
        tickSpacing: SPACING,
        sqrtPriceX96: sqrtPriceAtTick(tick).toString(),
        tick,
        liquidity: amount.toString(),
      },
    }))
    const market: MarketState = {
      ...pair([{ height: 1, price: 1 }]).market,
      id: `1:${address}`,
      protocol: 'uniswap-v3',
      pool: address,
      state: versions.at(-1)!.state,
    }
    const sums = positions.flatMap(({ lower, upper, amount }) => [
      [`from:${lower}`, amount.toString()],
      [`to:${upper}`, amount.toString()],
    ])
    const row: MarketState = {
      ...market,
      id: `${market.id}:ticks:0`,
      kind: 'ticks',
      state: Object.fromEntries(sums),
    }
    return { market, ticks: [row], versions }
  }

  /** The liquidity of a pair with 2,000 WETH and 6,000,000 USDC. */
  const DEEP = 109_544_511_501_033_222n
  const everywhere = { lower: -887_270, upper: 887_270, amount: DEEP }

  it('counts like a pair of that liquidity', () => {
    const pool = ranged([{ height: 1, amount: DEEP }], [everywhere])
    const [v3, v2] = [ask([pool]), ask([pair([{ height: 1, price: 3_000 }])])]
    if ('unknown' in v3 || 'unknown' in v2) throw new Error('unknown')
    expect(dollars(v3)).toBeCloseTo(1e12 / 1.0001 ** TICK, 6)
    expect(Number(v3.pools[0]!.depthUsd) / Number(v2.pools[0]!.depthUsd)).toBeCloseTo(1, 2)
  })

  it('gains no weight by liquidity of one block, of a narrow range, or out of range', () => {
    const depthOf = (pool: DexPool) => {
      const price = ask([pool])
      return 'unknown' in price ? price.unknown : price.pools[0]!.depthUsd
    }
    const honest = depthOf(ranged([{ height: 1, amount: DEEP }], [everywhere]))
    const flashed = [
      { height: 1, amount: DEEP },
      { height: head.height, amount: DEEP * 1_000n },
    ]
    expect(depthOf(ranged(flashed, [{ ...everywhere, amount: DEEP * 1_000n }]))).toBe(honest)
    const beside = { lower: TICK - 6 - 9_000, upper: TICK - 6 - 6_000, amount: DEEP * 1_000n }
    expect(depthOf(ranged([{ height: 1, amount: DEEP }], [everywhere, beside]))).toBe(honest)
    // All the liquidity that the row tells of lies within a tenth of a per cent: what moves the price by 2 is little.
    const narrow = { lower: TICK - 6, upper: TICK + 4, amount: DEEP }
    expect(depthOf(ranged([{ height: 1, amount: DEEP }], [narrow]))).toMatch(/is moved by \d{3,4} dollars/)
  })

  it('keeps price and depth when one block ends far outside its ranges', () => {
    const around = { lower: TICK - 6 - 2_000, upper: TICK - 6 + 2_000, amount: DEEP }
    const calm = ask([ranged([{ height: 1, amount: DEEP }], [around])])
    const spiked = ask([
      ranged(
        [
          { height: 1, amount: DEEP },
          { height: head.height, amount: 0n, tick: TICK + 300_000 },
        ],
        [around],
      ),
    ])
    if ('unknown' in calm || 'unknown' in spiked) throw new Error('unknown')
    expect(spiked.answer).toBe(calm.answer)
    expect(spiked.pools).toEqual(calm.pools)
    expect(spiked.confidenceBps).toBeLessThan(calm.confidenceBps)
  })
})
