/**
 * One transaction of the scorer: new blocks of a chain → scores, health, alerts, and the cursor that says so.
 *
 * Everything commits together or not at all, so a scorer that is killed continues where its last transaction ended.
 * Rollbacks among the new batches are undone first. What a height yields depends on the chain's blocks alone; how many
 * heights one step takes does not matter.
 */
import { confirmAlerts, recordCandidates } from '../alerts/lifecycle'
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { DETECTORS } from '../detectors/registry'
import type { AccountView, AlertCandidate } from '../detectors/types'
import { PlimsollError } from '../errors'
import { blockAt } from '../features/blocks'
import { scorePositions } from '../features/score-positions'
import type { ModelRuntime } from '../models/session'
import { MAX_RANGE_BLOCKS, readFacts } from './facts'
import { type RiskRoundRow, riskRoundRow } from './risk-round'
import { accountViews, detectInRound, type Round, readRound } from './round'
import { COARSE, FINE_ROUNDS, lastRound, roundsIn } from './rounds'
import { healthRow, marketPriceRows } from './rows'
import { markCurrent } from './score-batch'
import { writeScores } from './score-write'
import { createActiveValues, writeShadows } from './shadow'
import { EVERY_ROUND, lapseScores, undoDerived } from './undo'

export const CONSUMER = 'scorer'
const MAX_ROUNDS = 20
const MAX_RANGES = 10

export interface StepOptions {
  chain: ChainSpec
  runtime: ModelRuntime
  /** Shadow versions that score beside the active ones. */
  shadows?: ModelRuntime | undefined
  /** Rounds of one transaction; fewer make it shorter. */
  maxRounds?: number
  /** Rounds behind the head that are all computed and kept; beyond them one in 60. */
  fineRounds?: number
}

export interface StepResult {
  /** Nothing was left to do. */
  idle: boolean
  /** Everything up to this height has been derived. */
  height: number
  headHeight: number
  rounds: number
  scores: number
  alerts: number
  retracted: number
}

interface Progress {
  headHeight: number
  finalizedHeight: number
  epoch: number
  lastSeq: number
  /** Blocks above this height were undone since the cursor's batch. */
  rollbackTo: number | null
}

/**
 * Derives what the next blocks of a chain yield, at most `maxRounds` rounds of them. Runs again on a serialization
 * failure. Rejects when the database or a model fails; nothing is written then.
 */
export async function step(pool: Pool, options: StepOptions): Promise<StepResult> {
  await pool.query(sql('scorer-cursor-make'), [CONSUMER, options.chain.id])
  return inTransaction(pool, (tx) => deriveNext(tx, options))
}

async function deriveNext(tx: PoolClient, options: StepOptions): Promise<StepResult> {
  const { chain } = options
  const cursor = await lockCursor(tx, chain.id)
  const progress = await readProgress(tx, chain.id, cursor.seq)
  const result = {
    idle: true,
    height: cursor.height,
    headHeight: -1,
    rounds: 0,
    scores: 0,
    alerts: 0,
    retracted: 0,
  }
  if (progress === undefined) return result
  result.headHeight = progress.headHeight
  const removed = progress.epoch < cursor.epoch || progress.lastSeq < cursor.seq
  if (!removed && progress.lastSeq === cursor.seq && cursor.height >= progress.headHeight) return result
  const remaining = removed ? -1 : Math.min(cursor.height, progress.rollbackTo ?? cursor.height)
  if (remaining < cursor.height) result.retracted = await undo(tx, remaining, options)
  const fromHeight = Math.max(remaining, (await nextBlock(tx, chain.id, remaining, progress.headHeight)) - 1)
  const derived = await derive(tx, { fromHeight, progress, options })
  await confirmAlerts(tx, chain.id, progress.finalizedHeight)
  await checkEpoch(tx, chain, progress.epoch)
  await tx.query(sql('scorer-cursor-move'), [
    CONSUMER,
    chain.id,
    progress.lastSeq,
    progress.epoch,
    derived.height,
  ])
  return { ...result, ...derived, idle: false }
}

