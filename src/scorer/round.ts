/** One scoring round: the state at a block → features, and once they are scored, what round detectors find. Reads only. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { DETECTORS } from '../detectors/registry'
import type { AccountView, AlertCandidate, RoundView, ScoreView } from '../detectors/types'
import { account } from '../features/registry'
import type { SubjectScore } from '../features/score'
import {
  POSITION_MODEL,
  type ScoredPosition,
  type ScoredPositions,
  scorePositions,
} from '../features/score-positions'
import type { AsOf } from '../features/types'
import { creditScore } from '../models/credit/score'
import type { ModelRuntime } from '../models/session'
import type { MarketScore } from '../systemic/market-score'
import { noveltyOf } from './novelty'
import { batchOf, type CreditWord, type ScoreBatch } from './score-batch'
import { scoreViewOf, viewedReason } from './score-view'
import type { ScoredPiece } from './score-write'
import { marketBatch, marketView, scoreMarkets } from './systemic'

export const ACCOUNT_MODEL = 'illicit'

type Touch = AccountView['touches'][number]

export interface Round {
  at: AsOf
  positions: ScoredPositions
  /** Lending markets, with what each would lose. */
  markets: readonly MarketScore[]
  /** Everything that is to be scored and stored; positions come with their scores. */
  batches: ScoreBatch[]
  /** What the scored accounts did with listed protocols in the round's window. */
  touches: ReadonlyMap<string, readonly Touch[]>
  /** How unusual those accounts are among their kind, where the novelty model speaks. */
  novelty: ReadonlyMap<string, ScoreView>
}

/** Reads the round whose state is that of block `at`; accounts that acted after `sinceHeight` are to be scored. */
export async function readRound(
  tx: PoolClient,
  options: { runtime: ModelRuntime; chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<Round> {
  const { at } = options
  const positions = await scorePositions(tx, options)
  const accounts = await accountBatch(tx, options)
  const markets = scoreMarkets(positions, options.chain)
  const batches = [
    positionBatch(positions, options.runtime),
    ...(accounts === undefined ? [] : [accounts]),
    marketBatch(markets, positions),
  ]
  const touches = await readTouches(tx, accounts, options)
  const novelty = await noveltyOf(options.runtime, accounts, touches)
  return { at, positions, markets, batches, touches, novelty }
}

function positionBatch(scored: ScoredPositions, runtime: ModelRuntime): ScoreBatch {
  const model = runtime.models[POSITION_MODEL]!
  const width = model.spec.inputs.length
  const found = scored.positions.flatMap(({ standing, score }) =>
    score === null ? [] : [{ standing, score }],
  )
  const rows = (part: 'features' | 'contributions') => {
    const all = new Float32Array(found.length * width)
    for (const [i, { score }] of found.entries()) all.set(score[part], i * width)
    return all
  }
  return {
    model,
    kind: 'position',
    at: scored.at,
    table: scored.table,
    subjectIds: found.map(({ score }) => score.subjectId),
    accountIds: found.map(({ standing }) => standing.accountId),
    features: rows('features'),
    scores: {
      values: Float64Array.from(found, ({ score }) => score.value),
      contributions: rows('contributions'),
    },
    credit: found.map(({ score }) => creditOf(score)),
  }
}

/** What a score of `credit` says beside its value. */
function creditOf({ value, further }: SubjectScore): CreditWord | null {
  const { p1d, p7d, p30d } = further
  if (p1d === undefined || p7d === undefined || p30d === undefined) return null
  return { score: creditScore(value), horizons: { p1d, p7d, p30d } }
}

async function accountBatch(
  tx: PoolClient,
  options: { runtime: ModelRuntime; chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<ScoreBatch | undefined> {
  const { runtime, chain, at, sinceHeight } = options
  const active = await tx.query<{ account_id: string }>(sql('features-active-accounts'), [
    chain.id,
    sinceHeight + 1,
    at.height,
  ])
  const accountIds = active.rows.map((row) => row.account_id)
  if (accountIds.length === 0) return undefined
  const table = account.compute(await account.read(tx, { chain, at, accountIds }))
  return batchOf(runtime.models[ACCOUNT_MODEL]!, { kind: 'account', at, table })
}

async function readTouches(
  tx: PoolClient,
  accounts: ScoreBatch | undefined,
  { chain, at, sinceHeight }: { chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<Round['touches']> {
  const touches = new Map<string, Touch[]>()
  if (accounts === undefined || accounts.subjectIds.length === 0) return touches
  const result = await tx.query<{
    account_id: string
    protocol: string
    market_id: string | null
    tx_hash: Hex
    height: string
  }>(sql('scorer-touches'), [chain.id, sinceHeight + 1, at.height, accounts.subjectIds])
  for (const row of result.rows) {
    const touch = {
      protocol: row.protocol,
      marketId: row.market_id,
      txHash: row.tx_hash,
      height: Number(row.height),
    }
    const known = touches.get(row.account_id)
    if (known) known.push(touch)
    else touches.set(row.account_id, [touch])
  }
  return touches
}

/** The accounts of a piece that touched a listed protocol, as detectors see them. */
export function accountViews(
  { batch, from, count, scores }: ScoredPiece,
  { touches, novelty }: Pick<Round, 'touches' | 'novelty'>,
): AccountView[] {
  if (touches.size === 0) return []
  const width = batch.model.spec.inputs.length
  const views: AccountView[] = []
  for (let i = 0; i < count; i++) {
    const accountId = batch.subjectIds[from + i]!
    const own = touches.get(accountId)
    if (own === undefined) continue
    const cells = (all: Float32Array, row: number) => all.subarray(row * width, (row + 1) * width)
    const score = scoreViewOf(batch.model, {
      value: scores.values[i]!,
      features: cells(batch.features, from + i),
      contributions: cells(scores.contributions, i),
    })
    views.push({ accountId, score, novelty: novelty.get(accountId) ?? null, touches: own })
  }
  return views
}

/** What round detectors find once the round is scored. */
export function detectInRound(
  { at, positions, markets }: Round,
  { chain, accounts }: { chain: ChainSpec; accounts: readonly AccountView[] },
): AlertCandidate[] {
  const standings = positions.positions.map(standingView)
  const view: RoundView = { chain, at, standings, accounts, markets: markets.map(marketView) }
  return Object.values(DETECTORS).flatMap((detector) =>
    detector.on === 'round' ? detector.detect(view) : [],
  )
}

function standingView(scored: ScoredPosition): RoundView['standings'][number] {
  const { standing, healthFactor, collateralUsd, debtUsd, badDebtUsd, score } = scored
  return {
    subjectId: standing.subjectId,
    accountId: standing.accountId,
    protocol: standing.protocol,
    pool: standing.pool,
    healthFactor,
    collateralUsd,
    debtUsd,
    badDebtUsd,
    priceConfidence: standing.priceConfidenceBps / 10_000,
    marketIds: standing.marketIds,
    score: score === null ? null : scoreView(score),
  }
}

function scoreView(score: SubjectScore): ScoreView {
  const { value, modelName, modelVersion, modelSha256 } = score
  return {
    value,
    modelName,
    modelVersion,
    modelSha256,
    reasons: score.reasons.map((reason) => viewedReason(reason, score.reasonsMethod)),
  }
}
