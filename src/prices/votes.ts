/**
 * Medians by weight. Whoever holds less than half of the weight can move one no farther than to what somebody else
 * among the rest has said: with n of N votes forged, n < N/2, the median lies between the least and the greatest of the
 * others, whatever the forged votes say.
 */

export interface Vote {
  value: bigint
  /** Above zero. */
  weight: bigint
}

/** The vote with the least value at which half of all weight is reached; undefined when nobody votes. */
export function medianVote<T extends Vote>(votes: readonly T[]): T | undefined {
  const ascending = [...votes].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
  const total = ascending.reduce((sum, { weight }) => sum + weight, 0n)
  let reached = 0n
  return ascending.find(({ weight }) => {
    reached += weight
    return reached * 2n >= total
  })
}

/**
 * How many block ends in (afterHeight, toHeight] each version stood at; versions ascend by height, each stands until the
 * next. Those that stood at none are left out.
 */
export function blocksHeld<T extends { height: number }>(
  versions: readonly T[],
  { afterHeight, toHeight }: { afterHeight: number; toHeight: number },
): { version: T; blocks: number }[] {
  return versions.flatMap((version, index) => {
    const from = Math.max(version.height, afterHeight + 1)
    const until = Math.min(versions[index + 1]?.height ?? toHeight + 1, toHeight + 1)
    return until > from ? [{ version, blocks: until - from }] : []
  })
}