async function lockCursor(
  tx: PoolClient,
  chainId: number,
): Promise<{ seq: number; epoch: number; height: number }> {
  const result = await tx.query<Record<'seq' | 'epoch' | 'height', string>>(sql('scorer-cursor-lock'), [
    CONSUMER,
    chainId,
  ])
  const row = result.rows[0]!
  return { seq: Number(row.seq), epoch: Number(row.epoch), height: Number(row.height) }
}

async function readProgress(tx: PoolClient, chainId: number, seq: number): Promise<Progress | undefined> {
  const result = await tx.query<Record<string, string | null>>(sql('scorer-progress'), [chainId, seq])
  const row = result.rows[0]
  if (row === undefined) return undefined
  return {
    headHeight: Number(row.head_height),
    finalizedHeight: Number(row.finalized_height),
    epoch: Number(row.epoch),
    lastSeq: Number(row.last_seq),
    rollbackTo: row.rollback_to === null ? null : Number(row.rollback_to),
  }
}

/** First stored block above a height; the head where there is none. A chain need not be indexed from its start. */
async function nextBlock(
  tx: PoolClient,
  chainId: number,
  height: number,
  headHeight: number,
): Promise<number> {
  const result = await tx.query<{ height: string | null }>(sql('scorer-next-block'), [chainId, height])
  const next = result.rows[0]?.height ?? null
  return next === null ? headHeight : Number(next)
}

async function undo(tx: PoolClient, remainingHeight: number, options: StepOptions): Promise<number> {
  const { chain, runtime } = options
  const undone = await undoDerived(tx, chain.id, remainingHeight)
  const at = await blockAt(tx, chain.id, lastRound(remainingHeight, chain.scoreEveryBlocks))
  if (at === undefined) {
    await tx.query(sql('scorer-health-replace'), [chain.id, '[]'])
    await tx.query(sql('scorer-market-prices-replace'), [chain.id, '[]'])
  } else await writeHealth(tx, chain, await scorePositions(tx, { runtime, chain, at }))
  return undone.alertsRetracted
}

async function derive(
  tx: PoolClient,
  { fromHeight, progress, options }: { fromHeight: number; progress: Progress; options: StepOptions },
): Promise<{ height: number; rounds: number; scores: number; alerts: number }> {
  const { chain, runtime } = options
  const { headHeight } = progress
  const { maxRounds: limit = MAX_ROUNDS, fineRounds = FINE_ROUNDS } = options
  const farthest = Math.min(headHeight, fromHeight + MAX_RANGES * MAX_RANGE_BLOCKS)
  const rounds = roundsIn({
    fromHeight,
    toHeight: farthest,
    headHeight,
    everyBlocks: chain.scoreEveryBlocks,
    limit,
    fineRounds,
  })
  const toHeight = rounds.length < limit ? farthest : rounds.at(-1)!.height
  const candidates = await detectInFacts(tx, chain, { fromHeight, toHeight })
  const due: Round[] = []
  const sums: RiskRoundRow[] = []
  for (const { height, sinceHeight } of rounds) {
    const at = await blockAt(tx, chain.id, height)
    // Chains that store only relevant blocks have rounds in which nothing happened.
    if (at === undefined || at.height <= sinceHeight) continue
    const round = await readRound(tx, { runtime, chain, at, sinceHeight })
    due.push(round)
    sums.push(riskRoundRow(round, height))
  }
  const written = await scoreRounds(tx, due, options)
  candidates.push(...written.candidates)
  const last = due.at(-1)
  if (last !== undefined) {
    await lapseScores(tx, chain.id, last.at.height)
    await tx.query(sql('scorer-risk-rounds-write'), [JSON.stringify(sums)])
    await writeHealth(tx, chain, last.positions)
  }
  await thinHistory(tx, chain, { fromHeight, toHeight, windowBlocks: fineRounds * chain.scoreEveryBlocks })
  const alerts = await recordCandidates(tx, chain.id, candidates)
  return { height: Math.max(fromHeight, toHeight), rounds: rounds.length, scores: written.scores, alerts }
}

