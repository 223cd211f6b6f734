/**
 * The committed files of a trained model. model.onnx is what runs; metrics.json says how it was made and how
 * good it is, and names the SHA-256 of model.onnx; golden.json holds rows with the exact outputs of the TypeScript
 * reference, which ONNX must reproduce to the bit; reference.json holds the bins of the training rows and of their scores.
 * Forests also get cover.json, which explain.ts needs.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConvergencePoint, convergenceOf } from './convergence'
import { COVER_FILE, coverOf } from './explain'
import { forestMargins } from './learn/forest'
import { evaluateCurve } from './onnx/curve'
import { linearMargin } from './onnx/linear'
import { type ModelParts, writeModel } from './onnx/write'
import { type Reference, referenceOf } from './reference'
import type { ModelSpec } from './spec'

/** null stands for NaN. */
export type GoldenRow = {
  features: (number | null)[]
  margin: number | null
  value: number | null
  further?: Readonly<Record<string, number | null>>
}

export type Trained = {
  spec: ModelSpec
  metrics: Record<string, unknown>
  /** Row-major float32 of the rows it learnt from: their bins are kept as what later rows are compared with. */
  trainingRows?: Float32Array
  /** Their labels, 0 or 1: with them the metrics of a forest get the curve of its training. */
  trainingLabels?: ArrayLike<number>
  /** Rows for golden.json: no real entity's, but quantiles and edge cases. */
  goldenRows: readonly (readonly number[])[]
} & ModelParts

/** Bytes of model.onnx. */
export function modelBytes(trained: Trained): Uint8Array {
  const { spec } = trained
  const inputs = spec.inputs.map((input) => input.name)
  return writeModel({ ...trained, name: spec.name, version: spec.version, inputs })
}

/** Outputs of the reference for one row, which is rounded to float32 first. */
export function referenceOutputs(
  { body, curve }: Trained,
  row: readonly number[],
): { margin: number; value: number } {
  const features = Float32Array.from(row)
  if (body.kind === 'graph') return body.reference(features)
  const margin =
    body.kind === 'forest' ? forestMargins(body.forest, features)[0]! : linearMargin(body.linear, features)
  return { margin, value: evaluateCurve(curve!, margin) }
}

/** Content by file name. */
export type ModelFiles = Record<string, Uint8Array | string>

/** The files of a trained model by name, without writing them. */
export function publishedFiles(trained: Trained): ModelFiles {
  const bytes = modelBytes(trained)
  const modelSha256 = createHash('sha256').update(bytes).digest('hex')
  const { spec, metrics } = trained
  const orNull = (x: number) => (Number.isNaN(x) ? null : x)
  const golden: GoldenRow[] = trained.goldenRows.map((row) => {
    const features = row.map((x) => orNull(Math.fround(x)))
    const { margin, value } = referenceOutputs(trained, row)
    const further = Object.entries(trained.further ?? {}).map(([output, curve]) => [
      output,
      orNull(evaluateCurve(curve, margin)),
    ])
    return {
      features,
      margin: orNull(margin),
      value: orNull(value),
      ...(further.length > 0 ? { further: Object.fromEntries(further) } : {}),
    }
  })
  const head = { model: spec.name, version: spec.version, modelSha256, modelBytes: bytes.length }
  const files: ModelFiles = {
    'model.onnx': bytes,
    'metrics.json': `${JSON.stringify({ ...head, ...metrics, ...curveOf(trained) }, null, 2)}\n`,
    'golden.json': `${JSON.stringify({ model: spec.name, rows: golden }, null, 1)}\n`,
  }
  if (trained.trainingRows)
    files['reference.json'] = `${JSON.stringify(trainingReference(trained, trained.trainingRows))}\n`
  const cover = trained.body.kind === 'forest' ? coverOf(trained.body.forest, modelSha256) : undefined
  if (cover) files[COVER_FILE] = `${JSON.stringify(cover)}\n`
  return files
}

/** Writes the files into `folder`; returns the model's SHA-256. */
export function publishModel(trained: Trained, folder: string): string {
  const files = publishedFiles(trained)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return createHash('sha256').update(files['model.onnx']!).digest('hex')
}

function curveOf({ body, metrics, trainingRows, trainingLabels }: Trained): {
  convergence?: ConvergencePoint[]
} {
  if (body.kind !== 'forest' || metrics.convergence || !trainingRows || !trainingLabels) return {}
  return { convergence: convergenceOf(body.forest, { rows: trainingRows, labels: trainingLabels }) }
}

function trainingReference(trained: Trained, rows: Float32Array): Reference {
  const names = trained.spec.inputs.map((input) => input.name)
  const width = names.length
  const scores = Float64Array.from(
    { length: rows.length / width },
    (_, row) => referenceOutputs(trained, Array.from(rows.subarray(row * width, (row + 1) * width))).value,
  )
  return referenceOf({ rows, names, scores })
}
