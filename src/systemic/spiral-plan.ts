/**
 * What a liquidation spiral runs on: positions with any number of collaterals and debts as columns, and how deep each
 * asset can be sold. Checked once, laid out for the loop of spiral-round.ts, and used for as many price scenarios as
 * there are. spiral-book.ts makes it from a lending book, spiral-pairs.ts from positions of one collateral and one debt.
 */
import type { CloseRule } from './book'
import type { PriceDepth } from './depth'
import { badInput, numberAt } from './network'
import { groupByAssets, type PositionGroups } from './spiral-groups'

export const MAX_POSITIONS = 5_000_000
export const MAX_SCENARIOS = 1_000_000

export interface SpiralAsset {
  name: string
  /** How its price gives way. */
  depth: PriceDepth
}

/** Position i's collaterals are rows collateralStart[i] … collateralStart[i + 1] of the collateral columns; debts alike. */
export interface SpiralPositions {
  /** Index of `closeRules`. */
  closeRule: Int32Array
  collateralStart: Int32Array
  collateralAsset: Int32Array
  collateralUnits: Float64Array
  collateralThreshold: Float64Array
  collateralBonus: Float64Array
  debtStart: Int32Array
  debtAsset: Int32Array
  /** Index of `markets`: whose bad debt it becomes. */
  debtMarket: Int32Array
  debtUnits: Float64Array
}

export interface Conditions {
  /** Cost of one liquidation. */
  gasUsd: number
  /**
   * Where liquidators get out. `oracle`: they keep what they seize, at the oracle's price. `pool`: they sell it at
   * once, so they liquidate only as much as the pool pays them for.
   */
  exit: 'oracle' | 'pool'
  /** A run that has not come to rest by then says so; 1,000 where left out. */
  maxRounds?: number
}

export interface SpiralParts extends Conditions {
  assets: readonly SpiralAsset[]
  /** Names of what results are by: markets in which is borrowed. */
  markets: readonly string[]
  closeRules: readonly CloseRule[]
  positions: SpiralPositions
  /** Prices near those that will be asked for, to tell sound positions cheaply; 1 where left out. No result depends on them. */
  nearPrices?: Float64Array
}

/** The parts, checked. */
export interface SpiralPlan extends Required<Conditions> {
  assets: readonly SpiralAsset[]
  markets: readonly string[]
  closeRules: readonly CloseRule[]
  positions: SpiralPositions
  groups: PositionGroups
  /** Collaterals that are sold alike: one asset, one bonus. */
  sales: { ofCollateral: Int32Array; asset: Int32Array; bonus: Float64Array }
}

/** @throws PlimsollError naming the asset or position that cannot be */
export function planParts(parts: SpiralParts): SpiralPlan {
  const { assets, markets, closeRules, positions, gasUsd, exit } = parts
  if (assets.length === 0) throw badInput('there are no assets')
  if (markets.length === 0) throw badInput('there are no markets')
  const { length } = positions.closeRule
  if (length === 0) throw badInput('the markets are empty: there are no positions')
  if (length > MAX_POSITIONS) throw badInput(`${length} positions: too many, at most ${MAX_POSITIONS}`)
  for (const { name, depth } of assets) checkDepth(name, depth)
  checkRows(positions, { assets: assets.length, markets: markets.length, rules: closeRules.length })
  numberAt(gasUsd, 'gasUsd', { least: 0 })
  const maxRounds = numberAt(parts.maxRounds ?? 1_000, 'maxRounds', { least: 1, most: 100_000 })
  const groups = groupByAssets(positions, parts.nearPrices ?? new Float64Array(assets.length).fill(1))
  return {
    assets,
    markets,
    closeRules: closeRules.map(sameShape),
    positions: columnsOf(positions),
    gasUsd,
    exit,
    maxRounds,
    groups,
    sales: salesOf(positions),
  }
}

/** Objects of one hidden class, wherever the parts came from: the loops are compiled once for all plans. */
function sameShape({ closeShare, closeHealth, smallUsd, leastLeftoverUsd }: CloseRule): CloseRule {
  return { closeShare, closeHealth, smallUsd, leastLeftoverUsd }
}

function columnsOf(of: SpiralPositions): SpiralPositions {
  return {
    closeRule: of.closeRule,
    collateralStart: of.collateralStart,
    collateralAsset: of.collateralAsset,
    collateralUnits: of.collateralUnits,
    collateralThreshold: of.collateralThreshold,
    collateralBonus: of.collateralBonus,
    debtStart: of.debtStart,
    debtAsset: of.debtAsset,
    debtMarket: of.debtMarket,
    debtUnits: of.debtUnits,
  }
}

function checkRows(
  positions: SpiralPositions,
  counts: { assets: number; markets: number; rules: number },
): void {
  const { closeRule, collateralStart, debtStart } = positions
  const within = (index: number, count: number, what: string, i: number) => {
    if (index < 0 || index >= count)
      throw badInput(`${what} of position ${i} is ${index}, which is not given`)
  }
  for (let i = 0; i < closeRule.length; i++) {
    within(closeRule[i]!, counts.rules, 'the close rule', i)
    for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
      within(positions.collateralAsset[c]!, counts.assets, 'a collateral', i)
      numberAt(positions.collateralUnits[c], `collateral of position ${i}`, { least: 0 })
      numberAt(positions.collateralThreshold[c], `threshold of position ${i}`, { least: 0, most: 1 })
      numberAt(positions.collateralBonus[c], `bonus of position ${i}`, { least: 1, most: 10 })
    }
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) {
      within(positions.debtAsset[d]!, counts.assets, 'a debt', i)
      within(positions.debtMarket[d]!, counts.markets, 'the market of a debt', i)
      numberAt(positions.debtUnits[d], `debt of position ${i}`, { least: 0 })
    }
  }
}

function salesOf({ collateralAsset, collateralBonus }: SpiralPositions): SpiralPlan['sales'] {
  const ofCollateral = new Int32Array(collateralAsset.length)
  const [asset, bonus]: [number[], number[]] = [[], []]
  const known = new Map<number, Map<number, number>>()
  for (let c = 0; c < ofCollateral.length; c++) {
    const byBonus = known.get(collateralAsset[c]!) ?? new Map<number, number>()
    known.set(collateralAsset[c]!, byBonus)
    let sale = byBonus.get(collateralBonus[c]!)
    if (sale === undefined) {
      sale = asset.push(collateralAsset[c]!) - 1
      bonus.push(collateralBonus[c]!)
      byBonus.set(collateralBonus[c]!, sale)
    }
    ofCollateral[c] = sale
  }
  return { ofCollateral, asset: Int32Array.from(asset), bonus: Float64Array.from(bonus) }
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
