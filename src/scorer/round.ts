/** One scoring round: the state at a block → features → scores → what round detectors find. Reads only. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { DETECTORS } from '../detectors/registry'
import type { AlertCandidate, Reason, RoundView, ScoreView } from '../detectors/types'
import { accountColumns } from '../features/account'
import { account } from '../features/registry'
import { type SubjectScore, scoreTable } from '../features/score'
import { type ScoredPosition, type ScoredPositions, scorePositions } from '../features/score-positions'
import type { AsOf } from '../features/types'
import { creditSpec } from '../models/credit/spec'
import type { ModelRuntime } from '../models/session'
import { type ScoreRow, scoreRow } from './rows'

const ACCOUNT_MODEL = 'illicit'
const POSITION_INPUTS = creditSpec.inputs.map((input) => input.name)

export interface RoundResult {
  at: AsOf
  positions: ScoredPositions
  scores: ScoreRow[]
  candidates: AlertCandidate[]
}

/** Computes the round whose state is that of block `at`; accounts that acted after `sinceHeight` are scored. */
export async function computeRound(
  tx: PoolClient,
  options: { runtime: ModelRuntime; chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<RoundResult> {
  const { chain, at } = options
  const positions = await scorePositions(tx, options)
  const accounts = await scoreAccounts(tx, options)
  const scores = [
    ...positions.positions.flatMap(({ standing, score }) =>
      score === null
        ? []
        : [scoreRow(score, { kind: 'position', accountId: standing.accountId, at, inputs: POSITION_INPUTS })],
    ),
    ...accounts.map((score) =>
      scoreRow(score, { kind: 'account', accountId: score.subjectId, at, inputs: accountColumns }),
    ),
  ]
  const view: RoundView = {
    chain,
    at,
    standings: positions.positions.map(standingView),
    accounts: await accountViews(tx, accounts, options),
  }
  const candidates = Object.values(DETECTORS).flatMap((detector) =>
    detector.on === 'round' ? detector.detect(view) : [],
  )
  return { at, positions, scores, candidates }
}

async function scoreAccounts(
  tx: PoolClient,
  options: { runtime: ModelRuntime; chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<SubjectScore[]> {
  const { runtime, chain, at, sinceHeight } = options
  const active = await tx.query<{ account_id: string }>(sql('features-active-accounts'), [
    chain.id,
    sinceHeight + 1,
    at.height,
  ])
  const accountIds = active.rows.map((row) => row.account_id)
  if (accountIds.length === 0) return []
  const features = account.compute(await account.read(tx, { chain, at, accountIds }))
  const { scores } = await scoreTable(runtime, ACCOUNT_MODEL, features)
  return [...scores.values()]
}

async function accountViews(
  tx: PoolClient,
  scores: readonly SubjectScore[],
  { chain, at, sinceHeight }: { chain: ChainSpec; at: AsOf; sinceHeight: number },
): Promise<RoundView['accounts']> {
  if (scores.length === 0) return []
  const result = await tx.query<{
    account_id: string
    protocol: string
    market_id: string | null
    tx_hash: Hex
    height: string
  }>(sql('scorer-touches'), [chain.id, sinceHeight + 1, at.height, scores.map((score) => score.subjectId)])
  const touches = new Map<string, RoundView['accounts'][number]['touches'][number][]>()
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
  return scores.map((score) => ({
    accountId: score.subjectId,
    score: scoreView(score),
    touches: touches.get(score.subjectId) ?? [],
  }))
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
  const reasons = score.reasons.map(
    ({ feature, value: input, contribution }): Reason => ({ feature, value: input, contribution }),
  )
  return { value, modelName, modelVersion, modelSha256, reasons }
}
