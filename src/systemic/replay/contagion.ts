/**
 * What a collateral that loses its value does to isolated lending markets and to the vaults that lend into them, from
 * the state before it. The oracles are taken not to follow, so that nobody is liquidated:
 *
 *   debt that is not covered   max(0, borrowed − collateral · remaining / bonus)        by the market's liquidation terms
 *   drain                      idle liquidity of a market whose price is fixed can be borrowed against worthless collateral
 *   pass-through               markets owe their suppliers, vaults owe their depositors: the greatest clearing vector
 *   those who stay             loss / (assets − what left): who leaves first is paid in full by who leaves last
 *
 * Clearing is Eisenberg and Noe (2001), see ../clearing.ts. Runs of depositors: Diamond and Dybvig (1983).
 */
import { clear } from '../clearing'
import { badInput, matrixAt, numberAt } from '../network'
import { shortfall } from '../rules/liquidation'
import type { LiquidationTerms } from '../rules/terms'

export interface RiskMarket {
  id: string
  supplyUsd: number
  borrowUsd: number
  /** At market prices before the shock; null where unknown: borrowers are then taken to be at their limit. */
  collateralUsd: number | null
  terms: LiquidationTerms
  /** The oracle is a constant. */
  isFixedPrice: boolean
}

export interface RiskVault {
  id: string
  assetsUsd: number
  /** By market id. */
  suppliedUsd: ReadonlyMap<string, number>
}

export interface MarketLoss {
  uncoveredUsd: number
  drainUsd: number
  /** Of the market's supply, 0 … 1. */
  lossShare: number
}

export interface VaultLoss {
  id: string
  /** What it lends to the markets at risk. */
  exposedUsd: number
  lossUsd: number
  /** Of its assets, while nobody has left. */
  lossShare: number
}

/** Loss of one market when `remaining` of its collateral's price is left, 0 … 1. */
export function marketLoss(market: RiskMarket, remaining: number): MarketLoss {
  const left = numberAt(remaining, `what remains of the price in ${market.id}`, { least: 0 })
  const supply = numberAt(market.supplyUsd, `${market.id}.supplyUsd`, { least: 0 })
  const borrowed = numberAt(market.borrowUsd, `${market.id}.borrowUsd`, { least: 0 })
  const { threshold } = market.terms
  const collateral = market.collateralUsd ?? borrowed / threshold
  const uncoveredUsd = Math.min(
    shortfall({ collateral, price: left, debt: borrowed }, market.terms),
    // Interest of a stale reading can make more debt than supply; nobody loses more than is there.
    Math.max(supply, borrowed),
  )
  const idle = Math.max(0, supply - borrowed)
  const drainUsd = market.isFixedPrice && left < threshold ? idle * (1 - left / threshold) : 0
  const lossUsd = uncoveredUsd + drainUsd
  return { uncoveredUsd, drainUsd, lossShare: supply === 0 ? 0 : Math.min(1, lossUsd / supply) }
}

/**
 * Passes market losses on to vaults and their depositors. Suppliers of a market share its loss in proportion; those
 * that are no vault of the list are one outsider.
 */
export function passThrough(
  markets: readonly Pick<RiskMarket, 'id' | 'supplyUsd'>[],
  lossShares: ReadonlyMap<string, number>,
  vaults: readonly RiskVault[],
): { vaults: VaultLoss[]; outsideLossUsd: number } {
  const place = new Map(markets.map(({ id }, i) => [id, i]))
  const size = markets.length + vaults.length + 1
  const owed = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  const external = new Float64Array(size)
  vaults.forEach((vault, k) => {
    let exposed = 0
    for (const [id, usd] of vault.suppliedUsd) {
      const at = place.get(id)
      if (at === undefined) throw badInput(`${vault.id} supplies ${id}, which is no market of the list`)
      owed[at]![markets.length + k] = numberAt(usd, `${vault.id} in ${id}`, { least: 0 })
      exposed += usd
    }
    // Assets and allocations are read at slightly different moments; a vault has at least what it supplies.
    const assets = Math.max(vault.assetsUsd, exposed)
    owed[markets.length + k]![size - 1] = assets
    external[markets.length + k] = assets - exposed
  })
  markets.forEach((market, i) => {
    const toVaults = owed[i]!.reduce((sum, usd) => sum + usd, 0)
    const supply = Math.max(market.supplyUsd, toVaults)
    owed[i]![size - 1] = supply - toVaults
    external[i] = supply * (1 - (lossShares.get(market.id) ?? 0))
  })
  const { paid } = clear({ obligations: matrixAt(owed, 'claims'), externalAssets: external })
  const losses = vaults.map(({ id }, k): VaultLoss => {
    const at = markets.length + k
    const assets = owed[at]![size - 1]!
    const lossUsd = Math.max(0, assets - paid[at]!)
    const exposedUsd = assets - external[at]!
    return { id, exposedUsd, lossUsd, lossShare: assets === 0 ? 0 : lossUsd / assets }
  })
  const outsideLossUsd = markets.reduce((sum, _, i) => {
    const supply = owed[i]!.reduce((total, usd) => total + usd, 0)
    return supply === 0 ? sum : sum + owed[i]![size - 1]! * (1 - paid[i]! / supply)
  }, 0)
  return { vaults: losses, outsideLossUsd }
}

/** Loss of those who stay after others left with their full claim, as a share of what they hold; 1 where it takes all. */
export function lossShareOfStayers(lossUsd: number, remainingUsd: number): number {
  if (lossUsd <= 0) return 0
  return remainingUsd <= lossUsd ? 1 : lossUsd / remainingUsd
}

/** One vault's supply of one market outside those at risk. */
export interface SharedSupply {
  vault: string
  market: string
  usd: number
}

/**
 * Second round: vaults that lose nothing but share markets with those that do, whose depositors withdraw there too.
 * Pressure on j = Σ over markets of j's share in the market · the part of the market that hit vaults supply, 0 … 1.
 */
export function sharedPressure(
  supplies: readonly SharedSupply[],
  hit: ReadonlySet<string>,
): Map<string, number> {
  const total = new Map<string, { all: number; hit: number }>()
  const assets = new Map<string, number>()
  for (const { vault, market, usd } of supplies) {
    const sum = total.get(market) ?? { all: 0, hit: 0 }
    total.set(market, { all: sum.all + usd, hit: sum.hit + (hit.has(vault) ? usd : 0) })
    assets.set(vault, (assets.get(vault) ?? 0) + usd)
  }
  const pressure = new Map<string, number>()
  for (const { vault, market, usd } of supplies) {
    const whole = assets.get(vault)!
    const { all, hit: fromHit } = total.get(market)!
    const part = all === 0 || whole === 0 ? 0 : ((usd / whole) * fromHit) / all
    pressure.set(vault, (pressure.get(vault) ?? 0) + part)
  }
  return pressure
}
