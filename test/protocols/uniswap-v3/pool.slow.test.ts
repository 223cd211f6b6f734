/**
 * Pools folded from logs against the published contract on a real chain: after each of many random actions the price,
 * the liquidity in force and every tick are the contract's own, and each swap pays what was quoted before it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Random, randomFor } from '../../../demo/random'
import type { Hex } from '../../../src/chains/types'
import type { Fact } from '../../../src/protocols/types'
import { poolPrice, poolRules, quoteExactInput, uniswapV3Amm } from '../../../src/protocols/uniswap-v3/depth'
import { type ExactInput, tradeExactInput } from '../../../src/protocols/uniswap-v3/swap'
import {
  MAX_SQRT_PRICE,
  MIN_SQRT_PRICE,
  sqrtPriceAtTick,
  tickAtSqrtPriceDown,
} from '../../../src/protocols/uniswap-v3/tick-price'
import { tickTable } from '../../../src/protocols/uniswap-v3/ticks'
import { startUniswapV3, type UniswapV3World } from '../../support/uniswap-v3-world'

const ACTIONS = 150
const MAX_UINT128 = 2n ** 128n - 1n
const KINDS = ['mint', 'mint', 'burn', 'swap', 'swap', 'swap', 'depth', 'collect', 'flash', 'fees'] as const

/** feePips, the spacing that belongs to it, and the tick of the first price. */
const POOLS = [
  { feePips: 100, spacing: 1, tick: -3 },
  { feePips: 500, spacing: 10, tick: -200_311 },
  { feePips: 3_000, spacing: 60, tick: 0 },
  { feePips: 10_000, spacing: 200, tick: 250_123 },
] as const

interface Play {
  pool: Hex
  spacing: number
  random: Random
  /** Liquidity by `lower:upper`. */
  positions: Map<string, bigint>
  used: Set<number>
}

