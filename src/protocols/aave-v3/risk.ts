/**
 * Health of an account in an Aave pool, V2 or V3: what `getUserAccountData` answers at the same block, to the last digit,
 * from indexed balances, indexes, parameters and prices alone.
 *
 *   collateralᵢ = ⌊balanceᵢ · priceᵢ / unitᵢ⌋ where enabled as collateral      debt = Σ balanceⱼ · priceⱼ / unitⱼ
 *   V2, and revision 1 of V3:  LT = ⌊Σ collateralᵢ·LTᵢ / Σ collateralᵢ⌋,  HF = wadDiv(percentMul(Σ collateralᵢ, LT), debt)
 *   revision 9 and later:      HF = ⌊wadDiv(Σ collateralᵢ·LTᵢ, debt) / 10000⌋, debt values rounded up
 *
 * Values are in the oracle's base currency (V3: US dollars with 8 decimals where the oracle names no other; V2: ether
 * with 18). Prices are what AaveOracle would return: the feed's latest answer as it is.
 */
import type { Hex } from '../../chains/types'
import { BPS, divWadHalfUp, mulBpsHalfUp, mulDivDown, UINT256_MAX, WAD } from '../../math/fixed-point'
import type {
  BaseUnit,
  Holding,
  Incomplete,
  LendingRisk,
  LiquidationPrice,
  RiskInput,
  Totals,
} from '../lending-risk'
import type { MarketState, PositionState } from '../types'
import type { AaveProtocol } from './events'
import { holdingsOf } from './holdings'
import { oraclePrices } from './prices'
import { rulesOf } from './rules'

export interface AccountDataInput {
  /** Aave V3 where it is left out. */
  protocol?: AaveProtocol
  revision: number
  /** All positions of one account in one pool; positions with nothing in them may be left out. */
  positions: readonly PositionState[]
  /** By market id; all markets of the positions, and the pool's own where there is a row of it. */
  markets: ReadonlyMap<string, MarketState>
  /** Asset address → answer of the feed that the market's `state.priceFeed` names. */
  prices: ReadonlyMap<Hex, bigint>
  /** Time of the block at which the account is read. Indexes grow to it. */
  timestampSec: number
}

export type AccountData = Totals

/**
 * Account data as the pool's `getUserAccountData` computes it, plus bad debt. Returns `{ incomplete: reason }` instead
 * of a number when something needed is unknown: a position or market that began before coverage, a revision or
 * e-mode rule this release does not know, unknown decimals, a missing or non-positive price.
 */
export function accountData(input: AccountDataInput): AccountData | Incomplete {
  const holdings = holdingsOf(input)
  if ('incomplete' in holdings) return holdings
  const sums = totals(holdings.list)
  const { collateral, debt } = sums
  const average = (weighted: bigint) => (collateral === 0n ? 0n : weighted / collateral)
  return {
    totalCollateralBase: collateral,
    totalDebtBase: debt,
    ltvBps: average(sums.weightedLtv),
    currentLiquidationThresholdBps: average(sums.weightedThreshold),
    healthFactorWad: healthFactor(sums, truncatesThreshold(input)),
    badDebtBase: badDebt(holdings.list, debt),
  }
}

/**
 * For each collateral, the greatest price at which the account can be liquidated (health factor below 1e18), all
 * other prices held: the account is safe while the price stays above it. Null when there is none: no debt, or the
 * other collateral carries the debt alone, or the asset is also borrowed so much that a rising price does not heal.
 *
 * Exact to one unit of the oracle's price where the account does not also borrow the asset. (V2 and revision 1 truncate
 * the average threshold, so its health factor is a sawtooth within one basis point; the greatest price is found
 * through its teeth.) A price at or above today's means that the account can be liquidated now.
 */
export function liquidationPrices(input: AccountDataInput): LiquidationPrice[] | Incomplete {
  const holdings = holdingsOf(input)
  if ('incomplete' in holdings) return holdings
  const { list } = holdings
  return list
    .filter((holding) => holding.collateral && holding.supplyBalance > 0n)
    .map((holding) => ({
      marketId: holding.marketId,
      asset: holding.asset,
      priceBase: holding.price,
      liquidationPriceBase: greatestUnsafePrice(list, holding, truncatesThreshold(input)) || null,
    }))
}

interface Sums {
  collateral: bigint
  debt: bigint
  weightedLtv: bigint
  weightedThreshold: bigint
}

function totals(list: readonly Holding[]): Sums {
  const sums = { collateral: 0n, debt: 0n, weightedLtv: 0n, weightedThreshold: 0n }
  for (const holding of list) {
    if (holding.debtBalance > 0n) sums.debt += holding.debtValueAt(holding.price)
    if (!holding.collateral) continue
    const value = mulDivDown(holding.supplyBalance, holding.price, holding.unit)
    sums.collateral += value
    sums.weightedLtv += value * holding.ltvBps
    sums.weightedThreshold += value * holding.thresholdBps
  }
  return sums
}

function truncatesThreshold({ revision, protocol }: AccountDataInput): boolean {
  return rulesOf(revision, protocol)?.truncatesThreshold ?? true
}

function healthFactor({ collateral, debt, weightedThreshold }: Sums, truncates: boolean): bigint {
  if (debt === 0n) return UINT256_MAX
  if (!truncates) return divWadHalfUp(weightedThreshold, debt) / BPS
  const averageThreshold = collateral === 0n ? 0n : weightedThreshold / collateral
  return divWadHalfUp(mulBpsHalfUp(collateral, averageThreshold), debt)
}

