/**
 * Folds Compound V2 events into markets and positions.
 *
 * Supply follows the cToken's Transfer events: a mint comes as Mint, then Transfer from the cToken itself; a redemption
 * as Transfer to the cToken, then Redeem. Between the two the tokens stand on the cToken's own account, so positions
 * always add up to totalSupply. A liquidation's reserve share is a Transfer to the cToken and then ReservesAdded by the
 * cToken: those tokens are burnt too. A user's own transfer to the cToken is followed by neither and stays there.
 *
 * Cash is reckoned from the amounts of events and set right at each accrual that tells it. Underlying sent to a cToken
 * outside its functions counts from the next accrual on.
 */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, ProtocolEvent, StateView, Touched } from '../types'
import type { CompoundV2Event, MarketSeed } from './events'
import { type Books, booksOf, initialState, scaledDebtUp, withBooks } from './state'

/** The rows an event reads or writes. */
export function touchedByCompoundV2(raw: ProtocolEvent): Touched {
  const event = raw as CompoundV2Event
  const marketId = event.market.id
  return {
    markets: [marketId],
    positions: accountsOf(event).map((account) => ({ account, marketId })),
  }
}

function accountsOf(event: CompoundV2Event): Hex[] {
  if ('account' in event) return [event.account]
  if (event.name === 'transferred') return event.from === event.to ? [event.from] : [event.from, event.to]
  const own = event.name === 'minted' || event.name === 'redeemed' || event.name === 'reserves'
  return own ? [event.market.cToken] : []
}

/** Applies one event. What cannot be right makes the row incomplete. */
export function applyCompoundV2(raw: ProtocolEvent, state: StateView): void {
  const event = raw as CompoundV2Event
  if (event.name === 'listed') applyListed(event.market, state)
  else if (event.name === 'oracle') applyOracle(event, state)
  else if (event.name === 'configured') setFields(marketRow(event.market, state), event.changes, state)
  else if (event.name === 'membership')
    changePosition(event.account, event.market, state, () => ({ collateralEnabled: event.entered }))
  else if (event.name === 'transferred') applyTransfer(event, state)
  else applyOperation(event, state)
}

function applyOperation(event: Operation, state: StateView): void {
  const market = marketRow(event.market, state)
  state.setMarket(afterOperation(market, event))
  const supply = (delta: bigint) =>
    changePosition(event.market.cToken, event.market, state, ({ scaledSupply }) => ({
      scaledSupply: scaledSupply + delta,
    }))
  if (event.name === 'minted') supply(event.tokens)
  else if (event.name === 'redeemed') supply(-event.tokens)
  else if (event.name === 'reserves' && event.seized) supply(-BigInt(String(market.state.returnedTokens)))
  else if (event.name === 'debt') {
    const index = BigInt(String(market.state.borrowIndexRay))
    changePosition(event.account, event.market, state, () => ({
      scaledDebt: scaledDebtUp(event.principal, index),
    }))
  }
}

type Operation = Extract<CompoundV2Event, { name: 'accrued' | 'minted' | 'redeemed' | 'debt' | 'reserves' }>

/** The cToken's row after an operation that moves its books. */
function afterOperation(market: MarketState, event: Operation): MarketState {
  const books = booksOf(market)
  const move = (changes: Partial<Books>, fields: MarketState['state'] = {}) =>
    withBooks({ ...market, state: { ...market.state, ...fields } }, { ...books, ...changes })
  const settled = { returnedTokens: '0' }
  if (event.name === 'accrued') {
    const factor = BigInt(String(market.state.reserveFactorMantissa))
    const totalReserves = books.totalReserves + (event.interest * factor) / 10n ** 18n
    const changes = { cash: event.cash ?? books.cash, totalBorrows: event.borrows, totalReserves }
    return move(changes, { borrowIndexRay: event.index.toString() })
  }
  if (event.name === 'minted')
    return move({ cash: books.cash + event.amount, totalSupply: books.totalSupply + event.tokens })
  if (event.name === 'redeemed')
    return move({ cash: books.cash - event.amount, totalSupply: books.totalSupply - event.tokens }, settled)
  if (event.name === 'debt') return move({ cash: books.cash + event.cashDelta, totalBorrows: event.borrows })
  const burnt = event.seized ? BigInt(String(market.state.returnedTokens)) : 0n
  const changes = { totalReserves: event.reserves, totalSupply: books.totalSupply - burnt }
  return move({ ...changes, cash: books.cash + event.cashDelta }, event.seized ? settled : {})
}

function applyTransfer(event: CompoundV2Event & { name: 'transferred' }, state: StateView): void {
  const { from, to, tokens, market } = event
  if (to === market.cToken) setFields(marketRow(market, state), { returnedTokens: tokens.toString() }, state)
  if (from === to) return
  changePosition(from, market, state, ({ scaledSupply }) => ({ scaledSupply: scaledSupply - tokens }))
  changePosition(to, market, state, ({ scaledSupply }) => ({ scaledSupply: scaledSupply + tokens }))
}

function applyListed(seed: MarketSeed, state: StateView): void {
  const pool = poolRow(seed, state)
  const priceFeed = pool.state.oracle ?? null
  setFields(marketRow(seed, state), { listed: true, priceFeed }, state)
  const known = String(pool.state.markets).split(',').filter(Boolean)
  if (!known.includes(seed.id)) setFields(pool, { markets: [...known, seed.id].join() }, state)
}

/** A new oracle prices every cToken of the comptroller. */
function applyOracle(event: CompoundV2Event & { name: 'oracle' }, state: StateView): void {
  const pool = marketRow(event.market, state)
  setFields(pool, { oracle: event.oracle }, state)
  for (const id of String(pool.state.markets).split(',').filter(Boolean)) {
    const market = state.market(id)
    if (market !== undefined) setFields(market, { priceFeed: event.oracle }, state)
  }
}

function setFields(market: MarketState, changes: MarketState['state'], state: StateView): void {
  state.setMarket({ ...market, state: { ...market.state, ...changes } })
}

function marketRow(seed: MarketSeed, state: StateView): MarketState {
  return state.market(seed.id) ?? initialState(seed)
}

function poolRow(seed: MarketSeed, state: StateView): MarketState {
  const own = { ...seed, id: seed.poolId, asset: seed.pool, cToken: seed.pool }
  return state.market(seed.poolId) ?? initialState(own)
}

function changePosition(
  account: Hex,
  seed: MarketSeed,
  state: StateView,
  change: (position: PositionState) => Partial<PositionState>,
): void {
  const market = marketRow(seed, state)
  const before = state.position(account, market.id) ?? {
    account,
    marketId: market.id,
    protocol: 'compound-v2',
    pool: market.pool,
    scaledSupply: 0n,
    scaledDebt: 0n,
    collateralEnabled: false,
    complete: market.complete,
  }
  const after = { ...before, ...change(before) }
  const possible = after.scaledSupply >= 0n
  state.setPosition({
    ...after,
    scaledSupply: possible ? after.scaledSupply : 0n,
    complete: after.complete && market.complete && possible,
  })
  if (state.market(market.id) === undefined) state.setMarket(market)
}
