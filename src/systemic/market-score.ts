/**
 * The systemic score of a lending market: how much of its debt would be lost in the scenarios of score-scenarios.ts.
 *
 *   loss(p, s)  = max(0, debt − collateral / bonus) at the prices of scenario s, if p's health is below 1 there; else 0
 *   share(m, s) = Σ of p's loss by the part of its debt that is in m, over the debt of m at the start
 *   x(m)        = Σ weight(s) · share(m, s)            expected loss, a share of the debt
 *   value(m)    = x / (x + 1/20)                       0 … 1: a twentieth of the debt lost is 0.5
 *
 * First-round losses: no sale moves a price here (spiral.ts has that), so that a round of scoring stays short. Only
 * + − · / are used, which have the same bits in every process; shares are float32, as every stored feature is, and the
 * value is made from them, so that it can be recomputed from what is stored.
 */
import { createHash } from 'node:crypto'
import type { ModelSpec } from '../models/spec'
import type { Book } from './book'
import { familyOf, SCORE_SCENARIOS, scenarioText } from './score-scenarios'

const HALF_AT = 0.05

export const SYSTEMIC_MODEL = 'systemic'

export const systemicSpec: ModelSpec = {
  name: SYSTEMIC_MODEL,
  version: '1.0.0',
  group: 'market',
  inputs: SCORE_SCENARIOS.map(({ name, description }) => ({
    name,
    unit: '1',
    description: `first-round bad debt over debt where ${description}`,
  })),
  output: { name: 'value', description: 'expected bad debt x over debt as x / (x + 0.05)', range: [0, 1] },
  direction: 'higher is riskier',
  exactness: 'bits',
  minimum: [],
  missing: 'no score',
  reasonsMethod: 'weights',
}

/** What stands for the model's file: a hash of everything that the score is made by. */
export const systemicSha256: string = createHash('sha256')
  .update(JSON.stringify([systemicSpec, scenarioText(), HALF_AT, 'first round, shortfall below health 1']))
  .digest('hex')

export interface MarketScore {
  /** `chainId:pool:asset` */
  marketId: string
  symbol: string
  protocol: string
  /** `chainId:pool` */
  poolId: string
  debtUsd: number
  /** In the scenarios, by their weights. */
  expectedBadDebtUsd: number
  /** float32, by scenario. */
  shares: Float32Array
  value: number
  /** float32: what each scenario adds to the value. */
  contributions: Float32Array
  /** Symbol of the collateral behind the largest part of the expected loss; null without a loss. */
  collateral: string | null
}

/** The score of shares in the order of the scenarios. @returns value 0 … 1 and the scenarios' parts in it, float32 */
export function scoreOfShares(shares: Float32Array): { value: number; contributions: Float32Array } {
  let expected = 0
  for (let s = 0; s < shares.length; s++) expected += SCORE_SCENARIOS[s]!.weight * shares[s]!
  const value = expected / (expected + HALF_AT)
  const parts = Float32Array.from(shares, (share, s) =>
    expected === 0 ? 0 : (value * SCORE_SCENARIOS[s]!.weight * share) / expected,
  )
  return { value, contributions: parts }
}

/** Losses and debts of every market, and what they come from. */
interface Losses {
  debtUsd: Float64Array
  /** markets × scenarios, row-major. */
  lossUsd: Float64Array
  /** markets × assets, row-major: expected loss by collateral. */
  byCollateral: Float64Array
}

/**
 * Scores of all markets in which something is owed, ascending by market id. Sums are taken in the book's order, which is
 * that of the positions' ids, so that everybody who reads the same block gets the same bits.
 */
export function marketScores(book: Book): MarketScore[] {
  const losses = lossesOf(book)
  const width = SCORE_SCENARIOS.length
  return book.markets
    .flatMap((market, m) => {
      const debtUsd = losses.debtUsd[m]!
      if (!(debtUsd > 0)) return []
      const lossUsd = losses.lossUsd.subarray(m * width, (m + 1) * width)
      const pool = book.pools[market.pool]!
      return [
        {
          ...{ marketId: market.id, symbol: book.assets[market.asset]!.symbol, protocol: pool.protocol },
          ...{ poolId: pool.id, debtUsd, ...scored(lossUsd, debtUsd) },
          collateral: largestCollateral(book, losses.byCollateral, m),
        },
      ]
    })
    .sort((a, b) => (a.marketId < b.marketId ? -1 : 1))
}

