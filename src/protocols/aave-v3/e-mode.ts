/**
 * What an account's e-mode does to each of its collaterals.
 *
 * Up to v3.1 a reserve is in at most one category. From v3.2 a category lists the assets that it takes as collateral;
 * up to v3.5 only those that are collateral outside it too, from v3.6 also others, and an asset may be in the list yet
 * carry no loan ("ltvzero"). From v3.7 an isolated category lets no other asset carry one.
 */
import type { Incomplete } from '../lending-risk'
import type { MarketState, PositionState } from '../types'
import type { Rules } from './rules'

export interface EMode {
  /** 0: none. */
  category: number
  ltvBps: bigint
  thresholdBps: bigint
  bonusBps: bigint
  isolated: boolean
}

export interface CollateralTerms {
  /** Counts in the sums, whatever its threshold. */
  counts: boolean
  ltvBps: bigint
  thresholdBps: bigint
  bonusBps: bigint
}

const NONE: EMode = { category: 0, ltvBps: 0n, thresholdBps: 0n, bonusBps: 0n, isolated: false }

/** The user's e-mode category stands as the scaled supply of the position in the pool's own market. */
export function eModeOf(
  positions: readonly PositionState[],
  markets: ReadonlyMap<string, MarketState>,
): EMode | Incomplete {
  const position = positions.find(({ marketId }) => markets.get(marketId)?.kind === 'pool')
  if (position === undefined || position.scaledSupply === 0n) return NONE
  if (!position.complete) return { incomplete: 'the e-mode of the account began before its coverage' }
  const state = markets.get(position.marketId)?.state ?? {}
  const key = `eMode${position.scaledSupply}`
  if (state[`${key}LtvBps`] === undefined)
    return { incomplete: `e-mode category ${position.scaledSupply} is unknown` }
  if (!/^0x0*$/.test(String(state[`${key}PriceSource`])))
    return { incomplete: 'e-mode with a price of its own' }
  return {
    category: Number(position.scaledSupply),
    ltvBps: bps(state[`${key}LtvBps`]),
    thresholdBps: bps(state[`${key}LiquidationThresholdBps`]),
    bonusBps: bps(state[`${key}LiquidationBonusBps`]),
    isolated: state[`${key}Isolated`] === true,
  }
}

/** Terms of one reserve as collateral of an account that has enabled it, in the account's e-mode. */
export function collateralTerms({ state }: MarketState, eMode: EMode, rules: Rules): CollateralTerms {
  const own = {
    counts: rules.eMode === 'bitmap' || bps(state.liquidationThresholdBps) !== 0n,
    ltvBps: bps(state.ltvBps),
    thresholdBps: bps(state.liquidationThresholdBps),
    bonusBps: bps(state.liquidationBonusBps),
  }
  if (eMode.category === 0) return own
  const listed =
    rules.eMode === 'category'
      ? Number(state.eModeCategory) === eMode.category
      : state[`eModeCollateral${eMode.category}`] === true
  if (!listed) return eMode.isolated ? { ...own, ltvBps: 0n } : own
  const carriesLoans =
    rules.eMode === 'bitmap' ? state[`eModeLtvZero${eMode.category}`] !== true : own.ltvBps !== 0n
  const { thresholdBps, bonusBps } = eMode
  return { counts: own.counts, ltvBps: carriesLoans ? eMode.ltvBps : 0n, thresholdBps, bonusBps }
}

function bps(value: MarketState['state'][string] | undefined): bigint {
  return BigInt(Number(value ?? 0))
}
