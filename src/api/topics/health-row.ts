/** An account's standing in one lending pool, in floats that a page can show; exact integers are in the entity. */
import { isoTime } from '../context'
import { SCORE_SDL, type ScoreRow, type StoredScore, scoreRow } from './score-row'

export const HEALTH_SDL = /* GraphQL */ `
  ${SCORE_SDL}
  type LiquidationPrice {
    assetId: String!
    symbol: String
    "US dollars a whole token, by the protocol's own price."
    price: Float
    "Price at which the position becomes liquidatable when all other prices stay; null when none does that."
    liquidationPrice: Float
  }

  type PositionHealthRow {
    accountId: String!
    address: String!
    chainId: Int!
    pool: String!
    protocol: String!
    height: BigInt!
    timestamp: DateTime!
    "Liquidatable below 1; null without debt."
    healthFactor: Float
    "US dollars: the pool's own where it reckons in them, else by the market price of what it reckons in."
    collateralUsd: Float!
    "US dollars."
    debtUsd: Float!
    "US dollars of debt that the collateral would not cover now."
    badDebtUsd: Float!
    "Debt over collateral, 0 upwards; null without collateral. The highest the pool would lend is the entity's ltvBps."
    ltv: Float
    "Collateral-weighted liquidation threshold, 0 to 1."
    liquidationThreshold: Float!
    liquidationPrices: [LiquidationPrice!]!
    "How sure the prices are that this rests on, 0 to 1 (docs/prices.md); null when not known."
    priceConfidence: Float
    "The newest liquidation score of the position, or else the riskiest current score of the account."
    score: ScoreRow
  }
`

interface StoredHealth {
  accountId: string
  address: string
  chainId: number
  pool: string
  protocol: string
  height: string
  timestamp: string
  healthFactor: number | null
  collateralUsd: number
  debtUsd: number
  badDebtUsd: number
  ltv: number | null
  liquidationThreshold: number
  liquidationPrices: unknown
  priceConfidence: number | null
  score: StoredScore | null
  /** Rows that match without the limit. */
  total: number
}

export type { StoredHealth }

export interface LiquidationPrice {
  assetId: string
  symbol: string | null
  price: number | null
  liquidationPrice: number | null
}

export interface HealthRow extends Omit<StoredHealth, 'liquidationPrices' | 'score' | 'total'> {
  liquidationPrices: LiquidationPrice[]
  score: ScoreRow | null
}

/** Turns a row of db/queries/api-position-health.sql into what the SDL promises. */
export function healthRow({ total: _total, ...stored }: StoredHealth): HealthRow {
  const prices = Array.isArray(stored.liquidationPrices) ? stored.liquidationPrices.map(liquidationPrice) : []
  return {
    ...stored,
    timestamp: isoTime(stored.timestamp),
    liquidationPrices: prices.filter((price) => price !== null),
    score: stored.score && scoreRow(stored.score),
  }
}

/** Integers in the price's own scale become floats; `decimals` is that scale (8 for Aave's oracle). */
function liquidationPrice(stored: unknown): LiquidationPrice | null {
  const { assetId, symbol, price, liquidationPrice, decimals } = (stored ?? {}) as Record<string, unknown>
  if (typeof assetId !== 'string') return null
  const scale = 10 ** (typeof decimals === 'number' ? decimals : 8)
  const scaled = (x: unknown) => (typeof x === 'string' || typeof x === 'number' ? Number(x) / scale : null)
  return {
    assetId,
    symbol: typeof symbol === 'string' ? symbol : null,
    price: scaled(price),
    liquidationPrice: scaled(liquidationPrice),
  }
}