/** The score of several markets together, such as those of a pool; undefined where nothing is owed. */
export function scoreOfMarkets(
  book: Book,
  isOf: (market: number) => boolean,
): { value: number; debtUsd: number } | undefined {
  const losses = lossesOf(book)
  const width = SCORE_SCENARIOS.length
  const lossUsd = new Float64Array(width)
  let debtUsd = 0
  for (let m = 0; m < book.markets.length; m++) {
    if (!isOf(m)) continue
    debtUsd += losses.debtUsd[m]!
    for (let s = 0; s < width; s++) lossUsd[s]! += losses.lossUsd[m * width + s]!
  }
  return debtUsd > 0 ? { value: scored(lossUsd, debtUsd).value, debtUsd } : undefined
}

function scored(lossUsd: Float64Array, debtUsd: number) {
  const shares = Float32Array.from(lossUsd, (loss) => loss / debtUsd)
  const expectedBadDebtUsd = lossUsd.reduce((sum, loss, s) => sum + SCORE_SCENARIOS[s]!.weight * loss, 0)
  return { shares, expectedBadDebtUsd, ...scoreOfShares(shares) }
}

function largestCollateral(book: Book, byCollateral: Float64Array, market: number): string | null {
  let [best, most] = [-1, 0]
  for (let a = 0; a < book.assets.length; a++) {
    const part = byCollateral[market * book.assets.length + a]!
    if (part > most) [best, most] = [a, part]
  }
  return best < 0 ? null : book.assets[best]!.symbol
}

function lossesOf(book: Book): Losses {
  const { assets, markets, positions } = book
  const losses: Losses = {
    debtUsd: new Float64Array(markets.length),
    lossUsd: new Float64Array(markets.length * SCORE_SCENARIOS.length),
    byCollateral: new Float64Array(markets.length * assets.length),
  }
  const families = assets.map(({ symbol }) => familyOf(symbol))
  const prices = SCORE_SCENARIOS.map(({ multipliers }) =>
    Float64Array.from(assets, ({ priceUsd }, a) => priceUsd * (multipliers[families[a]!] ?? 1)),
  )
  const start = Float64Array.from(assets, ({ priceUsd }) => priceUsd)
  for (let i = 0; i < positions.pool.length; i++) {
    for (let k = positions.debtStart[i]!; k < positions.debtStart[i + 1]!; k++) {
      const m = positions.debtMarket[k]!
      losses.debtUsd[m]! += positions.debtUnits[k]! * start[markets[m]!.asset]!
    }
    SCORE_SCENARIOS.forEach(({ isCollateralOnly }, s) => {
      bookLoss(book, losses, {
        position: i,
        scenario: s,
        prices: prices[s]!,
        debtPrices: isCollateralOnly ? start : prices[s]!,
      })
    })
  }
  return losses
}

function bookLoss(
  { assets, markets, positions }: Book,
  losses: Losses,
  at: { position: number; scenario: number; prices: Float64Array; debtPrices: Float64Array },
): void {
  const { position: i, scenario: s, prices, debtPrices } = at
  const [fromDebt, toDebt] = [positions.debtStart[i]!, positions.debtStart[i + 1]!]
  const [from, to] = [positions.collateralStart[i]!, positions.collateralStart[i + 1]!]
  let [debtUsd, limitUsd, seizableUsd, collateralUsd] = [0, 0, 0, 0]
  for (let k = fromDebt; k < toDebt; k++)
    debtUsd += positions.debtUnits[k]! * debtPrices[markets[positions.debtMarket[k]!]!.asset]!
  for (let k = from; k < to; k++) {
    const usd = positions.collateralUnits[k]! * prices[markets[positions.collateralMarket[k]!]!.asset]!
    collateralUsd += usd
    limitUsd += usd * positions.collateralThreshold[k]!
    seizableUsd += usd / positions.collateralBonus[k]!
  }
  const lossUsd = debtUsd - seizableUsd
  if (limitUsd >= debtUsd || !(lossUsd > 0)) return
  const weight = SCORE_SCENARIOS[s]!.weight
  for (let k = fromDebt; k < toDebt; k++) {
    const m = positions.debtMarket[k]!
    const part = lossUsd * ((positions.debtUnits[k]! * debtPrices[markets[m]!.asset]!) / debtUsd)
    losses.lossUsd[m * SCORE_SCENARIOS.length + s]! += part
    if (!(collateralUsd > 0)) continue
    for (let c = from; c < to; c++) {
      const asset = markets[positions.collateralMarket[c]!]!.asset
      const usd = positions.collateralUnits[c]! * prices[asset]!
      losses.byCollateral[m * assets.length + asset]! += weight * part * (usd / collateralUsd)
    }
  }
}
