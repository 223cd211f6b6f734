/**
 * Scores of every indebted position of a chain as of a block, computed from the versions that held then. The scorer
 * stores them; each oracle signer computes them again before it signs, and must get the same bits.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import type { ModelRuntime } from '../models/session'
import type { MarketPrice } from '../prices/market'
import type { MarketState } from '../protocols/types'
import { blockAt } from './blocks'
import { baseToFloat, healthToFloat, type PositionInput, type Standing } from './position'
import { position } from './registry'
import { type SubjectScore, scoreTable } from './score'
import type { AsOf, FeatureTable, Withheld } from './types'

export const POSITION_MODEL = 'credit'

export interface ScoredPosition {
  standing: Standing
  /** null without debt. */
  healthFactor: number | null
  debtUsd: number
  collateralUsd: number
  badDebtUsd: number
  /** null when there is no debt or the model abstains. */
  score: SubjectScore | null
}

export interface ScoredPositions {
  at: AsOf
  /** Complete subjects, ascending by subject id. */
  positions: readonly ScoredPosition[]
  withheld: readonly Withheld[]
  /** What the scores were computed from. */
  table: FeatureTable
  /** What the standings were computed from. */
  input: PositionInput
  /** Lending markets of the chain as of the block, by id. */
  markets: ReadonlyMap<string, MarketState>
  /** Market prices of listed tokens as of the block. */
  marketPrices: ReadonlyMap<Hex, MarketPrice>
  /** Lending pools of which everything is known. */
  completePools: ReadonlySet<string>
}

/** As `scorePositionsAt`, inside a transaction and at a block that the caller has looked up. */
export async function scorePositions(
  tx: PoolClient,
  options: { runtime: ModelRuntime; chain: ChainSpec; at: AsOf },
): Promise<ScoredPositions> {
  const { runtime, chain, at } = options
  const input = await position.read(tx, { chain, at })
  const features = position.compute(input)
  const { scores } = await scoreTable(runtime, POSITION_MODEL, features)
  const positions = features.standings.map((standing) => ({
    standing,
    healthFactor: standing.healthFactorWad === null ? null : healthToFloat(standing.healthFactorWad),
    debtUsd: baseToFloat(standing.data.totalDebtBase),
    collateralUsd: baseToFloat(standing.data.totalCollateralBase),
    badDebtUsd: baseToFloat(standing.data.badDebtBase),
    score: scores.get(standing.subjectId) ?? null,
  }))
  const { withheld, completePools } = features
  const { markets, market } = input
  const marketPrices = market.prices
  return { at, positions, withheld, table: features, input, markets, marketPrices, completePools }
}

/**
 * Health, features and score of every (account, lending pool) of a chain at the end of block `height`. Undefined when
 * no block at or below it is stored. Rejects when the database or a model fails.
 */
export async function scorePositionsAt(options: {
  pool: Pool
  runtime: ModelRuntime
  chain: ChainSpec
  height: number
}): Promise<ScoredPositions | undefined> {
  const { pool, runtime, chain, height } = options
  return inTransaction(pool, async (tx) => {
    const at = await blockAt(tx, chain.id, height)
    return at === undefined ? undefined : scorePositions(tx, { runtime, chain, at })
  })
}

/** Who owes in a market, at one block: what a market's risk is made of. */
export interface MarketDebts {
  /**
   * In US dollars; score undefined when the model abstains, 1 for debt that nothing secures; confidence in the prices that
   * the position rests on, 0 to 10000.
   */
  debts: { debt: bigint; score: number | undefined; priceConfidenceBps: number }[]
  /** False when the market, or anybody's position in it, is not wholly known. */
  complete: boolean
  blockHash: Hex
  observedAt: bigint
  /** SHA-256 of the model, hex without 0x. */
  modelSha256: string
}

/**
 * Debts and scores in a market as of block `height`. `subject` is a lending pool (all its debt) or an asset (the debt in
 * that asset, in every pool). Undefined when the chain has no such market at that block, or no block is stored.
 */
export async function marketDebtsAt(options: {
  pool: Pool
  runtime: ModelRuntime
  chain: ChainSpec
  height: number
  subject: Hex
}): Promise<MarketDebts | undefined> {
  const scored = await scorePositionsAt(options)
  return scored && marketDebts(scored, options)
}

/** As `marketDebtsAt`, of positions that have been scored. */
export function marketDebts(
  scored: ScoredPositions,
  { runtime, subject }: { runtime: ModelRuntime; subject: Hex },
): MarketDebts | undefined {
  const modelSha256 = runtime.models[POSITION_MODEL]?.sha256
  if (modelSha256 === undefined) return undefined
  const markets = [...scored.markets.values()].filter(
    (market) => market.kind === 'reserve' && (market.pool === subject || market.asset === subject),
  )
  if (markets.length === 0) return undefined
  const debts: MarketDebts['debts'] = []
  for (const { standing, score } of scored.positions) {
    const debt = standing.debts
      .filter((part) => standing.pool === subject || part.asset === subject)
      .reduce((sum, part) => sum + part.debtBase, 0n)
    const { priceConfidenceBps } = standing
    if (debt > 0n) debts.push({ debt, score: score?.value ?? unsecuredRisk(standing), priceConfidenceBps })
  }
  return {
    debts,
    complete: markets.every((market) => scored.completePools.has(market.pool)),
    blockHash: scored.at.hash,
    observedAt: BigInt(scored.at.timestampSec),
    modelSha256,
  }
}

/**
 * Risk of debt that no collateral stands behind: 1. The model has no opinion (there is nothing left to liquidate, so
 * "probability of liquidation" is undefined), but to the market this debt is lost, not unknown: leaving it out would lower
 * the mean, and withhold the value for lack of confidence as long as the bad debt lasts.
 */
function unsecuredRisk({ healthFactorWad }: Standing): number | undefined {
  return healthFactorWad === 0n ? 1 : undefined
}
