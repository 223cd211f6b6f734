/** One round of a spiral: who offers, how much of it pays, what it does; see spiral.ts for the rules. */
import type { CloseRule } from './book'
import { saleTo, sell } from './depth'
import { mostRepaidOf, type Pair } from './rules/liquidation'
import { reach, wakeAt } from './spiral-groups'
import type { SpiralPlan } from './spiral-plan'
import type { SpiralState } from './spiral-state'

/** What a round works with, kept from one to the next: offers as columns with spare room, sums by asset and by sale. */
export interface SpiralWork {
  count: number
  position: Int32Array
  /** Rows of the pair that each offer is about. */
  collateral: Int32Array
  debt: Int32Array
  repaidUsd: Float64Array
  /** Part of its offers that each kind of sale carries out, 0 … 1. */
  share: Float64Array
  offeredUnits: Float64Array
  exitPrice: Float64Array
  soldUnits: Float64Array
  /** Called for each liquidation that is carried out. */
  onLiquidation?: (position: number) => void
}

export function workFor({ groups, assets, sales }: SpiralPlan): SpiralWork {
  const { length } = groups.order
  const perAsset = () => new Float64Array(assets.length)
  return {
    count: 0,
    position: new Int32Array(length),
    collateral: new Int32Array(length),
    debt: new Int32Array(length),
    repaidUsd: new Float64Array(length),
    share: new Float64Array(sales.asset.length),
    offeredUnits: perAsset(),
    exitPrice: perAsset(),
    soldUnits: perAsset(),
  }
}

/** One round; the number of liquidations, 0 at rest. */
export function spiralRound(plan: SpiralPlan, state: SpiralState, work: SpiralWork = workFor(plan)): number {
  reach(plan.groups, plan.positions, state)
  collectOffers(plan, state, work)
  if (work.count === 0) return 0
  shareSales(plan, state, work)
  const done = carryOut(plan, state, work)
  const { soldUnits } = work
  let deepest = 1
  for (let a = 0; a < soldUnits.length; a++) {
    if (soldUnits[a] === 0) continue
    const { price, proceeds } = sell(plan.assets[a]!.depth, state.prices[a]!, soldUnits[a]!)
    deepest = Math.min(deepest, price / state.prices[a]!)
    state.prices[a] = price
    state.soldUnits[a]! += soldUnits[a]!
    state.proceedsUsd[a]! += proceeds
  }
  state.reached.left *= deepest
  state.liquidations += done
  if (done > 0) state.rounds++
  return done
}

/** Finds each unhealthy position's offer; whoever nobody will liquidate any more leaves the list. */
function collectOffers(
  { positions, closeRules, gasUsd }: SpiralPlan,
  state: SpiralState,
  work: SpiralWork,
): void {
  const { closeRule, collateralStart, collateralAsset, collateralThreshold, collateralBonus } = positions
  const { debtStart, debtAsset } = positions
  const { prices, collateral, debt, reached } = state
  const { left, wake, open } = reached
  const pair: Pair = { value: 0, debt: 0, limit: 0, owed: 0 }
  let kept = 0
  work.count = 0
  for (let k = 0; k < reached.openCount; k++) {
    const i = open[k]!
    if (left > wake[i]!) {
      open[kept++] = i
      continue
    }
    let owed = 0
    let mostOwed = 0
    let debtRow = -1
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) {
      if (debt[d] === 0) continue
      const value = debt[d]! * prices[debtAsset[d]!]!
      owed += value
      if (value <= mostOwed && debtRow >= 0) continue
      mostOwed = value
      debtRow = d
    }
    if (debtRow < 0) continue
    let limit = 0
    let mostHeld = 0
    let collateralRow = -1
    let mostBonus = 1
    for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
      const value = collateral[c]! * prices[collateralAsset[c]!]!
      limit += value * collateralThreshold[c]!
      if (collateralBonus[c]! > mostBonus) mostBonus = collateralBonus[c]!
      if (value <= mostHeld) continue
      mostHeld = value
      collateralRow = c
    }
    // Where the bonus on the largest debt, or collateral, does not pay the gas, nothing will while prices fall.
    const isIdle = Math.min(mostOwed, mostHeld) * (mostBonus - 1 + 1e-9) < gasUsd
    if (limit < owed && isIdle) continue
    open[kept++] = i
    wake[i] = limit >= owed ? wakeAt(left, limit / owed) : Number.POSITIVE_INFINITY
    if (limit >= owed || collateralRow < 0) continue
    pair.value = mostHeld
    pair.debt = mostOwed
    pair.limit = limit
    pair.owed = owed
    const rule = closeRules[closeRule[i]!]!
    const spare = spareOfPart(pair, rule)
    if (spare > 1 && rule.closeShare * owed * (mostBonus - 1 + 1e-9) < gasUsd) {
      wake[i] = wakeAt(left, spare)
      continue
    }
    const repaid = mostRepaidOf(pair, rule, collateralBonus[collateralRow]!)
    if (repaid <= 0) continue
    work.position[work.count] = i
    work.collateral[work.count] = collateralRow
    work.debt[work.count] = debtRow
    work.repaidUsd[work.count] = repaid
    work.count++
  }
  reached.openCount = kept
}

