/** One account's positions in an Aave pool, valued: balances at the block's time, parameters in force, prices. */
import { mulRayHalfUp } from '../../math/fixed-point'
import type { Holding, Incomplete } from '../lending-risk'
import type { MarketState, PositionState } from '../types'
import { collateralTerms, type EMode, eModeOf } from './e-mode'
import type { AccountDataInput } from './risk'
import { linearRay, type Rules, rulesOf } from './rules'

/** Index of the reserve at a time: the last ReserveDataUpdated grown by its rates. `timestampSec` ≥ last update. */
export function indexesAt(
  market: MarketState,
  rules: Rules,
  timestampSec: number,
): { liquidityIndexRay: bigint; borrowIndexRay: bigint } {
  const { state } = market
  const elapsedSec = BigInt(Math.max(0, timestampSec - Number(state.lastUpdateSec)))
  const [liquidityIndexRay, borrowIndexRay] = [ray(state.liquidityIndexRay), ray(state.borrowIndexRay)]
  if (elapsedSec === 0n) return { liquidityIndexRay, borrowIndexRay }
  return {
    liquidityIndexRay: mulRayHalfUp(linearRay(ray(state.liquidityRateRay), elapsedSec), liquidityIndexRay),
    borrowIndexRay: mulRayHalfUp(
      rules.compoundedRay(ray(state.variableBorrowRateRay), elapsedSec),
      borrowIndexRay,
    ),
  }
}

/** Values the positions, or says what is missing. Empty positions are left out. */
export function holdingsOf(input: AccountDataInput): { list: Holding[] } | Incomplete {
  const rules = rulesOf(input.revision, input.protocol)
  if (rules === undefined) return { incomplete: `pool revision ${input.revision} is unknown` }
  const eMode = eModeOf(input.positions, input.markets)
  if ('incomplete' in eMode) return eMode
  const list: Holding[] = []
  for (const position of input.positions) {
    if (!position.complete)
      return { incomplete: `position in ${position.marketId} began before its coverage` }
    const market = input.markets.get(position.marketId)
    if (market === undefined) return { incomplete: `market ${position.marketId} is unknown` }
    if (market.kind === 'pool') continue
    if (position.scaledSupply === 0n && position.scaledDebt === 0n) continue
    const holding = holdingOf(position, market, { input, rules, eMode })
    if ('incomplete' in holding) return holding
    list.push(holding)
  }
  return { list }
}

interface Surroundings {
  input: AccountDataInput
  rules: Rules
  eMode: EMode
}

function holdingOf(
  position: PositionState,
  market: MarketState,
  { input, rules, eMode }: Surroundings,
): Holding | Incomplete {
  const { state, asset } = market
  const fault = faultOf(market, input.markets.get(market.id.split(':', 2).join(':')))
  if (fault !== undefined) return { incomplete: fault }
  const price = input.prices.get(asset)
  if (price === undefined || price <= 0n) return { incomplete: `no positive price for ${asset}` }
  const { liquidityIndexRay, borrowIndexRay } = indexesAt(market, rules, input.timestampSec)
  const unit = 10n ** BigInt(Number(state.decimals))
  const debtBalance = rules.debtBalance(position.scaledDebt, borrowIndexRay)
  const { counts, ...terms } = collateralTerms(market, eMode, rules)
  return {
    marketId: market.id,
    asset,
    supplyBalance: rules.supplyBalance(position.scaledSupply, liquidityIndexRay),
    debtBalance,
    collateral: position.collateralEnabled && counts,
    ...terms,
    unit,
    price,
    priceSource: String(state.priceFeed),
    debtValueAt: (at) => rules.debtValue(debtBalance, at, unit),
  }
}

/** Why nothing of this market can be valued. */
function faultOf(market: MarketState, pool: MarketState | undefined): string | undefined {
  if (!market.complete) return `market ${market.id} began before its coverage, or runs code that is unknown`
  if (pool?.complete === false) return `pool ${market.pool} was upgraded to an unknown revision`
  if (pool?.state.oracleListed === false) return `pool ${market.pool} reads an oracle that is not listed`
  if (typeof market.state.decimals !== 'number') return `decimals of ${market.asset} are unknown`
  return undefined
}

function ray(value: MarketState['state'][string] | undefined): bigint {
  return BigInt(value ?? 0)
}