/** A liquidator who repays d receives collateral worth d · bonus, so collateral C repays at most C / bonus. */
function badDebt(list: readonly Holding[], debt: bigint): bigint {
  let repayable = 0n
  for (const holding of list) {
    if (!holding.collateral) continue
    const value = mulDivDown(holding.supplyBalance, holding.price, holding.unit)
    repayable += mulDivDown(value, BPS, holding.bonusBps < BPS ? BPS : holding.bonusBps)
  }
  return debt > repayable ? debt - repayable : 0n
}

/** Prices above this (1e18 USD) are not searched. */
const MAX_PRICE = 10n ** 26n
const MAX_TEETH = 64

function greatestUnsafePrice(list: readonly Holding[], target: Holding, truncates: boolean): bigint | null {
  const others = totals(list.filter((holding) => holding !== target))
  const at = (price: bigint) => plus(others, totals([{ ...target, price }]))
  const safe = (price: bigint) => healthFactor(at(price), truncates) >= WAD
  // Holds wherever truncating the average threshold cannot matter, and from there upwards: Σ Cᵢ(LTᵢ − 1) ≥ D + 1.
  const surelySafe = (price: bigint) => {
    const sums = at(price)
    return sums.weightedThreshold - sums.collateral >= (sums.debt + 1n) * BPS
  }
  if (at(target.price).debt === 0n || !surelySafe(MAX_PRICE)) return null
  let ceiling = target.price
  while (!surelySafe(ceiling)) ceiling *= 2n
  let top = greatestWhere(-1n, ceiling, (price) => !surelySafe(price))
  for (let tooth = 0; tooth < MAX_TEETH && top >= 0n; tooth++) {
    if (!safe(top)) return top
    // Within one value of the truncated average the health factor rises with the price, so bisection is exact.
    const average = averageOf(at(top))
    const below = truncates ? greatestWhere(-1n, top, (price) => averageOf(at(price)) !== average) : -1n
    if (below + 1n <= top && !safe(below + 1n)) return greatestWhere(below + 1n, top, (price) => !safe(price))
    top = below
  }
  return top < 0n ? null : greatestWhere(-1n, top, (price) => !safe(price))
}

function plus(a: Sums, b: Sums): Sums {
  return {
    collateral: a.collateral + b.collateral,
    debt: a.debt + b.debt,
    weightedLtv: a.weightedLtv + b.weightedLtv,
    weightedThreshold: a.weightedThreshold + b.weightedThreshold,
  }
}

function averageOf({ collateral, weightedThreshold }: Sums): bigint {
  return collateral === 0n ? 0n : weightedThreshold / collateral
}

/** Greatest price in [low, high) where the condition holds, given that it holds at low (or low is −1) and not at high. */
function greatestWhere(low: bigint, high: bigint, holds: (price: bigint) => boolean): bigint {
  let [below, above] = [low, high]
  while (above - below > 1n) {
    const middle = (below + above) / 2n
    if (holds(middle)) below = middle
    else above = middle
  }
  return below
}

/**
 * What the pool's oracle reckons in: the token that the oracle or else the chain file names. Without one, V3 reckons in
 * US dollars and V2 is not known to reckon in anything. Undefined too where the oracle's unit is no power of ten.
 */
function baseOf(
  protocol: AaveProtocol,
  reserve: MarketState | undefined,
  pool: MarketState | undefined,
): BaseUnit | undefined {
  const asset = pool?.state.baseAsset ?? reserve?.state.baseAsset
  const unit = pool?.state.baseUnit ?? (protocol === 'aave-v2' ? WAD : 10n ** 8n)
  if (!/^10*$/.test(String(unit)) || (protocol === 'aave-v2' && typeof asset !== 'string')) return undefined
  return { asset: typeof asset === 'string' ? (asset as Hex) : null, decimals: String(unit).length - 1 }
}

/** The input of Aave's arithmetic from that of any lending protocol's, with what the pool's oracle reckons in. */
export function aaveInput(
  protocol: AaveProtocol,
  input: RiskInput,
): (AccountDataInput & { base: BaseUnit }) | Incomplete {
  const { positions, markets, price, timestampSec } = input
  const own = positions.flatMap((position) => markets.get(position.marketId) ?? [])
  const reserve = own.find((market) => market.kind === 'reserve')
  const pool = own[0] && markets.get(own[0].id.split(':', 2).join(':'))
  const base = baseOf(protocol, reserve, pool)
  if (base === undefined) return { incomplete: 'what the oracle reckons in is unknown' }
  const revision = reserve?.revision ?? 1
  const prices = oraclePrices(own, price)
  if (base.asset !== null) prices.set(base.asset, 10n ** BigInt(base.decimals))
  return { protocol, revision, positions, markets, prices, timestampSec, base }
}

/** The arithmetic of one of the protocols behind the contract that all lending protocols keep. */
export function aaveRisk(protocol: AaveProtocol): LendingRisk {
  return {
    account(input) {
      const own = aaveInput(protocol, input)
      if ('incomplete' in own) return own
      const data = accountData(own)
      if ('incomplete' in data) return data
      const holdings = holdingsOf(own)
      return 'incomplete' in holdings ? holdings : { ...data, base: own.base, holdings: holdings.list }
    },
    liquidationPrices(input) {
      const own = aaveInput(protocol, input)
      return 'incomplete' in own ? own : liquidationPrices(own)
    },
  }
}

export const aaveV3Risk: LendingRisk = aaveRisk('aave-v3')
