/**
 * What liquidity providers and blocks cost: losses of a constant-product pool, and the base fee.
 *
 *   LVR  σ²/8 of the pool's value per unit of time     Milionis et al., Loss-Versus-Rebalancing (2022)
 *   IL   2√r/(1 + r) − 1 when the price changes by r
 *   fee  parent + parent·(used − target)/target/8, target half the limit; up by at least 1     EIP-1559
 */
import { badInput, numberAt } from '../network'

/** Loss to arbitrage a unit of time, as a share of pool value; σ is the volatility of the same unit. */
export function lossVersusRebalancing(sigma: number): number {
  return numberAt(sigma, 'sigma', { least: 0 }) ** 2 / 8
}

/** Value against holding, minus one: 0 at r = 1, below it elsewhere. */
export function impermanentLoss(priceRatio: number): number {
  const r = numberAt(priceRatio, 'priceRatio', { least: 0 })
  return (2 * Math.sqrt(r)) / (1 + r) - 1
}

/** Base fee of the next block, in wei, as every client reckons it. */
export function nextBaseFeeWei({
  baseFeeWei,
  gasUsed,
  gasLimit,
}: {
  baseFeeWei: bigint
  gasUsed: bigint
  gasLimit: bigint
}): bigint {
  const target = gasLimit / 2n
  if (target <= 0n || gasUsed < 0n || gasUsed > gasLimit)
    throw badInput(`${gasUsed} gas used of a limit of ${gasLimit} cannot be`)
  if (gasUsed === target) return baseFeeWei
  if (gasUsed < target) return baseFeeWei - (baseFeeWei * (target - gasUsed)) / target / 8n
  const rise = (baseFeeWei * (gasUsed - target)) / target / 8n
  return baseFeeWei + (rise > 0n ? rise : 1n)
}
