/**
 * Folds Morpho's events into markets and positions. Every event states assets and shares, so nothing is computed but sums;
 * the one subtlety is Repay and Liquidate, which may repay one more than all that is borrowed and leave zero.
 */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, ProtocolEvent, StateView, Touched } from '../types'
import type { Fee, Flow, MorphoEvent, Move } from './events'
import { integer, NO_ADDRESS, totalsOf, totalsState, withFeeRecipient } from './state'

/** The rows an event reads or writes. */
export function touchedByMorpho(raw: ProtocolEvent): Touched {
  const event = raw as MorphoEvent
  if (event.name === 'created') return { markets: event.rows.map(({ id }) => id) }
  if (event.name !== 'moved') return { markets: [event.marketId] }
  const { marketId, fee, moves } = event
  const receivers = fee?.candidates.map((account) => ({ account, marketId })) ?? []
  const positions = [...moves, ...receivers]
  const rows = [marketId, ...moves.map((move) => move.marketId), ...(fee ? [fee.contractRowId] : [])]
  return { markets: rows, positions }
}

/** Applies one event. Throws only when a market that the directory knows has no row. */
export function applyMorpho(raw: ProtocolEvent, state: StateView): void {
  const event = raw as MorphoEvent
  if (event.name === 'created') {
    const lastUpdateSec = event.ref.block.timestampSec
    for (const row of event.rows) {
      const accrues = row.state.lastUpdateSec !== undefined
      state.setMarket(accrues ? { ...row, state: { ...row.state, lastUpdateSec } } : row)
    }
  } else if (event.name === 'set') {
    const market = state.market(event.marketId) ?? missing(event.marketId)
    state.setMarket({ ...market, state: { ...market.state, ...event.fields } })
  } else if (event.name === 'feeRecipient') {
    state.setMarket(withFeeRecipient(state.market(event.marketId) ?? event.seed, event.recipient))
  } else {
    const { marketId, flow, fee, moves } = event
    if (flow !== null) applyFlow(flow, marketId, event.ref.block.timestampSec, state)
    for (const move of moves) applyMove(move, state)
    if (fee !== null)
      applyMove({ account: recipientOf(fee, state), marketId, supply: fee.shares, debt: 0n }, state)
  }
}

function recipientOf(fee: Fee, state: StateView): Hex {
  return (state.market(fee.contractRowId)?.state.feeRecipient as Hex | undefined) ?? NO_ADDRESS
}

function applyFlow(flow: Flow, marketId: string, timestampSec: number, state: StateView): void {
  const market = state.market(marketId) ?? missing(marketId)
  const before = totalsOf(market)
  const after = {
    supplyAssets: before.supplyAssets + flow.supplyAssets - flow.badDebtAssets,
    supplyShares: before.supplyShares + flow.supplyShares,
    borrowAssets: atLeastZero(before.borrowAssets + flow.borrowAssets) - flow.badDebtAssets,
    borrowShares: before.borrowShares + flow.borrowShares,
  }
  const possible = Object.values(after).every((total) => total >= 0n)
  const kept = {
    supplyAssets: atLeastZero(after.supplyAssets),
    supplyShares: atLeastZero(after.supplyShares),
    borrowAssets: atLeastZero(after.borrowAssets),
    borrowShares: atLeastZero(after.borrowShares),
  }
  const realizedBadDebtAssets = integer(market.state.realizedBadDebtAssets) + flow.badDebtAssets
  state.setMarket({
    ...market,
    state: {
      ...market.state,
      ...totalsState(kept),
      realizedBadDebtAssets: realizedBadDebtAssets.toString(),
      lastUpdateSec: timestampSec,
    },
    complete: market.complete && possible,
  })
}

function applyMove({ account, marketId, supply, debt }: Move, state: StateView): void {
  const market: MarketState = state.market(marketId) ?? missing(marketId)
  const before: PositionState = state.position(account, marketId) ?? {
    account,
    marketId,
    protocol: 'morpho-blue',
    pool: market.pool,
    scaledSupply: 0n,
    scaledDebt: 0n,
    // All collateral of a market counts, and what is lent never does.
    collateralEnabled: market.state.priceFeed !== undefined,
    complete: market.complete,
  }
  const [scaledSupply, scaledDebt] = [before.scaledSupply + supply, before.scaledDebt + debt]
  const possible = scaledSupply >= 0n && scaledDebt >= 0n
  state.setPosition({
    ...before,
    scaledSupply: atLeastZero(scaledSupply),
    scaledDebt: atLeastZero(scaledDebt),
    complete: before.complete && market.complete && possible,
  })
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}

function missing(marketId: string): never {
  throw new Error(`market ${marketId} has no row`)
}
