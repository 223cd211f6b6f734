/**
 * The three committed files of a trained model. model.onnx is what runs; metrics.json says how it was made and how
 * good it is, and names the SHA-256 of model.onnx; golden.json holds rows with the exact outputs of the TypeScript
 * reference, which ONNX must reproduce to the bit.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { forestMargins } from './learn/forest'
import { type Curve, evaluateCurve } from './onnx/curve'
import { linearMargin } from './onnx/linear'
import { type ModelBody, writeModel } from './onnx/write'
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
  body: ModelBody
  curve: Curve
  /** Further curves of the margin that the graph publishes, by output name. */
  further?: Readonly<Record<string, Curve>>
  metrics: Record<string, unknown>
  /** Rows for golden.json: no real entity's, but quantiles and edge cases. */
  goldenRows: readonly (readonly number[])[]
}

/** Bytes of model.onnx. */
export function modelBytes({ spec, body, curve, further = {} }: Trained): Uint8Array {
  const inputs = spec.inputs.map((input) => input.name)
  return writeModel({ name: spec.name, version: spec.version, inputs, body, curve, further })
}

/** Outputs of the reference for one row, which is rounded to float32 first. */
export function referenceOutputs(
  { body, curve }: Trained,
  row: readonly number[],
): { margin: number; value: number } {
  const features = Float32Array.from(row)
  const margin =
    body.kind === 'forest' ? forestMargins(body.forest, features)[0]! : linearMargin(body.linear, features)
  return { margin, value: evaluateCurve(curve, margin) }
}

/** Writes model.onnx, metrics.json and golden.json into `folder`; returns the model's SHA-256. */
export function publishModel(trained: Trained, folder: string): string {
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
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'model.onnx'), bytes)
  writeFileSync(join(folder, 'metrics.json'), `${JSON.stringify({ ...head, ...metrics }, null, 2)}\n`)
  writeFileSync(
    join(folder, 'golden.json'),
    `${JSON.stringify({ model: spec.name, rows: golden }, null, 1)}\n`,
  )
  return modelSha256
}
