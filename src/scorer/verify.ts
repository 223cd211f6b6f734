/**
 * Recomputes a stored score from what is stored beside it: the feature vector and the model file of its hash. Says what
 * differs: a feature or the hash of the vector, the value, a reason, the file, or the block that it stands on.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { featureHasher } from '../models/reasons'
import { type LoadedModel, modelFolder } from '../models/registry'
import { openModels } from '../models/session'
import { abstains, type ModelSpec } from '../models/spec'
import { vectorOf } from '../models/vector-bytes'
import { SYSTEMIC_MODEL, scoreOfShares, systemicSha256, systemicSpec } from '../systemic/market-score'
import { REASONS, strongest } from './score-encode'

export interface Verification {
  scoreId: string
  modelName: string
  modelVersion: string
  modelSha256: string
  exactness: ModelSpec['exactness']
  stored: number
  /** null when nothing can be recomputed. */
  recomputed: number | null
  /** Sentences; empty when everything agrees. */
  differences: string[]
}

interface StoredScore {
  id: string
  subject_id: string
  model_name: string
  model_version: string
  model_sha256: string
  feature_hash: string
  features: Buffer
  height: string
  block_hash: string
  value: number
  reason_inputs: number[]
  reason_parts: number[]
  reasons_method: string
  stored_block_hash: string | null
  spec: ModelSpec | null
  bytes: Buffer | null
}

/** @throws PlimsollError with exit code 2 when there is no such score, or its model's version is not registered */
export async function verifyScore(pool: Pool, scoreId: string): Promise<Verification> {
  const { rows } = await pool.query<StoredScore>(sql('score-verify'), [scoreId])
  const score = rows[0]
  if (score === undefined) {
    throw new PlimsollError(`there is no score ${scoreId}`, {
      hint: 'ids are shown by `{ scores { id } }`; old rounds are thinned',
      exitCode: 2,
    })
  }
  const { spec } = score
  if (spec === null) {
    throw new PlimsollError(`no version ${score.model_sha256} of model ${score.model_name} is registered`, {
      exitCode: 2,
    })
  }
  const features = vectorOf(score.features)
  const differences = [...placeFaults(score), ...vectorFaults(score, spec, features)]
  const { again, faults } = await recompute(score, spec, features)
  differences.push(...faults)
  let recomputed: number | null = null
  if (again !== undefined) {
    recomputed = again.value
    differences.push(
      ...valueFaults(score, spec, again.value),
      ...reasonFaults(score, spec, again.contributions),
    )
  }
  return {
    scoreId,
    modelName: score.model_name,
    modelVersion: score.model_version,
    modelSha256: score.model_sha256,
    exactness: spec.exactness,
    stored: score.value,
    recomputed,
    differences,
  }
}

function placeFaults(score: StoredScore): string[] {
  const faults: string[] = []
  const id = `${score.model_name}:${score.subject_id}:${score.height}:${score.block_hash.slice(0, 10)}`
  if (id !== score.id) faults.push(`the row's own columns make the id ${id}`)
  const block = score.stored_block_hash
  if (block !== null && block !== score.block_hash) {
    faults.push(`block ${score.height} is stored with hash ${block}, the score names ${score.block_hash}`)
  }
  return faults
}

function vectorFaults(score: StoredScore, spec: ModelSpec, features: Float32Array): string[] {
  if (features.length !== spec.inputs.length) {
    return [`${features.length} features are stored, the model takes ${spec.inputs.length}`]
  }
  const faults: string[] = []
  const hash = featureHasher(spec).hash(features, 0)
  if (hash !== score.feature_hash) {
    faults.push(
      `the stored features hash to ${hash}, the score names ${score.feature_hash}: a feature or the hash was changed`,
    )
  }
  const silence = abstains(spec, features)
  if (silence !== undefined) faults.push(`there should be no score: ${silence}`)
  if (score.model_version !== spec.version) {
    faults.push(`the score names version ${score.model_version}, its file is version ${spec.version}`)
  }
  if (score.reasons_method !== spec.reasonsMethod) {
    faults.push(`reasons are by ${score.reasons_method}, the model's are by ${spec.reasonsMethod}`)
  }
  return faults
}

