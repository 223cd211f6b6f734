/**
 * Health of an account under a comptroller: what `getAccountLiquidity` answers at the same block, from indexed state.
 *
 *   tokensToDenom = ⌊⌊collateralFactor·exchangeRate/1e18⌋·price/1e18⌋
 *   collateral    = Σ ⌊tokensToDenom·cTokens/1e18⌋      debt = Σ ⌊price·borrowBalance/1e18⌋     over markets entered
 *   HF            = ⌊collateral·1e18 / debt⌋; below 1e18 exactly when there is a shortfall
 *
 * Exchange rate and borrow balance are the stored ones, as of the cToken's last accrual, because those are what the
 * comptroller reads: time alone changes nothing. Steps truncate as they do since ExponentialNoError (comptroller G7,
 * 2021); the earlier Exponential rounded the product of mantissas to nearest, a difference of a few 1e-18 of the value.
 * The oracle's prices are in USD with 18 decimals for one base unit · 1e18 (in ETH before July 2020).
 */
import { mulDivDown, UINT256_MAX, WAD } from '../../math/fixed-point'
import type {
  Holding,
  Incomplete,
  LendingAccount,
  LendingRisk,
  LiquidationPrice,
  RiskInput,
} from '../lending-risk'
import { greatestUnsafePrice } from '../liquidation-price'
import { totalsOf } from '../totals'
import type { MarketState, PositionState } from '../types'
import { borrowBalanceDown, exchangeRateMantissa } from './state'

/** An entered market of the account, as the comptroller weighs it. */
interface Entry {
  holding: Holding
  cTokens: bigint
  borrowBalance: bigint
  exchangeRateMantissa: bigint
  collateralFactorMantissa: bigint
  priceMantissa: bigint
  /** Price in the base unit for one whole token → oracle's mantissa. */
  mantissaAt(price: bigint): bigint
}

/** Sums of getHypotheticalAccountLiquidity. */
interface Liquidity {
  sumCollateral: bigint
  sumBorrow: bigint
}

function liquidityOf(entries: readonly Entry[]): Liquidity {
  const sums = { sumCollateral: 0n, sumBorrow: 0n }
  for (const entry of entries) {
    const { priceMantissa } = entry
    const perToken = mulDivDown(entry.collateralFactorMantissa, entry.exchangeRateMantissa, WAD)
    sums.sumCollateral += mulDivDown(mulDivDown(perToken, priceMantissa, WAD), entry.cTokens, WAD)
    sums.sumBorrow += mulDivDown(priceMantissa, entry.borrowBalance, WAD)
  }
  return sums
}

function healthFactorWad({ sumCollateral, sumBorrow }: Liquidity): bigint {
  return sumBorrow === 0n ? UINT256_MAX : mulDivDown(sumCollateral, WAD, sumBorrow)
}

/** `getAccountLiquidity`: at most one of the two is not zero. In USD with 18 decimals. */
export function accountLiquidity(input: RiskInput): { liquidity: bigint; shortfall: bigint } | Incomplete {
  const entries = entriesOf(input)
  if ('incomplete' in entries) return entries
  const { sumCollateral, sumBorrow } = liquidityOf(entries.list)
  const difference = sumCollateral - sumBorrow
  return difference > 0n
    ? { liquidity: difference, shortfall: 0n }
    : { liquidity: 0n, shortfall: -difference }
}

function entriesOf(input: RiskInput): { list: Entry[] } | Incomplete {
  const list: Entry[] = []
  for (const position of input.positions) {
    const market = input.markets.get(position.marketId)
    if (market === undefined) return { incomplete: `market ${position.marketId} is unknown` }
    // The comptroller looks at entered markets only; nobody can owe in another.
    if (market.kind === 'pool' || (!position.collateralEnabled && position.scaledDebt === 0n)) continue
    if (position.scaledSupply === 0n && position.scaledDebt === 0n) continue
    const entry = entryOf(position, market, input)
    if ('incomplete' in entry) return entry
    list.push(entry)
  }
  return { list }
}

function entryOf(position: PositionState, market: MarketState, input: RiskInput): Entry | Incomplete {
  const { state, asset } = market
  const { decimals } = state
  if (typeof decimals !== 'number' || decimals > 18)
    return { incomplete: `underlying or decimals of ${asset} are unknown` }
  if (!position.complete) return { incomplete: `position in ${market.id} began before its coverage` }
  if (!market.complete) return { incomplete: `market ${market.id} began before its coverage` }
  const pool = input.markets.get(`${market.id.slice(0, market.id.lastIndexOf(':'))}`)
  if (pool === undefined) return { incomplete: `comptroller ${market.pool} is unknown` }
  const source = String(state.priceFeed)
  const oracle = typeof state.priceFeed === 'string' ? input.price(asset, source) : undefined
  if (oracle === undefined || oracle.answer <= 0n) return { incomplete: `no positive price for ${asset}` }
  const exchangeRate = exchangeRateMantissa(market)
  const factor = BigInt(String(state.collateralFactorMantissa))
  const borrowBalance = borrowBalanceDown(position.scaledDebt, BigInt(String(state.borrowIndexRay)))
  const mantissaAt = (price: bigint) => price * 10n ** BigInt(18 - decimals)
  const factorBps = factor / 10n ** 14n
  return {
    cTokens: position.scaledSupply,
    borrowBalance,
    exchangeRateMantissa: exchangeRate,
    collateralFactorMantissa: factor,
    priceMantissa: oracle.answer,
    mantissaAt,
    holding: {
      marketId: market.id,
      asset,
      supplyBalance: mulDivDown(exchangeRate, position.scaledSupply, WAD),
      debtBalance: borrowBalance,
      collateral: position.collateralEnabled && factor > 0n,
      ltvBps: factorBps,
      thresholdBps: factorBps,
      bonusBps: BigInt(String(pool.state.liquidationIncentiveMantissa ?? 0)) / 10n ** 14n,
      unit: 10n ** BigInt(decimals),
      price: oracle.answer / 10n ** BigInt(18 - decimals),
      priceSource: source,
      debtValueAt: (price) => mulDivDown(mantissaAt(price), borrowBalance, WAD),
    },
  }
}

function account(input: RiskInput): LendingAccount | Incomplete {
  const entries = entriesOf(input)
  if ('incomplete' in entries) return entries
  const holdings = entries.list.map(({ holding }) => holding)
  const health = healthFactorWad(liquidityOf(entries.list))
  return { ...totalsOf(holdings, health), base: { asset: null, decimals: 18 }, holdings }
}

/** Exact to one unit of the price where the account does not also borrow the asset. */
function liquidationPrices(input: RiskInput): LiquidationPrice[] | Incomplete {
  const entries = entriesOf(input)
  if ('incomplete' in entries) return entries
  const { list } = entries
  return list
    .filter(({ holding }) => holding.collateral && holding.supplyBalance > 0n)
    .map((target) => {
      const others = list.filter((entry) => entry.holding.asset !== target.holding.asset)
      const same = list.filter((entry) => entry.holding.asset === target.holding.asset)
      const isSafe = (price: bigint) => {
        const moved = same.map((entry) => ({ ...entry, priceMantissa: entry.mantissaAt(price) }))
        const { sumCollateral, sumBorrow } = liquidityOf([...others, ...moved])
        return sumCollateral >= sumBorrow
      }
      const { marketId, asset, price } = target.holding
      return { marketId, asset, priceBase: price, liquidationPriceBase: greatestUnsafePrice(isSafe) }
    })
}

export const compoundV2Risk: LendingRisk = { account, liquidationPrices }