async function detectInFacts(
  tx: PoolClient,
  chain: ChainSpec,
  range: { fromHeight: number; toHeight: number },
): Promise<AlertCandidate[]> {
  const candidates: AlertCandidate[] = []
  for (let fromHeight = range.fromHeight; fromHeight < range.toHeight; fromHeight += MAX_RANGE_BLOCKS) {
    const toHeight = Math.min(range.toHeight, fromHeight + MAX_RANGE_BLOCKS)
    const view = await readFacts(tx, chain, { fromHeight, toHeight })
    for (const detector of Object.values(DETECTORS)) {
      if (detector.on === 'facts') candidates.push(...detector.detect(view))
    }
  }
  return candidates
}

/** Scores rounds and writes what came of it; the newest score of each subject is current, older ones no longer. */
async function scoreRounds(
  tx: PoolClient,
  rounds: readonly Round[],
  { chain, runtime, shadows }: StepOptions,
): Promise<{ scores: number; candidates: AlertCandidate[] }> {
  const last = rounds.at(-1)
  if (last === undefined) return { scores: 0, candidates: [] }
  const all = rounds.flatMap((round) => round.batches)
  const batches = markCurrent(all, { everyRound: EVERY_ROUND, lastHeight: last.at.height })
  const seen = new Map(rounds.map((round) => [round.at.height, { round, accounts: [] as AccountView[] }]))
  const active = createActiveValues()
  const scores = await writeScores(tx, {
    chainId: chain.id,
    batches,
    runtime,
    onPiece: (piece) => {
      if (shadows !== undefined) active.take(piece)
      const { round, accounts } = seen.get(piece.batch.at.height)!
      if (piece.batch.kind === 'account') accounts.push(...accountViews(piece, round))
    },
  })
  if (shadows !== undefined) await writeShadows(tx, { chainId: chain.id, batches, shadows, active })
  const candidates = [...seen.values()].flatMap(({ round, accounts }) =>
    detectInRound(round, { chain, accounts }),
  )
  return { scores, candidates }
}

/** Thins the scores and sums that the blocks (fromHeight, toHeight] moved out of the fine window. */
async function thinHistory(
  tx: PoolClient,
  { id, scoreEveryBlocks, finalityDepthBlocks }: ChainSpec,
  { fromHeight, toHeight, windowBlocks }: { fromHeight: number; toHeight: number; windowBlocks: number },
): Promise<void> {
  if (toHeight <= windowBlocks) return
  const [from, to, kept] = [fromHeight - windowBlocks, toHeight - windowBlocks, scoreEveryBlocks * COARSE]
  await tx.query(sql('scorer-scores-thin'), [id, from, to, windowBlocks - finalityDepthBlocks, kept])
  await tx.query(sql('scorer-risk-rounds-thin'), [id, from, to, kept])
  // A comparison is of the last weeks; it is not history.
  await tx.query(sql('scorer-shadows-undo'), [id, from + 1, to])
}

async function writeHealth(
  tx: PoolClient,
  chain: ChainSpec,
  { at, positions, marketPrices }: Round['positions'],
): Promise<void> {
  const symbols = new Map(chain.tokens.map((token) => [`${chain.id}:${token.address}`, token]))
  const rows = positions.map((scored) => healthRow(scored, at, symbols))
  await tx.query(sql('scorer-health-replace'), [chain.id, JSON.stringify(rows)])
  const prices = JSON.stringify(marketPriceRows(marketPrices, at))
  await tx.query(sql('scorer-market-prices-replace'), [chain.id, prices])
}

async function checkEpoch(tx: PoolClient, chain: ChainSpec, epoch: number): Promise<void> {
  const result = await tx.query<{ epoch: string }>(sql('scorer-epoch-check'), [chain.id])
  if (Number(result.rows[0]?.epoch) === epoch) return
  throw new PlimsollError(`chain ${chain.name} changed its writer or was removed while it was being scored`, {
    details: [`writer epoch ${epoch} before, ${result.rows[0]?.epoch ?? 'none'} now`],
    hint: 'the scorer starts the step again',
  })
}
