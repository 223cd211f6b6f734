/**
 * The true market price of every asset as a pure function of seed and turn: slow waves, a little noise, and a
 * crash that comes back in a fixed rhythm. There is no state, so any turn can be asked for at any time.
 *
 * A crash of depth d with beta b multiplies the price by 1 − d·b at its bottom. The first crash falls in steps
 * that leave time to liquidate and then gaps down, so that it leaves bad debt behind.
 */
import { randomFor } from './random'
import { ASSETS, type AssetSpec } from './tokens'

/** Turns between the starts of two crashes, and the turn of the first. */
export const CRASH_EVERY_TURNS = 150
export const FIRST_CRASH_TURN = 16

/** Share of the crashing asset's price that is gone, turn by turn from the start of the fall. */
const FALLS: readonly (readonly number[])[] = [
  [0.08, 0.15, 0.21, 0.4, 0.46],
  [0.06, 0.12, 0.18, 0.24, 0.28],
  [0.05, 0.34, 0.36],
]
const BOTTOM_TURNS = 14
const RECOVERY_TURNS = 60

/** An extra fall, for tests: from `turn` on the price stands at (1 − depth·beta) of what it would have been. */
export type Shock = { turn: number; depth: number; symbol?: string }

/** The price of one asset in USD with 8 decimals at a turn, at least 1. */
export function marketPriceE8(
  seed: number,
  spec: AssetSpec,
  turn: number,
  shocks: readonly Shock[] = [],
): bigint {
  const calm = 1 + waves(seed, spec, turn)
  const fall = spec.crashBeta * crashDepth(turn)
  const shocked = shocks.reduce((factor, shock) => factor * (1 - shockDepth(shock, spec, turn)), 1)
  const price = Number(spec.basePriceE8) * calm * (1 - fall) * shocked
  return BigInt(Math.max(1, Math.round(price)))
}

/** All prices at a turn, in the order of ASSETS. */
export function marketPricesE8(seed: number, turn: number, shocks: readonly Shock[] = []): bigint[] {
  return ASSETS.map((spec) => marketPriceE8(seed, spec, turn, shocks))
}

/** Share of value lost to the recurring crash at a turn: 0 in quiet times. */
export function crashDepth(turn: number): number {
  const since = turn - FIRST_CRASH_TURN
  if (since < 0) return 0
  const fall = FALLS[Math.floor(since / CRASH_EVERY_TURNS) % FALLS.length]!
  const offset = since % CRASH_EVERY_TURNS
  const bottom = fall[fall.length - 1]!
  if (offset < fall.length) return fall[offset]!
  const recovering = offset - fall.length - BOTTOM_TURNS
  if (recovering < 0) return bottom
  return bottom * Math.max(0, 1 - recovering / RECOVERY_TURNS)
}

function shockDepth(shock: Shock, spec: AssetSpec, turn: number): number {
  if (turn < shock.turn) return 0
  if (shock.symbol !== undefined) return shock.symbol === spec.symbol ? shock.depth : 0
  return shock.depth * spec.crashBeta
}

function waves(seed: number, spec: AssetSpec, turn: number): number {
  const amplitude = spec.crashBeta === 0 ? 0.0008 : 0.02
  const random = randomFor(seed, 'waves', spec.symbol)
  const slow = Math.sin((turn / random.between(60, 110)) * 2 * Math.PI)
  const fast = Math.sin((turn / random.between(11, 23)) * 2 * Math.PI)
  const noise = randomFor(seed, 'noise', spec.symbol, turn).between(-1, 1)
  return amplitude * (slow + 0.3 * fast + 0.15 * noise)
}
