/** Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank. Pure. */

/** −1 to 1; NaN when either side is constant. Throws on different lengths or fewer than two pairs. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length < 2) {
    throw new Error(
      `rank correlation needs two lists of one length, 2 at least; got ${a.length} and ${b.length}`,
    )
  }
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (a.length - 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx === 0 || yy === 0 ? Number.NaN : xy / Math.sqrt(xx * yy)
}

/** Rank of each value from 0; equal values share the mean of their places. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!)
  const rank = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let at = start; at < end; at++) rank[order[at]!] = (start + end - 1) / 2
    start = end
  }
  return rank
}
