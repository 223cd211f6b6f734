/**
 * Folds Aave V3 events into markets and positions.
 *
 * Scaled balances are reconstructed from Mint and Burn, whose values include accrued interest: what was really
 * minted is value − balanceIncrease, what was burned value + balanceIncrease, both divided by the event's own index
 * with the revision's rounding. `ReserveDataUpdated` may come before or after them in a transaction; nothing here
 * depends on the order.
 */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, ProtocolEvent, StateView, Touched } from '../types'
import type { AaveEvent, MarketSeed } from './events'
import { rulesOf } from './rules'
import { initialState } from './state'

/** The rows an event reads or writes. */
export function touchedByAaveV3(raw: ProtocolEvent): Touched {
  const event = raw as AaveEvent
  const marketId = event.market.id
  const accounts =
    'account' in event ? [event.account] : event.name === 'scaledTransfer' ? [event.from, event.to] : []
  return { markets: [marketId], positions: accounts.map((account) => ({ account, marketId })) }
}

/** Applies one event. Never throws on what a log can contain; what cannot be right makes the row incomplete. */
export function applyAaveV3(raw: ProtocolEvent, state: StateView): void {
  const event = raw as AaveEvent
  const change = (account: Hex, how: (position: PositionState) => Partial<PositionState>) =>
    changePosition(account, event.market, state, how)
  if (event.name === 'reserveInitialized') {
    const { aToken, stableDebtToken, variableDebtToken } = event
    const market = state.market(event.market.id) ?? initialState(event.market)
    setFields(market, { aToken, stableDebtToken, variableDebtToken, listed: true }, state)
  } else if (event.name === 'priceSource') {
    setFields(state.market(event.market.id) ?? initialState(event.market), { priceFeed: event.source }, state)
  } else if (event.name === 'configured' || event.name === 'reserveData') {
    setFields(knownMarket(event.market, state), event.changes, state)
  } else if (event.name === 'upgraded') {
    state.setMarket({ ...knownMarket(event.market, state), complete: false })
  } else if (event.name === 'scaledChange') {
    applyScaledChange(event, state)
  } else if (event.name === 'scaledTransfer') {
    change(event.from, ({ scaledSupply }) => ({ scaledSupply: scaledSupply - event.scaled }))
    change(event.to, ({ scaledSupply }) => ({ scaledSupply: scaledSupply + event.scaled }))
  } else if (event.name === 'collateral') {
    change(event.account, () => ({ collateralEnabled: event.enabled }))
  } else if (event.name === 'stableDebt') {
    change(event.account, () => ({ complete: false }))
  } else {
    change(event.account, () => ({ scaledSupply: BigInt(event.category) }))
  }
}

function setFields(market: MarketState, changes: MarketState['state'], state: StateView): void {
  state.setMarket({ ...market, state: { ...market.state, ...changes } })
}

function applyScaledChange(event: AaveEvent & { name: 'scaledChange' }, state: StateView): void {
  const market = knownMarket(event.market, state)
  // Without the revision's rules the market is incomplete already; the nearest known rules keep the row plausible.
  const rules = rulesOf(market.revision) ?? rulesOf(1)
  if (rules === undefined) return
  const { deltaBase, indexRay } = event
  changePosition(event.account, event.market, state, (position) =>
    event.side === 'supply'
      ? { scaledSupply: rules.supplyAfter(position.scaledSupply, deltaBase, indexRay) }
      : { scaledDebt: rules.debtAfter(position.scaledDebt, deltaBase, indexRay) },
  )
}

function changePosition(
  account: Hex,
  seed: MarketSeed,
  state: StateView,
  change: (position: PositionState) => Partial<PositionState>,
): void {
  const market = knownMarket(seed, state)
  const before = state.position(account, market.id) ?? {
    account,
    marketId: market.id,
    protocol: 'aave-v3',
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
function knownMarket(seed: MarketSeed, state: StateView): MarketState {
  const market = state.market(seed.id) ?? initialState(seed)
  if (market.kind === 'pool' || market.state.listed === true) return market
  return { ...market, complete: false }
}
