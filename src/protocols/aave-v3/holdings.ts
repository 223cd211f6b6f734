/** One account's positions in a pool, valued: balances at the block's time, parameters in force, prices. */
import { mulRayHalfUp } from '../../math/fixed-point'
import type { Holding, Incomplete } from '../lending-risk'
import type { MarketState, PositionState } from '../types'
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
  const rules = rulesOf(input.revision)
  if (rules === undefined) return { incomplete: `pool revision ${input.revision} is unknown` }
  const eMode = eModeOf(input)
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

interface EMode {
  category: number
  ltvBps: bigint
  thresholdBps: bigint
  bonusBps: bigint
}

/** The user's e-mode category stands as the scaled supply of the position in the pool's own market. */
function eModeOf(input: AccountDataInput): EMode | Incomplete {
  const none = { category: 0, ltvBps: 0n, thresholdBps: 0n, bonusBps: 0n }
  const position = input.positions.find(({ marketId }) => input.markets.get(marketId)?.kind === 'pool')
  if (position === undefined || position.scaledSupply === 0n) return none
  if (!position.complete) return { incomplete: 'the e-mode of the account began before its coverage' }
  if (input.revision !== 1) return { incomplete: `e-mode of pool revision ${input.revision} is not modelled` }
  const state = input.markets.get(position.marketId)?.state ?? {}
  const key = `eMode${position.scaledSupply}`
  if (state[`${key}LtvBps`] === undefined)
    return { incomplete: `e-mode category ${position.scaledSupply} is unknown` }
  if (!/^0x0*$/.test(String(state[`${key}PriceSource`])))
    return { incomplete: 'e-mode with a price of its own' }
  return {
    category: Number(position.scaledSupply),
    ltvBps: BigInt(Number(state[`${key}LtvBps`])),
    thresholdBps: BigInt(Number(state[`${key}LiquidationThresholdBps`])),
    bonusBps: BigInt(Number(state[`${key}LiquidationBonusBps`])),
  }
}

function holdingOf(
  position: PositionState,
  market: MarketState,
  { input, rules, eMode }: { input: AccountDataInput; rules: Rules; eMode: EMode },
): Holding | Incomplete {
  const { state, asset } = market
  if (!market.complete) return { incomplete: `market ${market.id} began before its coverage` }
  const pool = input.markets.get(market.id.slice(0, market.id.lastIndexOf(':')))
  if (pool?.complete === false)
    return { incomplete: `pool ${market.pool} was upgraded to an unknown revision` }
  if (typeof state.decimals !== 'number') return { incomplete: `decimals of ${asset} are unknown` }
  const price = input.prices.get(asset)
  if (price === undefined || price <= 0n) return { incomplete: `no positive price for ${asset}` }
  const { liquidityIndexRay, borrowIndexRay } = indexesAt(market, rules, input.timestampSec)
  const unit = 10n ** BigInt(state.decimals)
  const debtBalance = rules.debtBalance(position.scaledDebt, borrowIndexRay)
  const inEMode = eMode.category !== 0 && Number(state.eModeCategory) === eMode.category
  const [ltvBps, thresholdBps] = [bps(state.ltvBps), bps(state.liquidationThresholdBps)]
  return {
    marketId: market.id,
    asset,
    supplyBalance: rules.supplyBalance(position.scaledSupply, liquidityIndexRay),
    debtBalance,
    collateral: position.collateralEnabled && thresholdBps !== 0n,
    ltvBps: inEMode && ltvBps !== 0n ? eMode.ltvBps : ltvBps,
    thresholdBps: inEMode ? eMode.thresholdBps : thresholdBps,
    bonusBps: inEMode ? eMode.bonusBps : bps(state.liquidationBonusBps),
    unit,
    price,
    priceSource: String(state.priceFeed),
    debtValueAt: (at) => rules.debtValue(debtBalance, at, unit),
  }
}

function ray(value: MarketState['state'][string] | undefined): bigint {
  return BigInt(value ?? 0)
}

function bps(value: MarketState['state'][string] | undefined): bigint {
  return BigInt(Number(value ?? 0))
}
