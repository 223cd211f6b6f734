/**
 * What a market's parameters say, in floats: what a new position gets, how much may be supplied and lent, and how much of
 * a position one call may liquidate. Each protocol keeps them in its own words (src/protocols/<p>/state.ts); a Maker ilk's
 * liquidation penalty stands for the bonus. Zero caps mean none.
 */
import { toFloat } from '../features/float'
import { rulesOf } from '../protocols/aave-v3/rules'
import type { MarketState } from '../protocols/types'
import type { BookMarket, CloseRule } from './book'
import { aaveTerms, compoundV2Terms, type LiquidationTerms, morphoTerms } from './rules/terms'

export type MarketTerms = Pick<BookMarket, 'ltv' | 'threshold' | 'bonus' | 'supplyCap' | 'borrowCap'>

const NO_COLLATERAL: MarketTerms = {
  ...{ ltv: null, threshold: null, bonus: null, supplyCap: null, borrowCap: null },
}
const WAD_DECIMALS = 18
const RAY_DECIMALS = 27

/** Terms of a reserve's row. `pool`: the row of what it belongs to, where the protocol keeps one. */
export function marketTermsOf(market: MarketState, pool: MarketState | undefined): MarketTerms {
  const { state, protocol } = market
  if (protocol === 'aave-v2' || protocol === 'aave-v3') return aaveMarket(state)
  if (protocol === 'compound-v2') {
    const factor = wad(state.collateralFactorMantissa)
    if (factor === 0) return NO_COLLATERAL
    const bonus = atLeastOne(wad(pool?.state.liquidationIncentiveMantissa))
    return { ...NO_COLLATERAL, ltv: factor, threshold: factor, bonus }
  }
  if (protocol === 'compound-v3' && state.role === 'collateral') return cometCollateral(state)
  if (protocol === 'morpho-blue' && pool !== undefined && market.asset === pool.state.collateralToken) {
    if (market.asset === pool.state.loanToken && !market.id.endsWith(':collateral')) return NO_COLLATERAL
    const { threshold, bonus } = morphoTerms(integer(pool.state.lltvWad))
    return { ...NO_COLLATERAL, ltv: threshold, threshold, bonus }
  }
  if (protocol === 'maker' && state.role === 'gem') {
    const matRay = toFloat(integer(pool?.state.matRay), RAY_DECIMALS)
    if (matRay === 0) return NO_COLLATERAL
    const threshold = Math.min(1, 1 / matRay)
    return { ...NO_COLLATERAL, ltv: threshold, threshold, bonus: atLeastOne(wad(pool?.state.chopWad)) }
  }
  return NO_COLLATERAL
}

function aaveMarket(state: MarketState['state']): MarketTerms {
  const share = (name: string) => Number(state[name] ?? 0) / 10_000
  const caps = { supplyCap: cap(state.supplyCap), borrowCap: cap(state.borrowCap) }
  const threshold = share('liquidationThresholdBps')
  if (threshold === 0) return { ...NO_COLLATERAL, ...caps }
  return { ...caps, ltv: share('ltvBps'), threshold, bonus: atLeastOne(share('liquidationBonusBps')) }
}

function cometCollateral(state: MarketState['state']): MarketTerms {
  const kept = wad(state.liquidationFactor)
  return {
    ltv: wad(state.borrowCollateralFactor),
    threshold: wad(state.liquidateCollateralFactor),
    bonus: kept === 0 ? 1 : 1 / kept,
    supplyCap: cap(state.supplyCap, Number(state.decimals ?? 0)),
    borrowCap: null,
  }
}

/** How much one call may liquidate in a pool, by protocol and revision; the whole where the protocol sets no bound. */
export function closeRuleOf({
  protocol,
  revision,
  pool,
}: {
  protocol: string
  revision: number
  /** The pool's own row. */
  pool: MarketState | undefined
}): CloseRule {
  if (protocol === 'aave-v2' || protocol === 'aave-v3') {
    const rule = rulesOf(revision, protocol)?.liquidation
    const release = rule === 'halfOfAsset' ? 'v2' : rule === 'halfOrAll' ? 'v3.0' : 'v3.3'
    return closeOf(aaveTerms(release, { thresholdBps: 0n, bonusBps: 10_000n }))
  }
  const closeFactor = integer(pool?.state.closeFactorMantissa)
  if (protocol === 'compound-v2' && closeFactor > 0n)
    return closeOf(compoundV2Terms({ collateralFactor: 0n, closeFactor, liquidationIncentive: 10n ** 18n }))
  return { closeShare: 1, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 }
}

function closeOf({ closeShare, closeHealth, smallUsd, leastLeftoverUsd }: LiquidationTerms): CloseRule {
  return { closeShare, closeHealth, smallUsd, leastLeftoverUsd }
}

type Value = MarketState['state'][string] | undefined

function integer(value: Value): bigint {
  return BigInt(String(value ?? 0))
}

function wad(value: Value): number {
  return toFloat(integer(value), WAD_DECIMALS)
}

function cap(value: Value, decimals = 0): number | null {
  const units = toFloat(integer(value), decimals)
  return units === 0 ? null : units
}

/** Parameters that were never set read as zero; nobody liquidates for less than what they repay. */
function atLeastOne(bonus: number): number {
  return Math.max(1, bonus)
}
