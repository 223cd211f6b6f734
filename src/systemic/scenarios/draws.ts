/** Draws that scenarios are made of: normal and Student-t numbers from a seed, joined by a correlation. */
import { choleskyLower } from '../../math/linear-solve'
import { seededRandom } from '../../math/statistics'
import { badInput, numberAt } from '../network'

export const MAX_DRAWS = 200_000_000

/** A stream of standard normal numbers (Box and Muller), the same for the same seed. */
export function normalStream(random: () => number): () => number {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    // 1 − random is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/**
 * χ² with `degrees` of freedom: the gamma distribution by Marsaglia and Tsang, ACM Trans. Math. Software 26 (2000).
 * Degrees of 2 or more.
 */
export function chiSquared(degrees: number, normal: () => number, random: () => number): number {
  const d = degrees / 2 - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return 2 * d * v
  }
  throw new RangeError(`no χ² of ${degrees} degrees came about`)
}

export type Shape = { kind: 'normal' } | { kind: 'student-t'; degrees: number }

export interface JointDraws {
  /** Fills `out` with one joint draw of unit variance. */
  next(out: Float64Array): void
}

/**
 * Joint draws with a correlation matrix (row-major). Student-t draws share one χ², so that all move far together, and
 * are scaled to unit variance; degrees above 2.
 */
export function jointDraws(
  correlation: Float64Array,
  { seed, shape }: { seed: number; shape: Shape },
): JointDraws {
  const size = Math.sqrt(correlation.length)
  const lower = choleskyOf(correlation, size)
  if (shape.kind === 'student-t' && !(shape.degrees > 2 && shape.degrees < 1e6))
    throw badInput(`degrees of freedom is ${shape.degrees}: with 2 or fewer there is no variance`)
  const random = seededRandom(numberAt(seed, 'seed'))
  const normal = normalStream(random)
  const fresh = new Float64Array(size)
  return {
    next(out) {
      for (let k = 0; k < size; k++) fresh[k] = normal()
      const scale =
        shape.kind === 'normal'
          ? 1
          : Math.sqrt((shape.degrees - 2) / chiSquared(shape.degrees, normal, random))
      for (let i = 0; i < size; i++) {
        let sum = 0
        for (let k = 0; k <= i; k++) sum += lower[i * size + k]! * fresh[k]!
        out[i] = sum * scale
      }
    },
  }
}

function choleskyOf(correlation: Float64Array, size: number): Float64Array {
  if (!Number.isInteger(size) || size === 0)
    throw badInput(`a correlation of ${correlation.length} numbers is not square`)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = numberAt(correlation[i * size + j], `correlation[${i}][${j}]`, { least: -1, most: 1 })
      const mirrored = correlation[j * size + i]!
      if (Math.abs(value - mirrored) > 1e-12)
        throw badInput(`correlation[${i}][${j}] is ${value}, but [${j}][${i}] is ${mirrored}`)
    }
    if (Math.abs(correlation[i * size + i]! - 1) > 1e-12)
      throw badInput(`correlation[${i}][${i}] is ${correlation[i * size + i]}: it must be 1`)
  }
  const lower = choleskyLower(correlation, size)
  if (lower === undefined) throw badInput('the correlations contradict one another: no such assets can be')
  return lower
}

/** Refuses sizes that no machine here should try. */
export function checkedSize(scenarios: number, assets: number, steps = 1): void {
  for (const [count, name] of [
    [scenarios, 'scenarios'] as const,
    [assets, 'assets'] as const,
    [steps, 'steps'] as const,
  ])
    if (!Number.isInteger(count) || count < 1) throw badInput(`${count} ${name}: give a whole number above 0`)
  if (scenarios * assets * steps > MAX_DRAWS)
    throw badInput(
      `${scenarios} scenarios × ${assets} assets × ${steps} steps: too many, at most ${MAX_DRAWS} draws`,
    )
}
