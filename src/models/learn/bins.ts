/**
 * Features cut into at most 255 bins, so that a tree learner scans bins instead of rows (histogram boosting, as in
 * LightGBM: Ke et al., NeurIPS 2017). Cuts are float32 numbers between observed values, so code(x) <= b holds exactly
 * when x <= cut[b] does, in training and in ONNX alike.
 */

/** Code of a missing value (NaN). Real codes are 0 … cuts.length. */
export const MISSING = 255

export type Bins = {
  rowCount: number
  featureCount: number
  /** Per feature, ascending cuts; a row has code b when cut[b−1] < x <= cut[b]. At most 254 of them. */
  cuts: Float32Array[]
  /** Column-major codes: feature f of row r is at f · rowCount + r. */
  codes: Uint8Array
}

/**
 * Bins row-major float32 features. Where a feature has more than `maxBins` distinct values, cuts sit at quantiles. One that
 * is not among the `usable` (all when absent) gets no cut.
 */
export function makeBins(options: {
  rows: Float32Array
  featureCount: number
  maxBins?: number
  usable?: readonly number[] | undefined
}): Bins {
  const { rows, featureCount, maxBins = 255, usable } = options
  if (maxBins < 2 || maxBins > 255) throw new Error(`maxBins must be 2 to 255, got ${maxBins}`)
  const rowCount = rows.length / featureCount
  const codes = new Uint8Array(rows.length)
  const cuts: Float32Array[] = Array.from({ length: featureCount }, () => new Float32Array(0))
  for (const f of usable ?? cuts.keys()) {
    const column = new Float32Array(rowCount)
    for (let r = 0; r < rowCount; r++) column[r] = rows[r * featureCount + f]!
    const featureCuts = cutsOf(column, maxBins)
    for (let r = 0; r < rowCount; r++) codes[f * rowCount + r] = codeOf(featureCuts, column[r]!)
    cuts[f] = featureCuts
  }
  return { rowCount, featureCount, cuts, codes }
}

function codeOf(cuts: Float32Array, x: number): number {
  if (Number.isNaN(x)) return MISSING
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (x <= cuts[middle]!) high = middle
    else low = middle + 1
  }
  return low
}

function cutsOf(column: Float32Array, maxBins: number): Float32Array {
  const sorted = column.filter((x) => !Number.isNaN(x)).sort()
  const distinct = sorted.filter((x, i) => i === 0 || x !== sorted[i - 1])
  const picks: number[] = []
  if (distinct.length <= maxBins) {
    for (let i = 1; i < distinct.length; i++) picks.push(between(distinct[i - 1]!, distinct[i]!))
  } else {
    for (let bin = 1; bin < maxBins; bin++) {
      const at = Math.floor((bin * sorted.length) / maxBins)
      const value = sorted[at]!
      let below = at - 1
      while (below >= 0 && sorted[below] === value) below--
      if (below >= 0) picks.push(between(sorted[below]!, value))
    }
  }
  return Float32Array.from([...new Set(picks)].sort((a, b) => a - b))
}

/** A float32 number c with a <= c < b, near the middle. */
function between(a: number, b: number): number {
  const middle = Math.fround(a + (b - a) / 2)
  return middle < b ? middle : a
}
