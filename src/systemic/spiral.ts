/**
 * Liquidation spiral: prices fall, positions are liquidated, what was seized is sold, prices fall further; until nothing
 * more is liquidated. Markets with the same collateral feel each other's sales.
 *
 * A round, all positions at once at the round's oracle prices:
 *   1. Each position with health below 1 offers the greatest liquidation of its market's rules.
 *   2. Where liquidators sell into the pool, none sells below what repaying costs: a market's offers shrink together to
 *      the sale at which the price has given up the bonus. Offers that do not pay for gas are withdrawn.
 *   3. Offers are carried out. A position without collateral leaves its debt as bad debt of the market.
 *   4. Each asset's price becomes what the sale left; the oracle follows in the next round.
 * At rest, what unhealthy positions would lack if seized at the last prices counts as bad debt too: nobody would pay for
 * their liquidation. Cifuentes, Ferrucci and Shin, Liquidity Risk and Contagion (2005), with lenders' rules.
 *
 * Losses grow with the shock where sales do not move prices. Where they do, a deeper first shock can end better: all
 * that is unsound goes in the first round, before the fall; test/systemic/spiral.test.ts has the example.
 */
import { saleTo, sell } from './depth'
import { badInput } from './network'
import { mostRepaid, shortfall } from './rules/liquidation'
import { checkPrices, MAX_SCENARIOS, type SpiralPlan } from './spiral-plan'

/** Everything that changes. Totals are since the start. */
export interface SpiralState {
  prices: Float64Array
  collateral: Float64Array
  debt: Float64Array
  rounds: number
  liquidations: number
  /** By market: units of debt repaid, and written off. */
  repaidUnits: Float64Array
  writtenOffUnits: Float64Array
  /** By market, USD at the prices of the round: repaid value, and bad debt written off. */
  liquidatedUsd: Float64Array
  writtenOffUsd: Float64Array
  /** By asset: units seized and sold, USD that pools paid for them. */
  soldUnits: Float64Array
  proceedsUsd: Float64Array
}

export interface SpiralOutcome extends SpiralState {
  /** Bad debt of each market, USD: written off, and what unhealthy positions still lack. */
  badDebtUsd: Float64Array
  /** False where maxRounds ended it. */
  settled: boolean
}

/** A state before the first round. */
export function startSpiral(plan: SpiralPlan, prices: Float64Array): SpiralState {
  checkPrices(plan, prices)
  const perMarket = () => new Float64Array(plan.markets.length)
  const perAsset = () => new Float64Array(plan.assets.length)
  return {
    prices: Float64Array.from(prices),
    collateral: Float64Array.from(plan.positions.collateral),
    debt: Float64Array.from(plan.positions.debt),
    rounds: 0,
    liquidations: 0,
    ...{ repaidUnits: perMarket(), writtenOffUnits: perMarket() },
    ...{ liquidatedUsd: perMarket(), writtenOffUsd: perMarket() },
    ...{ soldUnits: perAsset(), proceedsUsd: perAsset() },
  }
}

/** Offers of one round, parallel arrays with spare room. */
interface Offers {
  count: number
  position: Int32Array
  repaidUsd: Float64Array
}

function offersFor(plan: SpiralPlan): Offers {
  const { length } = plan.positions.market
  return { count: 0, position: new Int32Array(length), repaidUsd: new Float64Array(length) }
}

/** One round; the number of liquidations, 0 at rest. */
export function spiralRound(plan: SpiralPlan, state: SpiralState, offers: Offers = offersFor(plan)): number {
  collectOffers(plan, state, offers)
  if (offers.count === 0) return 0
  const share = sharesSold(plan, state, offers)
  const sold = new Float64Array(plan.assets.length)
  const done = carryOut(plan, state, { offers, share, sold })
  for (let a = 0; a < sold.length; a++) {
    if (sold[a] === 0) continue
    const { price, proceeds } = sell(plan.assets[a]!.depth, state.prices[a]!, sold[a]!)
    state.prices[a] = price
    state.soldUnits[a]! += sold[a]!
    state.proceedsUsd[a]! += proceeds
  }
  state.liquidations += done
  if (done > 0) state.rounds++
  return done
}

