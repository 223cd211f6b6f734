/**
 * Health of an account in a comet: the sides of `isLiquidatable`, from indexed state.
 *
 *   debt value  = ⌊debt·basePrice/baseScale⌋          worth = Σ ⌊⌊amount·price/scale⌋·liquidateCollateralFactor/1e18⌋
 *   HF          = ⌊worth·1e18 / debt value⌋; below 1e18 exactly when the account can be absorbed
 *
 * The debt is accrued to the block's time, as `absorb` does before it looks (the bare view `isLiquidatable` reads the
 * index of the last accrual). Factors are kept by comets with four decimals. Base supply is no collateral. How exact the
 * debt is, state.ts says; collateral is exact.
 */
import type { Hex } from '../../chains/types'
import { BPS, mulDivDown, UINT256_MAX, WAD } from '../../math/fixed-point'
import type {
  BaseUnit,
  Holding,
  Incomplete,
  LendingAccount,
  LendingRisk,
  LiquidationPrice,
  RiskInput,
} from '../lending-risk'
import { greatestUnsafePrice } from '../liquidation-price'
import { supplyValueDown, totalsOf } from '../totals'
import type { MarketState, PositionState } from '../types'
import { accruedTo, booksOf, presentBorrowDown, presentSupplyDown } from './interest'

/** Comets drop all but four decimals of a factor. */
const FACTOR_STEP = WAD / BPS

function healthFactorWad(holdings: readonly Holding[]): bigint {
  let [worth, debt] = [0n, 0n]
  for (const holding of holdings) {
    debt += holding.debtValueAt(holding.price)
    if (holding.collateral)
      worth += mulDivDown(supplyValueDown(holding), holding.thresholdBps * FACTOR_STEP, WAD)
  }
  return debt === 0n ? UINT256_MAX : mulDivDown(worth, WAD, debt)
}

function holdingsOf(input: RiskInput): Holding[] | Incomplete {
  const list: Holding[] = []
  for (const position of input.positions) {
    if (position.scaledSupply === 0n && position.scaledDebt === 0n) continue
    const market = input.markets.get(position.marketId)
    if (market === undefined) return { incomplete: `market ${position.marketId} is unknown` }
    if (market.kind === 'pool') continue
    const holding = holdingOf(position, market, input)
    if ('incomplete' in holding) return holding
    list.push(holding)
  }
  return list
}

function holdingOf(position: PositionState, market: MarketState, input: RiskInput): Holding | Incomplete {
  const { state, asset } = market
  const reason = whyIncomplete(position, market, input)
  if (reason !== undefined) return { incomplete: reason }
  const source = String(state.priceFeed)
  const price = input.price(asset, source)?.answer
  if (price === undefined || price <= 0n) return { incomplete: `no positive price for ${asset}` }
  const unit = 10n ** BigInt(Number(state.decimals))
  const common = { marketId: market.id, asset, unit, price, priceSource: source }
  if (state.role === 'base') {
    const { supplyIndex, borrowIndex } = accruedTo(booksOf(market), state, input.timestampSec)
    const debtBalance = presentBorrowDown(position.scaledDebt, borrowIndex)
    const supplyBalance = presentSupplyDown(position.scaledSupply, supplyIndex)
    return {
      ...common,
      ...{ supplyBalance, debtBalance, collateral: false, ltvBps: 0n, thresholdBps: 0n, bonusBps: BPS },
      debtValueAt: (at) => mulDivDown(debtBalance, at, unit),
    }
  }
  const factorBps = (name: string) => BigInt(String(state[name] ?? 0)) / FACTOR_STEP
  const keptBps = factorBps('liquidationFactor')
  return {
    ...common,
    supplyBalance: position.scaledSupply,
    debtBalance: 0n,
    collateral: position.collateralEnabled,
    ltvBps: factorBps('borrowCollateralFactor'),
    thresholdBps: factorBps('liquidateCollateralFactor'),
    // The comet credits `liquidationFactor` of the value, which is to ask value for value times its inverse.
    bonusBps: keptBps === 0n ? BPS : (BPS * BPS) / keptBps,
    debtValueAt: () => 0n,
  }
}

function whyIncomplete(
  position: PositionState,
  market: MarketState,
  { markets }: RiskInput,
): string | undefined {
  if (!position.complete) return `position in ${market.id} began before its coverage`
  if (!market.complete) return `market ${market.id} began before its coverage`
  const pool = markets.get(market.id.slice(0, market.id.lastIndexOf(':')))
  if (pool === undefined) return `comet ${market.pool} is unknown`
  if (!pool.complete) return `debts in comet ${market.pool} are not all known: base was moved without a log`
  if (market.state.configured !== true) return `the configuration of ${market.id} is unknown`
  if (typeof market.state.decimals !== 'number') return `decimals of ${market.asset} are unknown`
  return undefined
}

/** Feeds are in US dollars, unless the chain file says otherwise: see `quote` in the comet's row. */
function baseUnitOf({ positions, markets }: RiskInput): BaseUnit {
  const own = positions[0] && markets.get(positions[0].marketId)
  const pool = own && markets.get(own.id.slice(0, own.id.lastIndexOf(':')))
  const quote = pool?.state.quote
  return { asset: typeof quote === 'string' ? (quote as Hex) : null, decimals: 8 }
}

function account(input: RiskInput): LendingAccount | Incomplete {
  const holdings = holdingsOf(input)
  if ('incomplete' in holdings) return holdings
  return { ...totalsOf(holdings, healthFactorWad(holdings)), base: baseUnitOf(input), holdings }
}

function liquidationPrices(input: RiskInput): LiquidationPrice[] | Incomplete {
  const holdings = holdingsOf(input)
  if ('incomplete' in holdings) return holdings
  return holdings
    .filter(({ collateral, supplyBalance }) => collateral && supplyBalance > 0n)
    .map((target) => {
      const isSafe = (price: bigint) =>
        healthFactorWad(holdings.map((holding) => (holding === target ? { ...target, price } : holding))) >=
        WAD
      const { marketId, asset, price } = target
      return { marketId, asset, priceBase: price, liquidationPriceBase: greatestUnsafePrice(isSafe) }
    })
}

export const compoundV3Risk: LendingRisk = { account, liquidationPrices }
