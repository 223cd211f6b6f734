/**
 * Folds Aave events, of V2 and V3 alike, into markets and positions.
 *
 * Scaled balances are reconstructed from Mint and Burn: the change of the balance beyond accrued interest, divided by
 * the event's own index with the revision's rounding. `ReserveDataUpdated` may come before or after them in a
 * transaction; nothing here depends on the order.
 */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, ProtocolEvent, StateView, Touched } from '../types'
import type { AaveEvent, AaveProtocol, MarketSeed } from './events'
import { indexesAt } from './holdings'
import { rulesOf } from './rules'
import { initialState } from './state'

/** The rows an event reads or writes. */
export function touchedByAave(raw: ProtocolEvent): Touched {
  const event = raw as AaveEvent
  const marketId = event.market.id
  const accounts =
    'account' in event ? [event.account] : event.name === 'scaledTransfer' ? [event.from, event.to] : []
  return { markets: [marketId], positions: accounts.map((account) => ({ account, marketId })) }
}

/** Applies one event. Never throws on what a log can contain; what cannot be right makes the row incomplete. */
export function applyAave(raw: ProtocolEvent, state: StateView): void {
  const event = raw as AaveEvent
  const change = (account: Hex, how: (position: PositionState) => Partial<PositionState>) =>
    changePosition(account, event.market, state, how)
  if (event.name === 'scaledChange') applyScaledChange(event, state)
  else if (event.name === 'scaledTransfer') {
    change(event.from, ({ scaledSupply }) => ({ scaledSupply: scaledSupply - event.scaled }))
    change(event.to, ({ scaledSupply }) => ({ scaledSupply: scaledSupply + event.scaled }))
  } else if (event.name === 'collateral') change(event.account, () => ({ collateralEnabled: event.enabled }))
  else if (event.name === 'userEMode') change(event.account, () => ({ scaledSupply: BigInt(event.category) }))
  else if (event.name === 'stableDebt') change(event.account, () => ({ complete: false }))
  else state.setMarket(marketAfter(event, state))
}

type MarketEvent = Exclude<AaveEvent, { account: Hex } | { from: Hex }>

function marketAfter(event: MarketEvent, state: StateView): MarketState {
  // The oracle and the tokens may speak of a reserve before it is announced; no one else does.
  const early = event.name === 'reserveInitialized' || event.name === 'priceSource'
  const market =
    early || event.name === 'tokenInitialized'
      ? (state.market(event.market.id) ?? initialState(event.market))
      : knownMarket(event.market, state)
  switch (event.name) {
    case 'reserveInitialized': {
      const { aToken, stableDebtToken, variableDebtToken } = event
      // The aToken tells its decimals just before; a reserve that starts without them stays incomplete.
      const complete = market.complete && market.state.decimals !== null
      return withFields({ ...market, complete }, { aToken, stableDebtToken, variableDebtToken, listed: true })
    }
    case 'tokenInitialized':
      return withFields(market, { decimals: event.decimals })
    case 'priceSource':
      return withFields(market, { priceFeed: event.source })
    case 'tallied': {
      const total = BigInt(String(market.state[event.field] ?? 0)) + event.delta
      return withFields(market, { [event.field]: (total < 0n ? 0n : total).toString() })
    }
    case 'seizedAsATokens':
      return accrued(market, event.ref.block.timestampSec)
    case 'upgraded':
      return { ...market, complete: false }
    default:
      return withFields(market, event.changes)
  }
}

/** The reserve with its interest written down, where the rules of its pool's liquidations say so. */
function accrued(market: MarketState, timestampSec: number): MarketState {
  const rules = rulesOf(market.revision, market.protocol as AaveProtocol)
  if (!rules?.liquidationAccruesCollateral) return market
  const { liquidityIndexRay, borrowIndexRay } = indexesAt(market, rules, timestampSec)
  return withFields(market, {
    liquidityIndexRay: liquidityIndexRay.toString(),
    borrowIndexRay: borrowIndexRay.toString(),
    lastUpdateSec: timestampSec,
  })
}

function withFields(market: MarketState, changes: MarketState['state']): MarketState {
  return { ...market, state: { ...market.state, ...changes } }
}

function applyScaledChange(event: AaveEvent & { name: 'scaledChange' }, state: StateView): void {
  const market = knownMarket(event.market, state)
  // Without the revision's rules the market is incomplete already; the nearest known rules keep the row plausible.
  const rules = rulesOf(market.revision, event.protocol) ?? rulesOf(1)
  if (rules === undefined) return
  const { deltaBase, indexRay } = event
  changePosition(event.account, event.market, state, (position) =>
    event.side === 'supply'
      ? { scaledSupply: rules.supplyAfter(position.scaledSupply, deltaBase, indexRay) }
      : { scaledDebt: rules.debtAfter(position.scaledDebt, deltaBase, indexRay) },
  )
}

/** Changes an account's position in a market; what falls below zero was not seen to grow, and is incomplete. */
export function changePosition(
  account: Hex,
  seed: MarketSeed,
  state: StateView,
  change: (position: PositionState) => Partial<PositionState>,
): void {
  const market = knownMarket(seed, state)
  const before = state.position(account, market.id) ?? {
    account,
    marketId: market.id,
    protocol: market.protocol,
    pool: market.pool,
    scaledSupply: 0n,
    scaledDebt: 0n,
    collateralEnabled: false,
    complete: market.complete,
  }
  const after = { ...before, ...change(before) }
  const possible = after.scaledSupply >= 0n && after.scaledDebt >= 0n
  state.setPosition({
    ...after,
    scaledSupply: after.scaledSupply < 0n ? 0n : after.scaledSupply,
    scaledDebt: after.scaledDebt < 0n ? 0n : after.scaledDebt,
    complete: after.complete && market.complete && possible,
  })
  if (state.market(market.id) === undefined) state.setMarket(market)
}

/** The market's row; a reserve that moves without having been initialised in our sight is incomplete. */
export function knownMarket(seed: MarketSeed, state: StateView): MarketState {
  const market = state.market(seed.id) ?? initialState(seed)
  if (market.kind === 'pool' || market.state.listed === true) return market
  return { ...market, complete: false }
}