function collectOffers(plan: SpiralPlan, state: SpiralState, offers: Offers): void {
  const { market: marketOf } = plan.positions
  const { collateral, debt, prices } = state
  const count = plan.markets.length
  const limit = new Float64Array(count)
  const debtPrice = new Float64Array(count)
  for (let m = 0; m < count; m++) {
    const { collateralAsset, debtAsset, terms } = plan.markets[m]!
    limit[m] = prices[collateralAsset]! * terms.threshold
    debtPrice[m] = prices[debtAsset]!
  }
  offers.count = 0
  for (let i = 0; i < marketOf.length; i++) {
    const m = marketOf[i]!
    const owedUsd = debt[i]! * debtPrice[m]!
    if (collateral[i]! * limit[m]! >= owedUsd) continue
    const { collateralAsset, terms } = plan.markets[m]!
    const loan = { collateral: collateral[i]!, price: prices[collateralAsset]!, debt: owedUsd }
    const repaid = mostRepaid(loan, terms)
    if (repaid <= 0) continue
    offers.position[offers.count] = i
    offers.repaidUsd[offers.count] = repaid
    offers.count++
  }
}

/** Part of its offers that each market carries out, 0 … 1. */
function sharesSold(plan: SpiralPlan, state: SpiralState, offers: Offers): Float64Array {
  const share = new Float64Array(plan.markets.length).fill(1)
  if (plan.exit === 'oracle') return share
  const offered = unitsOffered(plan, state, offers, share)
  for (let m = 0; m < share.length; m++) {
    const { collateralAsset, terms } = plan.markets[m]!
    const units = offered[collateralAsset]!
    const most = saleTo(plan.assets[collateralAsset]!.depth, state.prices[collateralAsset]!, 1 / terms.bonus)
    if (units > most) share[m] = most / units
  }
  return share
}

function unitsOffered(
  plan: SpiralPlan,
  state: SpiralState,
  offers: Offers,
  share: Float64Array,
): Float64Array {
  const units = new Float64Array(plan.assets.length)
  for (let k = 0; k < offers.count; k++) {
    const m = plan.positions.market[offers.position[k]!]!
    const { collateralAsset, terms } = plan.markets[m]!
    units[collateralAsset]! +=
      (share[m]! * offers.repaidUsd[k]! * terms.bonus) / state.prices[collateralAsset]!
  }
  return units
}

interface Round {
  offers: Offers
  share: Float64Array
  sold: Float64Array
}

function carryOut(plan: SpiralPlan, state: SpiralState, { offers, share, sold }: Round): number {
  const exitPrice = Float64Array.from(state.prices)
  if (plan.exit === 'pool') {
    const units = unitsOffered(plan, state, offers, share)
    for (let a = 0; a < units.length; a++)
      if (units[a]! > 0)
        exitPrice[a] = sell(plan.assets[a]!.depth, state.prices[a]!, units[a]!).proceeds / units[a]!
  }
  let done = 0
  for (let k = 0; k < offers.count; k++) {
    const i = offers.position[k]!
    const m = plan.positions.market[i]!
    const { collateralAsset, terms } = plan.markets[m]!
    const repaidUsd = offers.repaidUsd[k]! * share[m]!
    const units = (repaidUsd * terms.bonus) / state.prices[collateralAsset]!
    // Rounding must not keep a liquidator from an even deal.
    const profit = units * exitPrice[collateralAsset]! - repaidUsd * (1 - 1e-12) - plan.gasUsd
    if (!(profit >= 0) || repaidUsd <= 0) continue
    sold[collateralAsset]! += take(plan, state, { i, m, repaidUsd, units })
    done++
  }
  return done
}

/** Books one liquidation; the units seized. */
function take(
  plan: SpiralPlan,
  state: SpiralState,
  { i, m, repaidUsd, units }: { i: number; m: number; repaidUsd: number; units: number },
): number {
  const debtPrice = state.prices[plan.markets[m]!.debtAsset]!
  const held = state.collateral[i]!
  const isAll = units >= held * (1 - 1e-12)
  const seized = isAll ? held : units
  const repaid = Math.min(state.debt[i]!, repaidUsd / debtPrice)
  state.collateral[i] = held - seized
  state.repaidUnits[m]! += repaid
  state.liquidatedUsd[m]! += repaidUsd
  const left = state.debt[i]! - repaid
  const isDust = left <= 1e-12 * state.debt[i]!
  state.debt[i] = isAll || isDust ? 0 : left
  if (isAll || isDust) {
    state.writtenOffUnits[m]! += left
    state.writtenOffUsd[m]! += left * debtPrice
  }
  return seized
}

