/**
 * Why a score is what it is, and proof of what it was computed from: the strongest in-graph contributions as rows to
 * store, and a hash of the exact feature vector.
 */
import { hash } from 'node:crypto'
import type { ModelSpec } from './spec'

/** One stored reason. `contribution` is in log odds before calibration. */
export type Reason = {
  feature: string
  unit: string
  /** As the model saw it (float32); null when missing. */
  value: number | null
  contribution: number
  direction: 'raises' | 'lowers'
}

/** The k strongest reasons, by |contribution|, strongest first; zero and NaN contributions are left out. */
export function reasonsFor(
  spec: ModelSpec,
  features: ArrayLike<number>,
  contributions: ArrayLike<number>,
  k: number,
): Reason[] {
  const width = spec.inputs.length
  if (features.length !== width || contributions.length !== width) {
    throw new Error(
      `${spec.name} has ${width} inputs; got ${features.length} features, ${contributions.length} contributions`,
    )
  }
  return spec.inputs
    .map(({ name, unit }, i): Reason => {
      const value = Math.fround(features[i]!)
      const contribution = contributions[i]!
      const direction = contribution > 0 ? 'raises' : 'lowers'
      return { feature: name, unit, value: Number.isNaN(value) ? null : value, contribution, direction }
    })
    .filter(({ contribution }) => Math.abs(contribution) > 0)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, k)
}

/**
 * SHA-256 (hex) of a feature vector: model input names joined by ',', a line feed, then the float32 values little
 * endian. Every NaN hashes as the canonical 0x7fc00000; −0 and 0 differ.
 */
export function featureHash(spec: ModelSpec, row: ArrayLike<number>): string {
  if (row.length !== spec.inputs.length)
    throw new Error(`${spec.name} has ${spec.inputs.length} inputs; got ${row.length}`)
  return featureHasher(spec)(Float32Array.from(row), 0)
}

/** `featureHash` for many rows: of the row that begins at `offset` of a row-major matrix. */
export function featureHasher(spec: ModelSpec): (matrix: Float32Array, offset: number) => string {
  const width = spec.inputs.length
  const names = Buffer.from(`${spec.inputs.map((input) => input.name).join(',')}\n`)
  const bytes = Buffer.concat([names, Buffer.alloc(width * 4)])
  return (matrix, offset) => {
    for (let i = 0; i < width; i++) {
      const value = matrix[offset + i]!
      const at = names.length + i * 4
      if (Number.isNaN(value)) bytes.writeUInt32LE(0x7fc00000, at)
      else bytes.writeFloatLE(value, at)
    }
    return hash('sha256', bytes)
  }
}
