/** The liquidation spiral's plan of positions that have one collateral and one debt each, in markets of such a pair. */
import { badInput } from './network'
import { checkedTerms, type LiquidationTerms } from './rules/terms'
import { type Conditions, planParts, type SpiralAsset, type SpiralPlan } from './spiral-plan'

export interface SpiralMarket {
  name: string
  /** Indices of assets. */
  collateralAsset: number
  debtAsset: number
  terms: LiquidationTerms
}

/** Parallel columns: a position is a market, units of its collateral, units of its debt. */
export interface Positions {
  market: Int32Array
  collateral: Float64Array
  debt: Float64Array
}

export interface SpiralInput extends Conditions {
  assets: readonly SpiralAsset[]
  markets: readonly SpiralMarket[]
  positions: Positions
}

/**
 * The plan of positions with one collateral and one debt each; row i of its collaterals and debts is position i.
 * @throws PlimsollError naming the market, asset or position that cannot be
 */
export function planSpiral({ markets, positions, ...rest }: SpiralInput): SpiralPlan {
  const { market, collateral, debt } = positions
  if (rest.assets.length === 0) throw badInput('there are no assets')
  if (markets.length === 0) throw badInput('there are no markets')
  const { length } = market
  if (collateral.length !== length || debt.length !== length)
    throw badInput(
      `columns differ: ${length} markets, ${collateral.length} collaterals, ${debt.length} debts`,
    )
  for (const one of markets) checkMarket(one, rest.assets.length)
  const stray = market.findIndex((m) => m < 0 || m >= markets.length)
  if (stray >= 0) throw badInput(`position ${stray} is in market ${market[stray]}, which is not given`)
  const start = Int32Array.from({ length: length + 1 }, (_, i) => i)
  const column = (of: (one: SpiralMarket) => number) => Float64Array.from(market, (m) => of(markets[m]!))
  return planParts({
    ...rest,
    markets: markets.map(({ name }) => name),
    closeRules: markets.map(({ terms }) => terms),
    positions: {
      closeRule: market,
      collateralStart: start,
      collateralAsset: Int32Array.from(market, (m) => markets[m]!.collateralAsset),
      collateralUnits: collateral,
      collateralThreshold: column(({ terms }) => terms.threshold),
      collateralBonus: column(({ terms }) => terms.bonus),
      debtStart: start,
      debtAsset: Int32Array.from(market, (m) => markets[m]!.debtAsset),
      debtMarket: market,
      debtUnits: debt,
    },
  })
}

function checkMarket({ name, collateralAsset, debtAsset, terms }: SpiralMarket, assetCount: number): void {
  for (const [role, asset] of [['collateral', collateralAsset] as const, ['debt', debtAsset] as const])
    if (!Number.isInteger(asset) || asset < 0 || asset >= assetCount)
      throw badInput(`the ${role} of market ${name} is asset ${asset}, which is not given`)
  checkedTerms(terms)
}