/** Bad debt of each market, USD: written off so far, and lacking at the state's prices. */
export function badDebtUsd(plan: SpiralPlan, state: SpiralState): Float64Array {
  const total = Float64Array.from(state.writtenOffUsd)
  const { market: marketOf } = plan.positions
  for (let i = 0; i < marketOf.length; i++) {
    if (state.debt[i] === 0) continue
    const m = marketOf[i]!
    const { collateralAsset, debtAsset, terms } = plan.markets[m]!
    const [price, debt] = [state.prices[collateralAsset]!, state.debt[i]! * state.prices[debtAsset]!]
    if (state.collateral[i]! * price * terms.threshold >= debt) continue
    total[m]! += shortfall({ collateral: state.collateral[i]!, price, debt }, terms)
  }
  return total
}

/** Runs to rest from a scenario's prices. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function runSpiral(plan: SpiralPlan, prices: Float64Array): SpiralOutcome {
  return settle(plan, startSpiral(plan, prices), offersFor(plan))
}

function settle(plan: SpiralPlan, state: SpiralState, offers: Offers): SpiralOutcome {
  let settled = false
  while (!settled && state.rounds < plan.maxRounds) settled = spiralRound(plan, state, offers) === 0
  return { ...state, badDebtUsd: badDebtUsd(plan, state), settled }
}

/** What is kept of each scenario. Matrices are row-major, a row a scenario. */
export interface SpiralScenarios {
  badDebtUsd: Float64Array
  liquidatedUsd: Float64Array
  prices: Float64Array
  liquidations: Int32Array
  rounds: Int32Array
  /** Scenarios that maxRounds ended. */
  unsettled: number
}

/** Runs every row of a scenarios × assets matrix of prices. Memory: the plan's columns once more, and the results. */
export function runScenarios(plan: SpiralPlan, prices: Float64Array): SpiralScenarios {
  const assets = plan.assets.length
  const count = prices.length / assets
  if (!Number.isInteger(count) || count === 0)
    throw badInput(`${prices.length} prices are no whole number of scenarios of ${assets} assets`)
  if (count > MAX_SCENARIOS) throw badInput(`${count} scenarios: too many, at most ${MAX_SCENARIOS}`)
  const markets = plan.markets.length
  const result: SpiralScenarios = {
    badDebtUsd: new Float64Array(count * markets),
    liquidatedUsd: new Float64Array(count * markets),
    prices: new Float64Array(count * assets),
    liquidations: new Int32Array(count),
    rounds: new Int32Array(count),
    unsettled: 0,
  }
  const offers = offersFor(plan)
  let state: SpiralState | undefined
  for (let s = 0; s < count; s++) {
    const row = prices.subarray(s * assets, (s + 1) * assets)
    state = state === undefined ? startSpiral(plan, row) : restart(plan, state, row)
    const outcome = settle(plan, state, offers)
    result.badDebtUsd.set(outcome.badDebtUsd, s * markets)
    result.liquidatedUsd.set(outcome.liquidatedUsd, s * markets)
    result.prices.set(outcome.prices, s * assets)
    result.liquidations[s] = outcome.liquidations
    result.rounds[s] = outcome.rounds
    if (!outcome.settled) result.unsettled++
  }
  return result
}

function restart(plan: SpiralPlan, state: SpiralState, prices: Float64Array): SpiralState {
  checkPrices(plan, prices)
  state.prices.set(prices)
  state.collateral.set(plan.positions.collateral)
  state.debt.set(plan.positions.debt)
  for (const totals of [
    ...[state.repaidUnits, state.writtenOffUnits, state.liquidatedUsd],
    ...[state.writtenOffUsd, state.soldUnits, state.proceedsUsd],
  ])
    totals.fill(0)
  return { ...state, rounds: 0, liquidations: 0 }
}
