/**
 * Depths of pool states, remembered. A window of blocks is asked again at every round with one round's blocks more, and
 * depth, exact to the contract's rounding, is sought by bisection: nearly all of it has been found before. The same state
 * has the same depth in every process, so remembering changes no answer.
 */
import type { Amm } from '../protocols/amm'
import type { MarketState } from '../protocols/types'

const MAX_REMEMBERED = 30_000

const remembered = new Map<string, ReturnType<Amm['depth']>>()

/** `amm.depth(state, depthBps)`. */
export function depthOf(
  amm: Amm,
  { protocol, state, depthBps }: { protocol: string; state: MarketState['state']; depthBps: bigint },
): ReturnType<Amm['depth']> {
  const key = `${protocol}|${depthBps}|${JSON.stringify(state)}`
  if (remembered.has(key)) return remembered.get(key)
  const depth = amm.depth(state, depthBps)
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(key, depth)
  return depth
}
