/**
 * Scores as rows of `score_row` in COPY's binary format: features as the bytes that are hashed, the strongest contributions as
 * numbers of inputs beside their parts. What is the same in all rows of a batch is encoded once. The view `score` puts names, units
 * and directions back; the reasons are then those of `reasonsFor` in src/models/reasons.ts (a test compares them).
 */
import { type BinaryCopy, createBinaryCopy } from '../db/copy-binary'
import { featureHasher } from '../models/reasons'
import type { CreditWord, ScoreBatch } from './score-batch'

/** Reasons kept with a score. */
export const REASONS = 8

/** In the order in which a row is written: what changes from row to row first. */
export const SCORE_COLUMNS = [
  ...['id', 'account_id', 'subject_id', 'feature_hash', 'features', 'value', 'reason_inputs', 'reason_parts'],
  ...[
    'current',
    'credit_score',
    'horizons',
    'chain_id',
    'subject_kind',
    'model_name',
    'model_version',
    'model_sha256',
    'height',
  ],
  ...['block_hash', 'timestamp', 'reasons_method'],
] as const

/** Writes row `row` of the batch, whose outputs stand at row `place` of the scores. */
export type EncodeRow = (
  out: BinaryCopy,
  row: number,
  scores: { values: Float64Array; contributions: Float32Array },
  place: number,
) => void

/** Prepares what the rows of a batch share. The function throws on a value that is no number. */
export function scoreEncoder(batch: ScoreBatch): EncodeRow {
  const { model, at, subjectIds, accountIds, features, current } = batch
  const { spec } = model
  const width = spec.inputs.length
  const shared = sharedFields(batch)
  const { hash, vector } = featureHasher(spec)
  const picks = new Int16Array(REASONS)
  const parts = new Float32Array(REASONS)
  const suffix = `:${at.height}:${at.hash.slice(0, 10)}`
  return (out, row, { values, contributions }, place) => {
    const subjectId = subjectIds[row]!
    const value = values[place]!
    if (Number.isNaN(value)) {
      throw new Error(`${spec.name} gave no number for ${subjectId}, about which its spec lets it speak`)
    }
    const found = strongest(contributions, { offset: place * width, width, picks, parts })
    out.beginRow(SCORE_COLUMNS.length)
    out.ascii(`${spec.name}:${subjectId}${suffix}`)
    out.ascii(accountIds[row]!)
    out.ascii(subjectId)
    out.ascii(hash(features, row * width))
    out.bytes(vector)
    out.float8(value)
    out.int2Array(picks, found)
    out.float4Array(parts, 0, found)
    out.bool(current === undefined || current[row] === 1)
    writeCredit(out, batch.credit?.[row] ?? null)
    out.raw(shared)
  }
}

function writeCredit(out: BinaryCopy, word: CreditWord | null): void {
  if (word === null) {
    out.null()
    out.null()
    return
  }
  const { p1d, p7d, p30d } = word.horizons
  out.int4(word.score)
  out.float8Array([p1d, p7d, p30d])
}

function sharedFields({ model, kind, at }: ScoreBatch): Buffer {
  const fields = createBinaryCopy({ header: false })
  fields.int8(BigInt(at.chainId))
  for (const text of [kind, model.spec.name, model.spec.version, model.sha256]) fields.ascii(text)
  fields.int8(BigInt(at.height))
  fields.ascii(at.hash)
  fields.timestamp(at.timestampSec * 1000)
  fields.ascii(model.spec.reasonsMethod)
  return fields.fields()
}

/** The strongest contributions, by size, the earlier input first among equals; zero and NaN are left out. @returns how many */
export function strongest(
  contributions: Float32Array,
  row: { offset: number; width: number; picks: Int16Array; parts: Float32Array },
): number {
  const { offset, width, picks, parts } = row
  let found = 0
  for (let input = 0; input < width; input++) {
    const part = contributions[offset + input]!
    const size = Math.abs(part)
    if (!(size > 0) || (found === picks.length && size <= Math.abs(parts[found - 1]!))) continue
    let place = found < picks.length ? found++ : found - 1
    for (; place > 0 && Math.abs(parts[place - 1]!) < size; place--) {
      parts[place] = parts[place - 1]!
      picks[place] = picks[place - 1]!
    }
    parts[place] = part
    picks[place] = input
  }
  return found
}
