/**
 * What a liquidation spiral runs on: positions as columns, markets, and how deep each asset can be sold. Checked once,
 * laid out for the loop of spiral.ts, and used for as many price scenarios as there are.
 */
import type { PriceDepth } from './depth'
import { badInput, numberAt } from './network'
import { checkedTerms, type LiquidationTerms } from './rules/terms'

export const MAX_POSITIONS = 5_000_000
export const MAX_SCENARIOS = 1_000_000

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

export interface SpiralInput {
  /** One an asset: its name, and how its price gives way. */
  assets: readonly { name: string; depth: PriceDepth }[]
  markets: readonly SpiralMarket[]
  positions: Positions
  /** Cost of one liquidation. */
  gasUsd: number
  /**
   * Where liquidators get out. `oracle`: they keep what they seize, at the oracle's price. `pool`: they sell it at
   * once, so they liquidate only as much as the pool pays them for.
   */
  exit: 'oracle' | 'pool'
  /** A run that has not come to rest by then says so. */
  maxRounds?: number
}

/** The input, checked. */
export type SpiralPlan = Required<SpiralInput>

/** @throws PlimsollError naming the market, asset or position that cannot be */
export function planSpiral(input: SpiralInput): SpiralPlan {
  const { assets, markets, positions } = input
  if (assets.length === 0) throw badInput('there are no assets')
  if (markets.length === 0) throw badInput('there are no markets')
  const { length } = positions.market
  if (length === 0) throw badInput('the markets are empty: there are no positions')
  if (length > MAX_POSITIONS) throw badInput(`${length} positions: too many, at most ${MAX_POSITIONS}`)
  if (positions.collateral.length !== length || positions.debt.length !== length)
    throw badInput(
      `columns differ: ${length} markets, ${positions.collateral.length} collaterals, ${positions.debt.length} debts`,
    )
  for (const { name, depth } of assets) checkDepth(name, depth)
  for (const market of markets) checkMarket(market, assets.length)
  for (let i = 0; i < length; i++) {
    const market = positions.market[i]!
    if (market < 0 || market >= markets.length)
      throw badInput(`position ${i} is in market ${market}, which is not given`)
    numberAt(positions.collateral[i], `collateral of position ${i}`, { least: 0 })
    numberAt(positions.debt[i], `debt of position ${i}`, { least: 0 })
  }
  numberAt(input.gasUsd, 'gasUsd', { least: 0 })
  const maxRounds = numberAt(input.maxRounds ?? 1_000, 'maxRounds', { least: 1, most: 100_000 })
  return { ...input, maxRounds }
}

function checkMarket({ name, collateralAsset, debtAsset, terms }: SpiralMarket, assetCount: number): void {
  for (const [role, asset] of [['collateral', collateralAsset] as const, ['debt', debtAsset] as const])
    if (!Number.isInteger(asset) || asset < 0 || asset >= assetCount)
      throw badInput(`the ${role} of market ${name} is asset ${asset}, which is not given`)
  checkedTerms(terms)
}

function checkDepth(name: string, depth: PriceDepth): void {
  if (depth.kind === 'unmoved') return
  if (depth.kind === 'linear') {
    if (!(numberAt(depth.units, `depth of ${name}`, { least: 0 }) > 0))
      throw badInput(`depth of ${name} is 0: an empty pool has no depth`)
    return
  }
  const { sqrtLow, sqrtHigh, liquidity, fee } = depth
  if (liquidity.length === 0) throw badInput(`the pool of ${name} has no liquidity`)
  numberAt(fee, `fee of ${name}`, { least: 0, most: 0.5 })
  for (let k = 0; k < liquidity.length; k++) {
    if (!(numberAt(liquidity[k], `liquidity of ${name}[${k}]`, { least: 0 }) > 0))
      throw badInput(`liquidity of ${name}[${k}] is 0`)
    const isOrdered = sqrtLow[k]! >= (k === 0 ? 0 : sqrtHigh[k - 1]!) && sqrtHigh[k]! > sqrtLow[k]!
    if (!isOrdered) throw badInput(`range ${k} of ${name} does not follow the one below it`)
  }
}

/** Prices of one scenario: finite and not negative, one an asset. */
export function checkPrices({ assets }: SpiralPlan, prices: Float64Array): void {
  if (prices.length !== assets.length) throw badInput(`${prices.length} prices for ${assets.length} assets`)
  for (let a = 0; a < prices.length; a++) numberAt(prices[a], `price of ${assets[a]!.name}`, { least: 0 })
}
