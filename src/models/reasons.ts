/**
 * Why a score is what it is, and proof of what it was computed from: the strongest in-graph contributions as rows to
 * store, and a hash of the exact feature vector.
 */
import { hash } from 'node:crypto'
import type { ModelSpec } from './spec'
import { BYTES_A_NUMBER, putVector } from './vector-bytes'

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

/** SHA-256 (hex) of a feature vector: model input names joined by ',', a line feed, then its bytes (vector-bytes.ts). */
export function featureHash(spec: ModelSpec, row: ArrayLike<number>): string {
  if (row.length !== spec.inputs.length)
    throw new Error(`${spec.name} has ${spec.inputs.length} inputs; got ${row.length}`)
  return featureHasher(spec).hash(Float32Array.from(row), 0)
}

export interface FeatureHasher {
  /** `featureHash` of the row that begins at `offset` of a row-major matrix. */
  hash(matrix: Float32Array, offset: number): string
  /** Bytes of the row that was hashed last. */
  vector: Buffer
}

/** `featureHash` for many rows. */
export function featureHasher(spec: ModelSpec): FeatureHasher {
  const width = spec.inputs.length
  const names = Buffer.from(`${spec.inputs.map((input) => input.name).join(',')}\n`)
  const bytes = Buffer.concat([names, Buffer.alloc(width * BYTES_A_NUMBER)])
  const vector = bytes.subarray(names.length)
  const view = new DataView(vector.buffer, vector.byteOffset, vector.byteLength)
  return {
    vector,
    hash(matrix, offset) {
      putVector(view, { numbers: matrix, from: offset, count: width })
      return hash('sha256', bytes)
    },
  }
}
