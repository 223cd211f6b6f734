/**
 * What one model is asked in one round, as columns: subjects, and their features as one matrix. A round of a million
 * accounts is then a few arrays instead of a million objects. Pure.
 */
import { matrixOf, subjectsOf } from '../features/table'
import type { AsOf, FeatureTable } from '../features/types'
import type { OpenModel } from '../models/session'
import { speaker } from '../models/spec'

/** Score from 300 to 850, and probabilities of a liquidation within 1, 7 and 30 days. */
export interface CreditWord {
  score: number
  horizons: { p1d: number; p7d: number; p30d: number }
}

export interface ScoreBatch {
  model: Pick<OpenModel, 'spec' | 'sha256'>
  kind: 'account' | 'position' | 'market'
  at: AsOf
  /** Ascending. */
  subjectIds: readonly string[]
  /** Whose row it is, beside each subject; the subjects themselves where they are accounts. */
  accountIds: readonly string[]
  /** Row-major float32 in spec order, a row for each subject. */
  features: Float32Array
  /** What the features were taken from: another version of the model may have other inputs. */
  table: FeatureTable
  /** Where they are known already. */
  scores?: { values: Float64Array; contributions: Float32Array }
  /** What a credit model says beside its value, a place for each subject. */
  credit?: readonly (CreditWord | null)[]
  /** 1 where the score is the newest of its subject; undefined when all are. */
  current?: Uint8Array
}

/** Some rows of a row-major matrix as a matrix of their own. */
export function gatherRows(
  all: Float32Array,
  { width, rows }: { width: number; rows: readonly number[] },
): Float32Array {
  const gathered = new Float32Array(rows.length * width)
  rows.forEach((from, to) => {
    gathered.set(all.subarray(from * width, (from + 1) * width), to * width)
  })
  return gathered
}

/** The subjects of a table about which the model may speak. Throws when the table lacks an input. */
export function batchOf(
  model: ScoreBatch['model'],
  {
    kind,
    at,
    table,
    accountOf,
  }: {
    kind: ScoreBatch['kind']
    at: AsOf
    table: FeatureTable
    /** Account of a subject; absent where the subject is one. */
    accountOf?: (subjectId: string) => string
  },
): ScoreBatch {
  const inputs = model.spec.inputs.map((input) => input.name)
  const width = inputs.length
  const all = matrixOf(table, inputs)
  const speaks = speaker(model.spec)
  const subjects = subjectsOf(table)
  const rows = [...subjects.keys()].filter((row) => speaks(all, row * width))
  const features = rows.length === subjects.length ? all : gatherRows(all, { width, rows })
  const subjectIds = rows.length === subjects.length ? subjects : rows.map((row) => subjects[row]!)
  const accountIds = accountOf ? subjectIds.map(accountOf) : subjectIds
  return { model, kind, at, table, subjectIds, accountIds, features }
}

/**
 * Batches in the order of their rounds → which scores are current: the newest of each subject and model. Of models
 * that are asked about every subject in every round only the last round's: where one was silent there, nothing is current.
 */
export function markCurrent(
  batches: readonly ScoreBatch[],
  { everyRound, lastHeight }: { everyRound: readonly string[]; lastHeight: number },
): ScoreBatch[] {
  const seen = new Map<string, Set<string>>()
  const left = new Map<string, number>()
  for (const { model } of batches) left.set(model.spec.name, (left.get(model.spec.name) ?? 0) + 1)
  const marked = [...batches].reverse().map((batch): ScoreBatch => {
    const { name } = batch.model.spec
    left.set(name, left.get(name)! - 1)
    if (everyRound.includes(name)) {
      return batch.at.height === lastHeight
        ? batch
        : { ...batch, current: new Uint8Array(batch.subjectIds.length) }
    }
    const newer = seen.get(name)
    const current = newer && Uint8Array.from(batch.subjectIds, (id) => (newer.has(id) ? 0 : 1))
    if (left.get(name)! > 0) {
      const known = newer ?? new Set()
      for (const id of batch.subjectIds) known.add(id)
      seen.set(name, known)
    }
    return current ? { ...batch, current } : batch
  })
  return marked.reverse()
}
