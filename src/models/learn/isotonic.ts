/**
 * Isotonic regression: the non-descending step function nearest to the targets in weighted least squares, by pooling
 * adjacent violators (Ayer et al. 1955; one pass with a stack, as in Best & Chakravarti 1990). As a calibration it is
 * returned as a curve: linear between the ends of neighbouring pools, flat outside and within a pool.
 */
import type { Curve } from '../onnx/curve'

/** `x` any order, NaN refused; `y` in 0..1; optional positive weights. Equal x are pooled before anything else. */
export type IsotonicInput = { x: ArrayLike<number>; y: ArrayLike<number>; weights?: ArrayLike<number> }

type Pool = { from: number; to: number; mean: number; weight: number }

/** Pools in ascending x: within `from`…`to` the fit is `mean`; means ascend strictly. Throws on no rows, NaN or bad weights. */
export function isotonicPools(input: IsotonicInput): Pool[] {
  const { x, y } = input
  if (x.length === 0 || x.length !== y.length) {
    throw new Error(
      `isotonic regression needs as many x as y, and one at least; got ${x.length} and ${y.length}`,
    )
  }
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a]! - x[b]!)
  const stack: Pool[] = []
  for (const row of tied(input, order)) {
    stack.push(row)
    while (stack.length > 1 && stack.at(-2)!.mean >= stack.at(-1)!.mean) {
      const last = stack.pop()!
      stack.push(together(stack.pop()!, last))
    }
  }
  return stack
}

/** Rows of equal x as one, for a step function has one value there; it would matter in which order they came. */
function tied({ x, y, weights }: IsotonicInput, order: readonly number[]): Pool[] {
  const rows: Pool[] = []
  for (const i of order) {
    const weight = weights?.[i] ?? 1
    if (Number.isNaN(x[i]!) || Number.isNaN(y[i]!) || !(weight > 0)) {
      throw new Error(`isotonic regression: row ${i} has x ${x[i]}, y ${y[i]}, weight ${weight}`)
    }
    const row = { from: x[i]!, to: x[i]!, mean: y[i]!, weight }
    const last = rows.at(-1)
    if (last?.to === row.from) rows[rows.length - 1] = together(last, row)
    else rows.push(row)
  }
  return rows
}

function together(a: Pool, b: Pool): Pool {
  const weight = a.weight + b.weight
  return { from: a.from, to: b.to, mean: (a.mean * a.weight + b.mean * b.weight) / weight, weight }
}

/** The fit as a calibration curve. Throws when a target lies outside 0..1. */
export function fitIsotonic(input: IsotonicInput): Curve {
  const pools = isotonicPools(input)
  const outside = pools.find(({ mean }) => !(mean >= 0 && mean <= 1))
  if (outside) throw new Error(`a calibration needs targets within 0..1, got a mean of ${outside.mean}`)
  const curve: { x: number[]; y: number[] } = { x: [], y: [] }
  for (const { from, to, mean } of pools) {
    for (const at of from === to ? [from] : [from, to]) {
      curve.x.push(at)
      curve.y.push(mean)
    }
  }
  return curve
}
