/** Scores and standings as rows, by column names. Pure. */
import type { Hex } from '../chains/types'
import { USD_DECIMALS } from '../features/dollars'
import type { SubjectScore } from '../features/score'
import type { ScoredPosition } from '../features/score-positions'
import type { AsOf } from '../features/types'
import { creditScore, type LiquidationOdds } from '../models/credit/score'
import { creditSpec } from '../models/credit/spec'
import type { MarketPrice } from '../prices/market'

/** A row of `score` as jsonb_populate_record takes it. */
export interface ScoreRow {
  id: string
  account_id: string
  chain_id: number
  subject_kind: 'account' | 'position'
  subject_id: string
  model_name: string
  model_version: string
  model_sha256: string
  feature_hash: string
  features: Readonly<Record<string, number | null>>
  height: number
  block_hash: string
  timestamp: string
  as_of: Readonly<Record<string, { height: number; hash: string }>>
  value: number
  /** Of model `credit` only. */
  credit_score: number | null
  horizons: LiquidationOdds | null
  reasons: SubjectScore['reasons']
  reasons_method: string
  current: boolean
}

/** Row of a score at a round. `inputs` names the features; NaN is stored as null. */
export function scoreRow(
  score: SubjectScore,
  subject: { kind: ScoreRow['subject_kind']; accountId: string; at: AsOf; inputs: readonly string[] },
): ScoreRow {
  const { kind, accountId, at, inputs } = subject
  return {
    id: `${score.modelName}:${score.subjectId}:${at.height}:${at.hash.slice(0, 10)}`,
    account_id: accountId,
    chain_id: at.chainId,
    subject_kind: kind,
    subject_id: score.subjectId,
    model_name: score.modelName,
    model_version: score.modelVersion,
    model_sha256: score.modelSha256,
    feature_hash: score.featureHash,
    features: Object.fromEntries(inputs.map((name, i) => [name, finiteOrNull(score.features[i])])),
    height: at.height,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    as_of: { [at.chainId]: { height: at.height, hash: at.hash } },
    value: score.value,
    ...creditOf(score),
    reasons: score.reasons,
    reasons_method: score.reasonsMethod,
    current: true,
  }
}

/** What a score of `credit` says beside its value; nothing for other models. */
function creditOf({ modelName, value, further }: SubjectScore): Pick<ScoreRow, 'credit_score' | 'horizons'> {
  const { p1d, p7d, p30d } = further
  if (modelName !== creditSpec.name || p1d === undefined || p7d === undefined || p30d === undefined) {
    return { credit_score: null, horizons: null }
  }
  return { credit_score: creditScore(value), horizons: { p1d, p7d, p30d } }
}

/**
 * Rows of rounds in order → which are current: the newest of each subject and model. Of a model that is asked about every
 * subject in every round only the last round's: where it was silent there, nothing is current.
 */
export function markCurrent(
  rounds: readonly (readonly ScoreRow[])[],
  everyRound: { modelName: string },
): ScoreRow[] {
  const rows = rounds.flat()
  const last = new Set(rounds.at(-1))
  const newest = new Map(rows.map((row) => [`${row.subject_id}|${row.model_name}`, row]))
  const isCurrent = (row: ScoreRow): boolean =>
    newest.get(`${row.subject_id}|${row.model_name}`) === row &&
    (row.model_name !== everyRound.modelName || last.has(row))
  return rows.map((row) => (isCurrent(row) ? row : { ...row, current: false }))
}

/** Row of `position_health`. Integers are decimal strings. `symbols`: asset id → symbol. */
export function healthRow(
  { standing }: ScoredPosition,
  at: AsOf,
  symbols: ReadonlyMap<string, { symbol: string | null }>,
): Readonly<Record<string, unknown>> {
  const { data, dollars } = standing
  const prices = standing.healthFactorWad === null ? [] : standing.risk.liquidationPrices(standing.input)
  return {
    id: standing.subjectId,
    account_id: standing.accountId,
    chain_id: at.chainId,
    protocol: standing.protocol,
    pool: standing.pool,
    height: at.height,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    health_factor_wad: standing.healthFactorWad?.toString() ?? null,
    collateral_base: data.totalCollateralBase.toString(),
    debt_base: data.totalDebtBase.toString(),
    bad_debt_base: data.badDebtBase.toString(),
    liquidation_threshold_bps: data.currentLiquidationThresholdBps.toString(),
    ltv_bps: data.ltvBps.toString(),
    liquidation_prices: ('incomplete' in prices ? [] : prices).map((price) => ({
      assetId: `${at.chainId}:${price.asset}`,
      symbol: symbols.get(`${at.chainId}:${price.asset}`)?.symbol ?? null,
      price: dollars.usdDown(price.priceBase).toString(),
      liquidationPrice:
        price.liquidationPriceBase === null ? null : dollars.usdDown(price.liquidationPriceBase).toString(),
      decimals: USD_DECIMALS,
    })),
    price_confidence_bps: standing.priceConfidenceBps,
  }
}

/** Rows of `market_price` at a round. */
export function marketPriceRows(
  prices: ReadonlyMap<Hex, MarketPrice>,
  at: AsOf,
): Readonly<Record<string, unknown>>[] {
  return [...prices].map(([asset, price]) => ({
    id: `${at.chainId}:${asset}`,
    chain_id: at.chainId,
    asset_id: `${at.chainId}:${asset}`,
    height: at.height,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    answer: price.answer.toString(),
    decimals: price.decimals,
    source: price.source,
    age_sec: price.ageSec,
    confidence_bps: price.confidenceBps,
    stale: price.stale,
    single_source: price.singleSource,
    sources: price.sources.map((source) => ({ ...source, answer: source.answer.toString() })),
  }))
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