/** The file of the hash that the score names: from the database, else the committed one if it is that. */
function modelOf(
  { model_name: name, model_sha256: sha256, bytes }: StoredScore,
  spec: ModelSpec,
): { model: LoadedModel | undefined; faults: string[] } {
  const hashOf = (file: Uint8Array) => createHash('sha256').update(file).digest('hex')
  if (bytes !== null && hashOf(bytes) === sha256)
    return { model: { spec, sha256, bytes: new Uint8Array(bytes) }, faults: [] }
  const fault =
    bytes === null
      ? `the model file ${sha256} is missing`
      : `the model file ${sha256} was changed: its hash is ${hashOf(bytes)}`
  const path = join(modelFolder(name), 'model.onnx')
  const committed = existsSync(path) ? readFileSync(path) : undefined
  const model =
    committed && hashOf(committed) === sha256 ? { spec, sha256, bytes: new Uint8Array(committed) } : undefined
  return {
    model,
    faults: [model ? `${fault}; the committed file was used` : `${fault}; nothing can be recomputed`],
  }
}

interface Recomputed {
  again: { value: number; contributions: Float32Array } | undefined
  faults: string[]
}

/** What the model says of the stored features now; undefined where its file, or its rule, is not there any more. */
async function recompute(score: StoredScore, spec: ModelSpec, features: Float32Array): Promise<Recomputed> {
  if (spec.name === SYSTEMIC_MODEL) return recomputeSystemic(score, features)
  const { model, faults } = modelOf(score, spec)
  if (model === undefined || features.length !== spec.inputs.length) return { again: undefined, faults }
  const runtime = await openModels({ loaded: [model], canonicalOnly: true })
  try {
    const { values, contributions } = await runtime.score(model.spec.name, features, 1)
    return { again: { value: values[0]!, contributions }, faults }
  } finally {
    await runtime.close()
  }
}

/** The systemic score has no file: this release's rule recomputes what this release's rule has scored. */
function recomputeSystemic({ model_sha256: sha256 }: StoredScore, features: Float32Array): Recomputed {
  if (sha256 === systemicSha256 && features.length === systemicSpec.inputs.length)
    return { again: scoreOfShares(features), faults: [] }
  const fault = `the score was made by rule ${sha256}, this release has ${systemicSha256}; nothing can be recomputed`
  return { again: undefined, faults: sha256 === systemicSha256 ? [] : [fault] }
}

function valueFaults({ value }: StoredScore, { exactness }: ModelSpec, again: number): string[] {
  const tolerance = exactness === 'bits' ? 0 : exactness.tolerance
  if (Object.is(value, again) || Math.abs(value - again) <= tolerance) return []
  const promise = tolerance === 0 ? 'to the bit' : `within ${tolerance}`
  return [`the value is ${value}, recomputed ${again}: it should agree ${promise}`]
}

function reasonFaults(score: StoredScore, spec: ModelSpec, contributions: Float32Array): string[] {
  const picks = new Int16Array(REASONS)
  const parts = new Float32Array(REASONS)
  const count = strongest(contributions, { offset: 0, width: contributions.length, picks, parts })
  const tolerance = spec.exactness === 'bits' ? 0 : spec.exactness.tolerance
  const faults: string[] = []
  if (score.reason_inputs.length !== count || score.reason_parts.length !== count) {
    faults.push(`${score.reason_inputs.length} reasons are stored, recomputed ${count}`)
  }
  const title = (input: number | undefined) =>
    input === undefined ? 'none' : (spec.inputs[input]?.name ?? `input ${input}`)
  for (let i = 0; i < Math.min(count, score.reason_inputs.length); i++) {
    const part = Math.fround(score.reason_parts[i] ?? Number.NaN)
    if (score.reason_inputs[i] === picks[i] && Math.abs(part - parts[i]!) <= tolerance) continue
    faults.push(
      `reason ${i + 1} is ${title(score.reason_inputs[i])} ${part}, recomputed ${title(picks[i])} ${parts[i]}`,
    )
  }
  return faults
}