/**
 * How many times the health and the sizes a position has at which more than a part of it may be repaid; 1 or less where all
 * may be. A part that does not pay the gas will not while prices fall, until then.
 */
function spareOfPart({ value, debt, limit, owed }: Pair, { closeHealth, smallUsd }: CloseRule): number {
  const health = limit / (closeHealth * owed)
  return smallUsd > 0 ? Math.min(health, value / smallUsd, debt / smallUsd) : health
}

/** Where liquidators sell at once: how much of each kind of sale still pays its bonus, and at what price it gets out. */
function shareSales(
  { exit, sales, assets, positions }: SpiralPlan,
  state: SpiralState,
  work: SpiralWork,
): void {
  const { share, offeredUnits, exitPrice } = work
  const { prices } = state
  share.fill(1)
  exitPrice.set(prices)
  if (exit === 'oracle') return
  sumOffers(positions, prices, { work, saleOf: sales.ofCollateral })
  for (let s = 0; s < share.length; s++) {
    const a = sales.asset[s]!
    if (offeredUnits[a] === 0) continue
    const most = saleTo(assets[a]!.depth, prices[a]!, 1 / sales.bonus[s]!)
    if (offeredUnits[a]! > most) share[s] = most / offeredUnits[a]!
  }
  sumOffers(positions, prices, { work, saleOf: sales.ofCollateral })
  for (let a = 0; a < offeredUnits.length; a++)
    if (offeredUnits[a]! > 0)
      exitPrice[a] = sell(assets[a]!.depth, prices[a]!, offeredUnits[a]!).proceeds / offeredUnits[a]!
}

function sumOffers(
  { collateralAsset, collateralBonus }: SpiralPlan['positions'],
  prices: Float64Array,
  { work, saleOf }: { work: SpiralWork; saleOf: Int32Array },
): void {
  const { offeredUnits, share, repaidUsd } = work
  offeredUnits.fill(0)
  for (let k = 0; k < work.count; k++) {
    const c = work.collateral[k]!
    const a = collateralAsset[c]!
    offeredUnits[a]! += (share[saleOf[c]!]! * repaidUsd[k]! * collateralBonus[c]!) / prices[a]!
  }
}

function carryOut(plan: SpiralPlan, state: SpiralState, work: SpiralWork): number {
  const { collateralAsset, collateralBonus } = plan.positions
  const { ofCollateral } = plan.sales
  work.soldUnits.fill(0)
  let done = 0
  for (let k = 0; k < work.count; k++) {
    const c = work.collateral[k]!
    const a = collateralAsset[c]!
    const repaidUsd = work.repaidUsd[k]! * work.share[ofCollateral[c]!]!
    const units = (repaidUsd * collateralBonus[c]!) / state.prices[a]!
    // Rounding must not keep a liquidator from an even deal.
    const profit = units * work.exitPrice[a]! - repaidUsd * (1 - 1e-12) - plan.gasUsd
    if (!(profit >= 0) || repaidUsd <= 0) continue
    const offer = { i: work.position[k]!, c, d: work.debt[k]!, repaidUsd, units }
    work.soldUnits[a]! += take(plan, state, offer)
    work.onLiquidation?.(offer.i)
    done++
  }
  return done
}

/** Books one liquidation; the units seized. */
function take(
  { positions }: SpiralPlan,
  state: SpiralState,
  { i, c, d, repaidUsd, units }: { i: number; c: number; d: number; repaidUsd: number; units: number },
): number {
  const m = positions.debtMarket[d]!
  const price = state.prices[positions.debtAsset[d]!]!
  const held = state.collateral[c]!
  const isAll = units >= held * (1 - 1e-12)
  const seized = isAll ? held : units
  const owed = state.debt[d]!
  const repaid = Math.min(owed, repaidUsd / price)
  state.collateral[c] = held - seized
  state.debt[d] = owed - repaid
  state.repaidUnits[m]! += repaid
  state.liquidatedUsd[m]! += repaidUsd
  if (isAll && isBare(positions, state, i)) writeOff(positions, state, i)
  else if (owed - repaid <= 1e-12 * owed) writeOffRow(positions, state, { i, d })
  return seized
}

function isBare(
  { collateralStart }: SpiralPlan['positions'],
  { collateral }: SpiralState,
  i: number,
): boolean {
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) if (collateral[c] !== 0) return false
  return true
}

function writeOff(positions: SpiralPlan['positions'], state: SpiralState, i: number): void {
  for (let d = positions.debtStart[i]!; d < positions.debtStart[i + 1]!; d++)
    if (state.debt[d] !== 0) writeOffRow(positions, state, { i, d })
}

function writeOffRow(
  { debtMarket, debtAsset }: SpiralPlan['positions'],
  state: SpiralState,
  { i, d }: { i: number; d: number },
): void {
  const lostUsd = state.debt[d]! * state.prices[debtAsset[d]!]!
  state.writtenOffUnits[debtMarket[d]!]! += state.debt[d]!
  state.writtenOffUsd[debtMarket[d]!]! += lostUsd
  if (state.lostUsd !== undefined) state.lostUsd[i]! += lostUsd
  state.debt[d] = 0
}
