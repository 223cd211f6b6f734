/**
 * Morpho's arithmetic of shares, and what a second of interest does to a market.
 *
 * Supply and debt are counted in shares of the market's totals. A million virtual shares and one virtual asset keep
 * the first depositor from setting the rate: assets = shares · (totalAssets + 1) / (totalShares + 10⁶). Interest for a
 * time t at rate r per second is x + x²/2 + x³/6 of the debt, with x = r·t: the exponential's first terms.
 * Source: SharesMathLib, MathLib and Morpho._accrueInterest of morpho-blue 1.0.0.
 */
import { mulDivDown, mulDivUp, WAD } from '../../math/fixed-point'

export const VIRTUAL_SHARES = 1_000_000n
export const VIRTUAL_ASSETS = 1n

/** Of a market; assets in base units of the loan token. */
export interface MarketTotals {
  supplyAssets: bigint
  supplyShares: bigint
  borrowAssets: bigint
  borrowShares: bigint
}

/** One side of a market: its assets and the shares that they are divided into. */
export interface Side {
  assets: bigint
  shares: bigint
}

export const supplySide = (totals: MarketTotals): Side => ({
  assets: totals.supplyAssets,
  shares: totals.supplyShares,
})
export const borrowSide = (totals: MarketTotals): Side => ({
  assets: totals.borrowAssets,
  shares: totals.borrowShares,
})

export const toAssetsDown = (shares: bigint, side: Side): bigint =>
  mulDivDown(shares, side.assets + VIRTUAL_ASSETS, side.shares + VIRTUAL_SHARES)
export const toAssetsUp = (shares: bigint, side: Side): bigint =>
  mulDivUp(shares, side.assets + VIRTUAL_ASSETS, side.shares + VIRTUAL_SHARES)
export const toSharesDown = (assets: bigint, side: Side): bigint =>
  mulDivDown(assets, side.shares + VIRTUAL_SHARES, side.assets + VIRTUAL_ASSETS)
export const toSharesUp = (assets: bigint, side: Side): bigint =>
  mulDivUp(assets, side.shares + VIRTUAL_SHARES, side.assets + VIRTUAL_ASSETS)

/** Growth of one unit, less the unit itself, in wad: x + x²/2 + x³/6 with x = rate · time, each term rounded down. */
export function taylorCompoundedWad(ratePerSecWad: bigint, elapsedSec: bigint): bigint {
  const first = ratePerSecWad * elapsedSec
  const second = mulDivDown(first, first, 2n * WAD)
  return first + second + mulDivDown(second, first, 3n * WAD)
}

/** The market after `elapsedSec` at a rate, and the shares that its fee made; the rate must be the model's own. */
export function accrue(
  totals: MarketTotals,
  { ratePerSecWad, elapsedSec, feeWad }: { ratePerSecWad: bigint; elapsedSec: bigint; feeWad: bigint },
): MarketTotals & { feeShares: bigint } {
  const interest = mulDivDown(totals.borrowAssets, taylorCompoundedWad(ratePerSecWad, elapsedSec), WAD)
  const supplyAssets = totals.supplyAssets + interest
  const feeAssets = mulDivDown(interest, feeWad, WAD)
  const feeShares = toSharesDown(feeAssets, { assets: supplyAssets - feeAssets, shares: totals.supplyShares })
  return {
    supplyAssets,
    supplyShares: totals.supplyShares + feeShares,
    borrowAssets: totals.borrowAssets + interest,
    borrowShares: totals.borrowShares,
    feeShares,
  }
}
