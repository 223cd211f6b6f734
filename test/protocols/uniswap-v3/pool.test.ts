/** A pool's life from its logs: what the fold knows, that it stays whole, and that rounding never costs the pool. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS, PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { MarketState, RawLog } from '../../../src/protocols/types'
import { poolPrice, poolRules, quoteExactInput, uniswapV3Amm } from '../../../src/protocols/uniswap-v3/depth'
import { amount0Down, amount0Up, amount1Down, amount1Up } from '../../../src/protocols/uniswap-v3/sqrt-price'
import { tradeExactInput } from '../../../src/protocols/uniswap-v3/swap'
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE, sqrtPriceAtTick } from '../../../src/protocols/uniswap-v3/tick-price'
import { liquidityAt, tickTable } from '../../../src/protocols/uniswap-v3/ticks'
import { log, STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const factory = ethereum.contracts.find(
  ({ protocol, role }) => protocol === 'uniswap-v3' && role === 'factory',
)!
const [usdc, weth] = ['USDC', 'WETH'].map(
  (symbol) => ethereum.tokens.find((t) => t.symbol === symbol)!.address,
)
const pool: Hex = `0x${'f0'.repeat(20)}`
const owner: Hex = `0x${'a1'.repeat(20)}`
const SPACING = 60

const created = (tickSpacing = SPACING) =>
  log(
    factory.address,
    'PoolCreated(address,address,uint24,int24,address)',
    [usdc!, weth!, 3_000n],
    [tickSpacing, pool],
  )
const initialized = (tick: number) =>
  log(pool, 'Initialize(uint160,int24)', [], [sqrtPriceAtTick(tick), tick])

interface Range {
  lower: number
  upper: number
}
type Amounts = readonly [bigint, bigint]
const minted = ({ lower, upper }: Range, liquidity: bigint, [in0, in1]: Amounts = [0n, 0n], emitter = pool) =>
  log(
    emitter,
    'Mint(address,address,int24,int24,uint128,uint256,uint256)',
    [owner, lower, upper],
    [owner, liquidity, in0, in1],
  )
const burned = ({ lower, upper }: Range, liquidity: bigint) =>
  log(pool, 'Burn(address,int24,int24,uint128,uint256,uint256)', [owner, lower, upper], [liquidity, 0n, 0n])
const collected = ({ lower, upper }: Range, [out0, out1]: Amounts) =>
  log(
    pool,
    'Collect(address,address,int24,int24,uint128,uint128)',
    [owner, lower, upper],
    [owner, out0, out1],
  )

function follow() {
  const state = createMemoryState()
  const context = createContext(ethereum)
  return {
    fold: (...logs: RawLog[]) => foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context),
    pool: () => state.market(`1:${pool}`)!,
    rows: () => [...state.markets.values()].filter(({ kind }) => kind === 'ticks'),
    markets: state.markets,
  }
}

describe('a pool', () => {
  it('keeps each tick in a row for 64 spacings, which emits nothing', () => {
    const chain = follow()
    chain.fold(
      created(),
      initialized(0),
      minted({ lower: -60, upper: 3_840 }, 7n),
      minted({ lower: -3_840, upper: -60 }, 2n),
    )
    expect(chain.rows().map(({ id, state }) => [id, state])).toEqual([
      [`1:${pool}:ticks:-1`, { 'from:-60': '7', 'from:-3840': '2', 'to:-60': '2' }],
      [`1:${pool}:ticks:1`, { 'to:3840': '7' }],
    ])
    expect(chain.rows().map((row) => PROTOCOLS['uniswap-v3']!.emitters!(row))).toEqual([[], []])
    expect(chain.pool()).toMatchObject({ kind: 'pool', state: { liquidity: '7', tick: 0 } })
  })

  it('is not moved by a burn of nothing, and forgets a tick that nobody uses', () => {
    const chain = follow()
    const range = { lower: -60, upper: 60 }
    chain.fold(created(), initialized(0), minted(range, 7n))
    const before = structuredClone([...chain.markets])
    chain.fold(burned(range, 0n), burned({ lower: 600, upper: 660 }, 0n))
    expect([...chain.markets]).toEqual(before)
    chain.fold(burned(range, 7n))
    expect(chain.rows().map(({ state }) => state)).toEqual([{}, {}])
    expect(chain.pool()).toMatchObject({ complete: true, state: { liquidity: '0' } })
  })

  it.each<[string, RawLog]>([
    ['burns', burned({ lower: -60, upper: 60 }, 8n)],
    ['burns of another range', burned({ lower: -120, upper: 60 }, 1n)],
    ['payments', collected({ lower: -60, upper: 60 }, [1n, 0n])],
  ])('is incomplete for good after %s of what was never seen to come in', (_, surprising) => {
    const chain = follow()
    chain.fold(created(), initialized(0), minted({ lower: -60, upper: 60 }, 7n), surprising)
    expect(chain.pool().complete).toBe(false)
    chain.fold(minted({ lower: -60, upper: 60 }, 100n, [9n, 9n]))
    expect(chain.pool().complete).toBe(false)
    for (const row of chain.rows())
      for (const sum of Object.values(row.state)) expect(BigInt(sum!)).toBeGreaterThan(0n)
  })

  it('is not moved by a stranger, and quarantines what is no range', () => {
    const chain = follow()
    chain.fold(created(), initialized(0))
    const before = structuredClone([...chain.markets])
    const { undecodable } = chain.fold(
      minted({ lower: -60, upper: 60 }, 5n, [1n, 1n], STRANGER),
      minted({ lower: 60, upper: 60 }, 5n),
      minted({ lower: -887_340, upper: 60 }, 5n),
      burned({ lower: 0, upper: 887_273 }, 5n),
    )
    expect(undecodable.map(({ reason }) => reason)).toEqual([
      'no range of ticks: 60 to 60',
      'no range of ticks: -887340 to 60',
      'no range of ticks: 0 to 887273',
    ])
    expect([...chain.markets]).toEqual(before)
    expect(follow().fold(created(0)).undecodable).toHaveLength(1)
  })

  it('has no price before it is initialised, and no depth without liquidity', () => {
    const chain = follow()
    chain.fold(created())
    const order = { isToken0In: true, amountIn: 5n }
    expect(uniswapV3Amm.spotPrice(chain.pool().state)).toBeUndefined()
    expect(uniswapV3Amm.depth(chain.pool().state, 100n)).toBeUndefined()
    expect(quoteExactInput(chain.pool().state, [], order)).toBeUndefined()
    chain.fold(initialized(0))
    expect(uniswapV3Amm.depth(chain.pool().state, 100n)).toBeUndefined()
    expect(quoteExactInput(chain.pool().state, [], order)).toMatchObject({ amountIn: 0n, amountOut: 0n })
  })

  it('has the depth of the ranges on the way, not of the one it stands in', () => {
    const chain = follow()
    chain.fold(created(), initialized(0), minted({ lower: -887_220, upper: 887_220 }, 10n ** 18n))
    const { state } = chain.pool()
    const spot = uniswapV3Amm.spotPrice(state)!
    const wide = uniswapV3Amm.rangedDepth!(state, chain.rows(), spot, 200n)!
    expect(wide).toEqual(uniswapV3Amm.depth(state, 200n))
    chain.fold(minted({ lower: -60, upper: 60 }, 10n ** 21n))
    const narrow = uniswapV3Amm.rangedDepth!(chain.pool().state, chain.rows(), spot, 200n)!
    const claimed = uniswapV3Amm.depth(chain.pool().state, 200n)!
    // 0.6 of 2 per cent hold a thousand times the liquidity: about 300 times the depth, where the row alone claims 1001.
    const timesWide = (token1In: bigint) => Number(token1In) / Number(wide.up.token1In)
    expect(timesWide(narrow.up.token1In)).toBeGreaterThan(295)
    expect(timesWide(narrow.up.token1In)).toBeLessThan(310)
    expect(timesWide(claimed.up.token1In)).toBeCloseTo(1_001, 6)
  })
})

const amountsOf = (
  market: MarketState,
  { lower, upper }: Range,
  liquidity: bigint,
  isUp: boolean,
): Amounts => {
  const { sqrtPriceX96 } = poolPrice(market.state)!
  const [low, high] = [sqrtPriceAtTick(lower), sqrtPriceAtTick(upper)]
  const within = sqrtPriceX96 < low ? low : sqrtPriceX96 > high ? high : sqrtPriceX96
  return isUp
    ? [amount0Up(within, high, liquidity), amount1Up(low, within, liquidity)]
    : [amount0Down(within, high, liquidity), amount1Down(low, within, liquidity)]
}

const slot = fc.integer({ min: -40, max: 40 })
const action = fc.oneof(
  fc.record({
    kind: fc.constant('mint' as const),
    a: slot,
    b: slot,
    liquidity: fc.bigInt({ min: 1n, max: 10n ** 20n }),
  }),
  fc.record({ kind: fc.constant('burn' as const), which: fc.nat(), part: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    kind: fc.constant('swap' as const),
    isToken0In: fc.boolean(),
    amountIn: fc.bigInt({ min: 1n, max: 10n ** 19n }),
  }),
)

describe('whatever happens to a pool', () => {
  it('its ticks add up, its liquidity is that of the ranges around the price, and it can pay every owner', () => {
    fc.assert(
      fc.property(slot, fc.array(action, { minLength: 1, maxLength: 25 }), (start, actions) => {
        const chain = follow()
        chain.fold(created(), initialized(start * SPACING + 17))
        const positions: { range: Range; liquidity: bigint }[] = []
        for (const act of actions) {
          const market = chain.pool()
          if (act.kind === 'mint' && act.a !== act.b) {
            const range = { lower: Math.min(act.a, act.b) * SPACING, upper: Math.max(act.a, act.b) * SPACING }
            positions.push({ range, liquidity: act.liquidity })
            chain.fold(minted(range, act.liquidity, amountsOf(market, range, act.liquidity, true)))
          } else if (act.kind === 'burn' && positions.length > 0) {
            const position = positions[act.which % positions.length]!
            const taken = (position.liquidity * BigInt(act.part)) / 4n
            position.liquidity -= taken
            const paid = amountsOf(market, position.range, taken, false)
            chain.fold(burned(position.range, taken), collected(position.range, paid))
          } else if (act.kind === 'swap') chain.fold(swapped(market, chain.rows(), act))
          checkWhole(chain.pool(), chain.rows(), positions)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('a trade there and back brings no profit, and none pays more than the spot price', () => {
    const ranges = fc.array(fc.tuple(slot, slot, fc.bigInt({ min: 1n, max: 10n ** 20n })), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(
        ranges,
        fc.boolean(),
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        (made, isToken0In, amountIn) => {
          const chain = follow()
          chain.fold(created(), initialized(17))
          for (const [a, b, liquidity] of made) {
            const range = { lower: Math.min(a, b) * SPACING, upper: (Math.max(a, b) + 1) * SPACING }
            chain.fold(minted(range, liquidity))
          }
          const rules = poolRules(chain.pool().state, tickTable(chain.rows()))
          const before = poolPrice(chain.pool().state)!
          const limits = { true: MIN_SQRT_PRICE + 1n, false: MAX_SQRT_PRICE - 1n }
          const trade = (from: typeof before, isDown: boolean, amount: bigint) =>
            tradeExactInput(rules, from, {
              isToken0In: isDown,
              amountIn: amount,
              limitSqrtPriceX96: limits[`${isDown}`],
            })
          const there = trade(before, isToken0In, amountIn)
          const back = trade(there.after, !isToken0In, there.amountOut)
          expect(back.amountOut).toBeLessThanOrEqual(there.amountIn)
          const [square, one] = [before.sqrtPriceX96 ** 2n, 2n ** 192n]
          const [paid, worth] = isToken0In ? [one, square] : [square, one]
          expect(there.amountOut * paid).toBeLessThanOrEqual(there.amountIn * worth)
        },
      ),
      { numRuns: 150 },
    )
  })
})

function swapped(
  market: MarketState,
  rows: readonly MarketState[],
  { isToken0In, amountIn: offered }: { isToken0In: boolean; amountIn: bigint },
): RawLog {
  const { amountIn, amountOut, after } = quoteExactInput(market.state, rows, {
    isToken0In,
    amountIn: offered,
  })!
  return log(
    pool,
    'Swap(address,address,int256,int256,uint160,uint128,int24)',
    [owner, owner],
    [
      ...(isToken0In ? [amountIn, -amountOut] : [-amountOut, amountIn]),
      after.sqrtPriceX96,
      after.liquidity,
      after.tick,
    ],
  )
}

function checkWhole(
  market: MarketState,
  rows: readonly MarketState[],
  positions: readonly { range: Range; liquidity: bigint }[],
): void {
  const table = tickTable(rows)
  const { tick, liquidity } = poolPrice(market.state)!
  const around = positions.filter(({ range }) => range.lower <= tick && tick < range.upper)
  expect(liquidity).toBe(around.reduce((sum, position) => sum + position.liquidity, 0n))
  expect(liquidityAt(table, tick)).toBe(liquidity)
  expect([...table.net.values()].reduce((sum, net) => sum + net, 0n)).toBe(0n)
  for (const at of table.initialized) expect(liquidityAt(table, at)).toBeGreaterThanOrEqual(0n)
  const owed = positions.map(({ range, liquidity: held }) => amountsOf(market, range, held, false))
  for (const side of [0, 1] as const) {
    const total = owed.reduce((sum, amounts) => sum + amounts[side], 0n)
    expect(BigInt(market.state[`balance${side}`]!)).toBeGreaterThanOrEqual(total)
  }
  expect(market.complete && rows.every(({ complete }) => complete)).toBe(true)
}