describe('Uniswap V3 pools from logs', () => {
  let world: UniswapV3World
  const seen = { swaps: 0, crossings: 0, partial: 0, depths: 0, mints: 0, burns: 0, pokes: 0, flashes: 0 }

  beforeAll(async () => {
    world = await startUniswapV3()
  })
  afterAll(async () => {
    await world?.stop()
  })

  it.each(POOLS)(
    'equal the contract after every action: fee $feePips, spacing $spacing',
    async (options) => {
      const { feePips, spacing, tick } = options
      const pool = await world.createPool({ feePips, sqrtPriceX96: sqrtPriceAtTick(tick) + 12_345n })
      const play: Play = {
        pool,
        spacing,
        random: randomFor('v3', feePips),
        positions: new Map(),
        used: new Set(),
      }
      await mint(play)
      for (let turn = 0; turn < ACTIONS; turn++) {
        await ACTIONS_BY_KIND[play.random.pick(KINDS)](play)
        await compare(play)
      }
      expect(world.market(pool)).toMatchObject({ complete: true, state: { feePips, tickSpacing: spacing } })
    },
    300_000,
  )

  it('did everything often enough to mean something', () => {
    console.info('compared with the contract:', seen)
    expect(seen.swaps).toBeGreaterThan(100)
    expect(seen.crossings).toBeGreaterThan(30)
    expect(seen.partial).toBeGreaterThan(3)
    expect(seen.depths).toBeGreaterThan(20)
    expect(seen.burns).toBeGreaterThan(20)
    expect(seen.pokes).toBeGreaterThan(3)
    expect(seen.flashes).toBeGreaterThan(10)
  })

  async function compare({ pool, used }: Play): Promise<void> {
    const ticks = [...used].sort((a, b) => a - b)
    const truth = await world.look(pool, ticks)
    const { state } = world.market(pool)
    expect({ ...poolPrice(state), balance0: state.balance0, balance1: state.balance1 }).toEqual({
      sqrtPriceX96: truth.sqrtPriceX96,
      tick: truth.tick,
      liquidity: truth.liquidity,
      balance0: truth.balance0.toString(),
      balance1: truth.balance1.toString(),
    })
    expect(Number(state.feeProtocol0) + 16 * Number(state.feeProtocol1)).toBe(truth.feeProtocol)
    const table = tickTable(world.tickRows(pool))
    expect(ticks.map((tick) => table.net.get(tick) ?? 0n)).toEqual(truth.net)
    expect(table.initialized).toEqual(ticks.filter((_, i) => truth.gross[i]! > 0n))
  }

  const ACTIONS_BY_KIND: Record<(typeof KINDS)[number], (play: Play) => Promise<void>> = {
    mint,
    burn,
    swap,
    depth,
    collect,
    flash,
    fees,
  }

  async function mint({ pool, spacing, random, positions, used }: Play): Promise<void> {
    const most = Math.floor(887_272 / spacing)
    const center = Math.round(Number(world.market(pool).state.tick) / spacing)
    const reach = random.pick([2, 10, 300, most])
    const ends = [center + random.int(2 * reach) - reach, center + random.int(2 * reach) - reach]
    const [lower, upper] = ends
      .map((end) => Math.max(-most, Math.min(most, end)) * spacing)
      .sort((a, b) => a - b)
    if (lower === undefined || upper === undefined || lower === upper) return
    const amount = BigInt(1 + random.int(2 ** 31)) ** BigInt(random.pick([1, 2, 2, 3]))
    if ((await world.act('mint', [pool, lower, upper, amount])) === undefined) return
    const key = `${lower}:${upper}`
    positions.set(key, (positions.get(key) ?? 0n) + amount)
    used.add(lower).add(upper)
    seen.mints++
  }

  async function burn({ pool, random, positions }: Play): Promise<void> {
    const key = random.pick([...positions.keys()])
    const [lower, upper] = key.split(':').map(Number)
    const held = positions.get(key)!
    const amount = random.pick([0n, held / 3n, held, held])
    const facts = await world.act('burn', [pool, lower, upper, amount])
    if (facts === undefined) return
    positions.set(key, held - amount)
    if (amount === 0n) seen.pokes++
    seen.burns++
  }

  async function collect({ pool, random, positions }: Play): Promise<void> {
    const [lower, upper] = random
      .pick([...positions.keys()])
      .split(':')
      .map(Number)
    await world.act('collect', [pool, lower, upper, MAX_UINT128, random.pick([MAX_UINT128, 1n])])
  }

  /** Plays the order in our arithmetic and on the chain. Pools refuse only what pays from nothing. */
  async function trade({ pool }: Play, order: ExactInput) {
    const { state } = world.market(pool)
    const before = poolPrice(state)!
    const expected = tradeExactInput(poolRules(state, tickTable(world.tickRows(pool))), before, order)
    const facts = await world.act('swap', [pool, order.isToken0In, order.amountIn, order.limitSqrtPriceX96])
    if (facts === undefined) return undefined
    const swapped = facts.find((fact): fact is Extract<Fact, { table: 'swap' }> => fact.table === 'swap')!
    const [amountIn, amountOut] = order.isToken0In
      ? [swapped.amount0, -swapped.amount1]
      : [swapped.amount1, -swapped.amount0]
    expect({ amountIn, amountOut }).toEqual({ amountIn: expected.amountIn, amountOut: expected.amountOut })
    expect(poolPrice(world.market(pool).state)).toEqual(expected.after)
    seen.swaps++
    if (expected.after.liquidity !== before.liquidity) seen.crossings++
    if (amountIn < order.amountIn) seen.partial++
    return expected
  }

  async function swap(play: Play): Promise<void> {
    const { pool, random } = play
    const market = world.market(pool)
    const isToken0In = random.chance(0.5)
    const reserve = BigInt((isToken0In ? market.state.balance0 : market.state.balance1) ?? 0)
    const amountIn = 1n + (reserve * BigInt(random.int(1_000))) / random.pick([1_000n, 10_000n, 1_000_000n])
    const { tick } = poolPrice(market.state)!
    const limitTick = tick + (isToken0In ? -1 : 1) * (1 + random.int(5_000))
    const isLimited = random.chance(0.3)
    const open = isToken0In ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE - 1n
    const limitSqrtPriceX96 = isLimited ? sqrtPriceAtTick(limitTick) : open
    const quote = quoteExactInput(market.state, world.tickRows(pool), { isToken0In, amountIn })
    const traded = await trade(play, { isToken0In, amountIn, limitSqrtPriceX96 })
    if (traded && !isLimited) expect(quote).toEqual(traded)
    if (traded && Math.abs(traded.after.tick) > 800_000) await comeBack(play, tick)
  }

  /** A pool whose liquidity was bought up stands at the end of all prices; a small trade brings it back. */
  async function comeBack(play: Play, tick: number): Promise<void> {
    const isToken0In = poolPrice(world.market(play.pool).state)!.tick > tick
    await trade(play, { isToken0In, amountIn: 2n ** 200n, limitSqrtPriceX96: sqrtPriceAtTick(tick) })
  }

  /** The depth to a part of the price is what a trade with that limit moves. */
  async function depth(play: Play): Promise<void> {
    const { state } = world.market(play.pool)
    const bps = play.random.pick([100n, 200n, 500n])
    const rows = world.tickRows(play.pool)
    const spot = uniswapV3Amm.spotPrice(state)!
    const found = uniswapV3Amm.rangedDepth!(state, rows, spot, bps)!
    const isToken0In = play.random.chance(0.5)
    const part = isToken0In ? 10_000n - bps : 10_000n + bps
    const traded = await trade(play, {
      isToken0In,
      amountIn: 2n ** 200n,
      limitSqrtPriceX96: limitOf(spot.numerator, part, isToken0In),
    })
    if (traded === undefined) return
    const side = isToken0In
      ? { amountIn: found.down.token0In, amountOut: found.down.token1Out }
      : { amountIn: found.up.token1In, amountOut: found.up.token0Out }
    expect(side).toEqual({ amountIn: traded.amountIn, amountOut: traded.amountOut })
    seen.depths++
  }

  async function flash({ pool, random }: Play): Promise<void> {
    const { state } = world.market(pool)
    const [side0, side1] = [random.chance(0.7), random.chance(0.7)]
    const amounts = [side0 ? BigInt(state.balance0!) / 3n : 0n, side1 ? BigInt(state.balance1!) / 7n : 0n]
    const facts = await world.act('flash', [pool, ...amounts])
    if (facts === undefined) return
    const fee = (amount: bigint) => (amount * BigInt(state.feePips!) + 999_999n) / 1_000_000n
    const { asset, asset1 } = world.market(pool)
    const loans = [
      { asset, amount: amounts[0]!, subIndex: 0 },
      { asset: asset1, amount: amounts[1]!, subIndex: 1 },
    ].filter(({ amount }) => amount > 0n)
    expect(facts.filter((fact) => fact.table === 'flash_loan')).toEqual(
      loans.map((loan) => ({
        ...loan,
        table: 'flash_loan',
        protocol: 'uniswap-v3',
        verified: true,
        initiator: world.trader,
        receiver: world.trader,
        premium: fee(loan.amount),
      })),
    )
    seen.flashes++
  }

  /** The factory's owner takes part of the fees, and what has gathered. */
  async function fees({ pool, random }: Play): Promise<void> {
    const part = () => random.pick([0, 4, 10])
    const set = await world.act('setFeeProtocol', [part(), part()], pool)
    expect(set?.map((fact) => fact.table === 'admin_action' && fact.kind)).toEqual(['protocolFeeSet'])
    const taken = await world.act('collectProtocol', [world.trader, MAX_UINT128, MAX_UINT128], pool)
    expect(
      taken?.some((fact) => fact.table === 'admin_action' && fact.kind === 'protocolFeesCollected'),
    ).toBe(true)
  }
})

/** Square root of a price times part of 10000, rounded away from where the trade began. */
function limitOf(square: bigint, part: bigint, isDown: boolean): bigint {
  const aim = square * part
  let [low, high] = [MIN_SQRT_PRICE, MAX_SQRT_PRICE]
  while (low + 1n < high) {
    const middle = (low + high) / 2n
    if (middle * middle * 10_000n <= aim) low = middle
    else high = middle
  }
  return isDown || low * low * 10_000n === aim ? low : high
}

it('ticks and prices invert each other where the contract was initialised', () => {
  for (const { tick } of POOLS) expect(tickAtSqrtPriceDown(sqrtPriceAtTick(tick))).toBe(tick)
})
