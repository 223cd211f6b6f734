/**
 * What every recommendation must keep, whatever the scenarios say.
 *
 *   toxicity   threshold · bonus < 1: above it each liquidation takes more value than it cancels debt, so that health
 *              falls with every one until nothing is left (Warmuz, Chaudhary and Pinna, Toxic Liquidation Spirals, 2022).
 *   gap        LTV / threshold ≤ 1 − leastGap, and no closer than today unless at most 1 − move: a new loan at its limit
 *              survives what the collateral loses against its debt while a liquidation is on its way.
 *              move = fall at the tail level · √(delay/horizon).
 *   bonus      not lowered below what the pool takes from selling the largest borrower's collateral times what running a
 *              liquidator costs.
 *   forced     a tighter threshold must not liquidate sound borrowers at today's prices.
 *   power      Σ collateral value · LTV keeps most of what it was.
 *   liquidated expected liquidations of sound borrowers grow little.
 *
 * The last three are what Gauntlet's published objective weighs insolvencies against: liquidations and borrow usage.
 */

import { type Book, bookPrices } from '../book'
import { sell } from '../depth'
import { borrowersOn, fallAgainstDebt } from './exposure'
import type { Freedom } from './freedom'
import { usdText } from './money'
import { isUnderMarketTerms, type Terms, toBpsUp } from './parameters'
import type { RecommendSettings } from './settings'
import type { Check } from './types'

/** Bounds of one market, from the book and the scenarios alone. */
export interface Bounds {
  /** LTV over threshold at most. */
  mostRatio: number
  leastBonus: number
  /** False where no pool is known: then nothing says what a bonus has to pay for. */
  knowsDepth: boolean
}

export function boundsOf(
  book: Book,
  m: number,
  { current, prices, settings }: { current: Terms; prices: Float64Array; settings: RecommendSettings },
): Bounds {
  const { asset } = book.markets[m]!
  const { depth, priceUsd } = book.assets[asset]!
  const fall = fallAgainstDebt(book, m, prices, settings.tailLevel)
  const move = fall * Math.sqrt(settings.delayHours / settings.horizonHours)
  const units = largestCollateral(book, m)
  const paid = units > 0 ? sell(depth, priceUsd, units).proceeds / (units * priceUsd) : 1
  // A pool too thin for the largest borrower is a matter of caps: no bonus pays for emptying it.
  const least = toBpsUp(settings.leastBonus * (paid > 0.8 ? 1 / paid : 1))
  return {
    mostRatio: Math.min(1 - settings.leastGap, Math.max(1 - move, current.ltv / current.threshold)),
    leastBonus: Math.min(least, current.bonus),
    knowsDepth: depth.kind !== 'unmoved',
  }
}

function largestCollateral(book: Book, m: number): number {
  const { positions } = book
  let largest = 0
  for (const i of borrowersOn(book, m)) {
    let units = 0
    for (let k = positions.collateralStart[i]!; k < positions.collateralStart[i + 1]!; k++)
      if (positions.collateralMarket[k] === m) units += positions.collateralUnits[k]!
    largest = Math.max(largest, units)
  }
  return largest
}

/** Σ value × LTV of market m's collateral under its own terms, whoever holds it; debt or none. */
export function marketPowerUsd(book: Book, m: number, ltv: number): number {
  const { asset, suppliedUnits } = book.markets[m]!
  const { positions } = book
  let inMode = 0
  for (let k = 0; k < positions.collateralMarket.length; k++)
    if (positions.collateralMarket[k] === m && !isUnderMarketTerms(book, k))
      inMode += positions.collateralUnits[k]!
  return Math.max(0, suppliedUnits - inMode) * bookPrices(book)[asset]! * ltv
}

/** Rounding must not break a bound that is met exactly. */
const SLACK = 1e-9

/** The rules that hold for terms alone. */
export function termChecks(
  terms: Terms,
  bounds: Bounds,
  freedom: Freedom,
  settings: RecommendSettings,
): Check[] {
  const toxicity = terms.threshold * terms.bonus
  const most = terms.threshold * bounds.mostRatio
  const checks: Check[] = [
    {
      name: 'toxicity',
      passed: toxicity <= settings.mostToxicity + SLACK,
      detail: `threshold · bonus is ${toxicity.toFixed(4)}, at most ${settings.mostToxicity}`,
    },
  ]
  if (freedom.hasOwnLtv)
    checks.push({
      name: 'gap',
      passed: terms.ltv <= most + SLACK,
      detail: `LTV is ${terms.ltv.toFixed(4)}, at most ${bounds.mostRatio.toFixed(4)} · threshold = ${most.toFixed(4)}`,
    })
  if (freedom.bonus === 'own' && bounds.knowsDepth)
    checks.push({
      name: 'bonus',
      passed: terms.bonus >= bounds.leastBonus - SLACK,
      detail: `bonus is ${terms.bonus.toFixed(4)}, at least ${bounds.leastBonus.toFixed(4)}`,
    })
  return checks
}

export interface Effects {
  forcedUsd: number
  /** Debt that leans on the market. */
  debtUsd: number
  powerUsd: { before: number; after: number }
  liquidatedUsd: { before: number; after: number }
}

/** The rules that hold for what a change does. */
export function effectChecks(effects: Effects, settings: RecommendSettings): Check[] {
  const { forcedUsd, debtUsd, powerUsd, liquidatedUsd } = effects
  const [forced, power] = [settings.mostForced * debtUsd, (1 - settings.mostPowerLost) * powerUsd.before]
  const liquidated = (1 + settings.mostMoreLiquidated) * liquidatedUsd.before + settings.mostForced * debtUsd
  return [
    {
      name: 'forced',
      passed: forcedUsd <= forced + SLACK,
      detail: `${usdText(forcedUsd)} of debt becomes liquidatable at once, at most ${usdText(forced)}`,
    },
    {
      name: 'power',
      passed: powerUsd.after >= power * (1 - SLACK),
      detail: `borrowing power becomes ${usdText(powerUsd.after)}, at least ${usdText(power)}`,
    },
    {
      name: 'liquidated',
      passed: liquidatedUsd.after <= liquidated + SLACK,
      detail: `${usdText(liquidatedUsd.after)} is liquidated in expectation, at most ${usdText(liquidated)}`,
    },
  ]
}
