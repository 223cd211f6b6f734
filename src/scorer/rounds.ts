/**
 * When to score: at heights divisible by the chain's `scoreEveryBlocks`. Pure.
 *
 * Far behind the head, where nobody waits for a score, only every 60th round is computed; and once that far behind,
 * the scores of the other rounds are deleted, so that history stays bounded. Which rounds depends on heights alone (the
 * round's and the head's), so it does not matter how blocks came in batches.
 */

/** Rounds nearer to the head than this many are never skipped. */
export const FINE_ROUNDS = 1_000
/** Far behind the head one round in this many is kept. */
export const COARSE = 60

export interface Round {
  height: number
  /** Height of the round before: what happened after it belongs to this one. */
  sinceHeight: number
}

/** Rounds of the heights (from, to], ascending, at most `limit` of them; `fineRounds` defaults to FINE_ROUNDS. */
export function roundsIn(range: {
  fromHeight: number
  toHeight: number
  headHeight: number
  everyBlocks: number
  limit: number
  fineRounds?: number
}): Round[] {
  const { fromHeight, toHeight, headHeight, everyBlocks, limit, fineRounds = FINE_ROUNDS } = range
  const rounds: Round[] = []
  const fineFrom = headHeight - fineRounds * everyBlocks
  const coarseBlocks = everyBlocks * COARSE
  let height = Math.max(0, nextMultiple(fromHeight, everyBlocks))
  while (height <= toHeight && rounds.length < limit) {
    if (height >= fineFrom) {
      rounds.push({ height, sinceHeight: height - everyBlocks })
      height += everyBlocks
    } else if (height % coarseBlocks === 0) {
      rounds.push({ height, sinceHeight: height - coarseBlocks })
      height += everyBlocks
    } else {
      height = Math.min(
        nextMultiple(height, coarseBlocks),
        Math.max(height + everyBlocks, nextMultiple(fineFrom - 1, everyBlocks)),
      )
    }
  }
  return rounds
}

/** Height of the last round at or below a height; negative when there is none. */
export function lastRound(height: number, everyBlocks: number): number {
  return height < 0 ? -1 : height - (height % everyBlocks)
}

/** Smallest multiple of `step` above `height`. */
function nextMultiple(height: number, step: number): number {
  return (Math.floor(height / step) + 1) * step
}
