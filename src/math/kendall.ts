/**
 * Kendall's τ-b: how far two orders agree, corrected for ties. Pure.
 *
 *   τ = (agreeing − disagreeing pairs)/√((pairs − ties in a)·(pairs − ties in b))
 *
 * Kendall, The treatment of ties in ranking problems, Biometrika 33 (1945).
 */

/** −1 … 1; NaN when either side is constant. Infinity is a last place. Throws on different lengths. Quadratic. */
export function kendallTau(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new Error(`Kendall’s tau needs two lists of one length; got ${a.length} and ${b.length}`)
  let [agreement, inA, inB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [compare(a[i]!, a[j]!), compare(b[i]!, b[j]!)]
      agreement += x * y
      inA += x * x
      inB += y * y
    }
  }
  return inA === 0 || inB === 0 ? Number.NaN : agreement / Math.sqrt(inA * inB)
}

function compare(x: number, y: number): number {
  return x > y ? 1 : x < y ? -1 : 0
}
