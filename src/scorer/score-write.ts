/**
 * Batches → rows of `score_row`, in one COPY: while the models' threads score the next rows, the last ones are encoded
 * and sent, and PostgreSQL takes those before. Work comes in pieces of a few hundred rows with a turn of the event loop
 * between them, so that nothing else in the process waits.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { createBinaryCopy } from '../db/copy-binary'
import { openCopy, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { ModelRuntime, Scores } from '../models/session'
import type { ScoreBatch } from './score-batch'
import { SCORE_COLUMNS, scoreEncoder } from './score-encode'

/** Rows of one request to a model: few enough that what the graph looks up for them stays in a core's cache. */
const PIECE_ROWS = 512
/** Subjects of one query that takes `current` from their older scores. */
const SUPERSEDE_ROWS = 2_000
/** Requests under way: enough that no thread waits for the encoder. */
const AHEAD = 6

/** Rows [from, from + count) of a batch and what the model said of them. */
export interface ScoredPiece {
  batch: ScoreBatch
  from: number
  count: number
  scores: Pick<Scores, 'values' | 'contributions'>
}

export interface ScoreWriting {
  chainId: number
  /** In the order of their rounds. */
  batches: readonly ScoreBatch[]
  runtime: Pick<ModelRuntime, 'score'>
  /** Sees every piece, in order. */
  onPiece?: (piece: ScoredPiece) => void
}

/**
 * Scores the batches and writes their rows; those that are not current any more lose the mark. Resolves with the number
 * of rows once the server has all of them. Rejects when a model or the database fails; the transaction is then of no use.
 */
export async function writeScores(tx: PoolClient, writing: ScoreWriting): Promise<number> {
  await makeRoom(tx, writing)
  return copyScores(tx, writing)
}

/** Takes `current` from older scores of the subjects, and removes what stands at the heights that are to be written. */
async function makeRoom(tx: PoolClient, { chainId, batches }: ScoreWriting): Promise<void> {
  const heights = [...new Set(batches.map((batch) => batch.at.height))]
  await tx.query(sql('scorer-scores-remove'), [chainId, heights])
  for (const name of new Set(batches.map(({ model }) => model.spec.name))) {
    const some = await tx.query(sql('scorer-scores-any-current'), [chainId, name])
    if (some.rowCount === 0) continue
    for (const batch of batches) {
      if (batch.model.spec.name !== name) continue
      await supersede(tx, chainId, batch)
    }
  }
}

/** In pieces: a query's parameters become one text at once, that of a million ids for a second or so. */
async function supersede(
  tx: PoolClient,
  chainId: number,
  { model, accountIds, subjectIds }: ScoreBatch,
): Promise<void> {
  for (let from = 0; from < subjectIds.length; from += SUPERSEDE_ROWS) {
    const [accounts, subjects] = [accountIds, subjectIds].map((ids) => ids.slice(from, from + SUPERSEDE_ROWS))
    await tx.query(sql('scorer-scores-supersede'), [chainId, model.spec.name, accounts, subjects])
  }
}

async function copyScores(tx: PoolClient, { batches, runtime, onPiece }: ScoreWriting): Promise<number> {
  let written = 0
  if (batches.every((batch) => batch.subjectIds.length === 0)) return written
  const copy = openCopy(tx, 'score_row', SCORE_COLUMNS, 'binary')
  const out = createBinaryCopy()
  try {
    for (const batch of batches) {
      const encode = scoreEncoder(batch)
      for await (const piece of pieces(batch, runtime)) {
        onPiece?.(piece)
        for (let i = 0; i < piece.count; i++) encode(out, piece.from + i, piece.scores, i)
        written += piece.count
        const full = out.takeFull()
        if (full.length > 0) await copy.write(full)
        await turn()
      }
    }
    await copy.end(out.end())
  } catch (error) {
    copy.abort()
    throw error
  }
  return written
}

async function* pieces(batch: ScoreBatch, runtime: Pick<ModelRuntime, 'score'>): AsyncGenerator<ScoredPiece> {
  const { model, features, subjectIds, scores: known } = batch
  const width = model.spec.inputs.length
  const ask = async (from: number, count: number) => {
    const [first, last] = [from * width, (from + count) * width]
    if (known === undefined) return runtime.score(model.spec.name, features.subarray(first, last), count)
    return {
      values: known.values.subarray(from, from + count),
      contributions: known.contributions.subarray(first, last),
    }
  }
  const waiting: Promise<ScoredPiece>[] = []
  let next = 0
  while (next < subjectIds.length || waiting.length > 0) {
    while (next < subjectIds.length && waiting.length < AHEAD) {
      const [from, count] = [next, Math.min(PIECE_ROWS, subjectIds.length - next)]
      const asked = ask(from, count).then((scores) => ({ batch, from, count, scores }))
      // Whoever takes it hears of a failure; until then it is nobody's unhandled rejection.
      asked.catch(() => undefined)
      waiting.push(asked)
      next += count
    }
    yield await waiting.shift()!
  }
}
