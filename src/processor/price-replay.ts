/**
 * Puts called prices among those that events announced, in block order. Pure.
 *
 * Nothing in a fold reads prices, so their layer alone is played again: within a block a call comes last, for it saw the
 * state at the block's end. An answer equal to the price that stands is no change and makes no version; that it was
 * given is noted in the round.
 */
import type { PriceRound } from '../prices/calls'
import type { PriceState } from '../protocols/types'
import { type BlockChanges, Layer } from './fold'
import { priceId } from './ids'
import type { Stored } from './memory'

export interface Replayed {
  /** Blocks in order; those that only carry called prices were put in. */
  changes: BlockChanges[]
  /** Prices that the batch changed, at their last value. */
  prices: ReadonlyMap<string, Stored<PriceState>>
  /** By height: prices that the round changed. */
  changedBy: ReadonlyMap<number, number>
}

/** Merges rounds into the changes of a batch; both ascend by height. `base` gives the prices before the batch. */
export function replayPrices(
  chainId: number,
  changes: readonly BlockChanges[],
  rounds: readonly PriceRound[],
  base: (key: string) => Stored<PriceState> | undefined,
): Replayed {
  const layer = new Layer<PriceState>(base)
  const changedBy = new Map<number, number>()
  const roundAt = new Map(rounds.map((round) => [round.ref.height, round]))
  const known = new Set(changes.map(({ ref }) => ref.height))
  const bare = rounds.filter(({ ref }) => !known.has(ref.height)).map(({ ref }) => emptyBlock(ref))
  const blocks = [...changes, ...bare].sort((a, b) => a.ref.height - b.ref.height)
  const replayed = blocks.map((block): BlockChanges => {
    const { height } = block.ref
    for (const { key, after } of block.prices) layer.set(key, after, height)
    const round = roundAt.get(height)
    if (round === undefined) return { ...block, prices: layer.takeChanges() }
    let changed = 0
    for (const price of round.prices) {
      const key = priceId(chainId, price)
      const now = layer.get(key)?.value
      if (now?.answer === price.answer && now.decimals === price.decimals) continue
      layer.set(key, price, height)
      changed++
    }
    changedBy.set(height, changed)
    return { ...block, prices: layer.takeChanges() }
  })
  return { changes: replayed, prices: layer.current, changedBy }
}

function emptyBlock(ref: BlockChanges['ref']): BlockChanges {
  return { ref, markets: [], positions: [], prices: [], failures: [] }
}
