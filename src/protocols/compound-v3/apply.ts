/**
 * Folds comet events into rows: collateral exactly, the base asset under the indexes that interest.ts reckons.
 *
 * A base event names an account and an amount, so its principal follows from the balance. `transfer` of base between two
 * accounts emits only what it burns of one's supply and mints of the other's: two adjacent Transfers tell it all, as the
 * index makes a principal of each amount. If the sender borrowed for it, or the receiver repaid with it, that side has no
 * log at all: somebody's debt changed and nobody can tell whose. The comet is incomplete from there on.
 */
import type { DecodeContext, MarketState, ProtocolEvent, StateView, Touched } from '../types'
import { applyBase } from './apply-base'
import { applyConfig } from './apply-config'
import type { CompoundV3Event } from './events'
import { changePosition } from './positions'
import { assetIdOf, assetRow, baseIdOf, poolRow } from './state'

/** The rows an event reads or writes. */
export function touchedByCompoundV3(raw: ProtocolEvent): Touched {
  const event = raw as CompoundV3Event
  const asset =
    'asset' in event && event.name !== 'assetField' ? assetIdOf(event.comet, event.asset) : undefined
  const marketId = asset ?? baseIdOf(event.comet)
  const positions = 'account' in event ? [{ account: event.account, marketId }] : []
  return { markets: [event.comet.poolId, marketId], positions }
}

/** Applies one event. What cannot be right makes the rows incomplete. */
export function applyCompoundV3(raw: ProtocolEvent, state: StateView, context: DecodeContext): void {
  const event = raw as CompoundV3Event
  if (event.name === 'collateral') applyCollateral(event, state)
  else if (event.name === 'bought') {
    const row = assetRow(event.comet, event.asset, state)
    setAmounts(row, { reserves: -event.amount }, state)
  } else if (event.name === 'paused') {
    const pool = poolRow(event.comet, state)
    state.setMarket({ ...pool, state: { ...pool.state, ...event.flags } })
  } else if (event.name === 'moved' || event.name === 'transferred' || event.name === 'absorbed')
    applyBase(event, state)
  else applyConfig(event, state, context)
}

function applyCollateral(event: CompoundV3Event & { name: 'collateral' }, state: StateView): void {
  const { comet, account, asset, delta, reserves } = event
  const row = assetRow(comet, asset, state)
  setAmounts(row, { totalSupplyAsset: delta, reserves }, state)
  changePosition(account, row, state, ({ scaledSupply }) => ({ scaledSupply: scaledSupply + delta }))
}

function setAmounts(row: MarketState, deltas: Record<string, bigint>, state: StateView): void {
  const changes: Record<string, string> = {}
  let possible = true
  for (const [name, delta] of Object.entries(deltas)) {
    const after = BigInt(String(row.state[name] ?? 0)) + delta
    possible &&= after >= 0n
    changes[name] = (after < 0n ? 0n : after).toString()
  }
  state.setMarket({ ...row, state: { ...row.state, ...changes }, complete: row.complete && possible })
}
