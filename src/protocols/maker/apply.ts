/** Folds what the vat and the spotter did into rows. What cannot be right makes them incomplete. */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, ProtocolEvent, StateView, Touched } from '../types'
import type { MakerEvent } from './events'
import { daiRow, gemRow, ilkRow, vatRow } from './state'

/** The rows an event reads or writes. */
export function touchedByMaker(raw: ProtocolEvent): Touched {
  const event = raw as MakerEvent
  const { poolId, gem, dai, vatId } = event.ilk
  if (event.name === 'par') return { markets: [vatId] }
  const [gemId, daiId] = [`${poolId}:${gem}`, `${poolId}:${dai}`]
  const positions =
    event.name === 'vault' ? [gemId, daiId].map((marketId) => ({ account: event.urn, marketId })) : []
  return { markets: [poolId, gemId, daiId, vatId], positions }
}

/** Applies one event. */
export function applyMaker(raw: ProtocolEvent, state: StateView): void {
  const event = raw as MakerEvent
  const { ilk } = event
  if (event.name === 'par') setFields(vatRow(ilk, state), { parRay: event.parRay }, state)
  else if (event.name === 'configured') setFields(ilkRow(ilk, state), event.changes, state)
  else if (event.name === 'poke') applyPoke(event, state)
  else if (event.name === 'vault') applyVault(event, state)
  else if (event.name === 'init') {
    setFields(ilkRow(ilk, state), {}, state)
    setFields(gemRow(ilk, state), {}, state)
    setFields(daiRow(ilk, state), {}, state)
  } else {
    const row = daiRow(ilk, state)
    const rate = BigInt(String(row.state.borrowIndexRay)) + event.rateDeltaRay
    const possible = rate > 0n
    const borrowIndexRay = (possible ? rate : 1n).toString()
    const lastFoldSec = event.ref.block.timestampSec
    state.setMarket({
      ...row,
      state: { ...row.state, borrowIndexRay, lastFoldSec },
      complete: row.complete && possible,
    })
  }
}

/** The spotter read the ilk's oracle and set the vat's spot price. */
function applyPoke(event: MakerEvent & { name: 'poke' }, state: StateView): void {
  const { ilk, valueWad, spotRay, ref } = event
  const row = ilkRow(ilk, state)
  const changes = {
    spotRay: spotRay.toString(),
    pokedWad: valueWad.toString(),
    pokedMatRay: row.state.matRay ?? '0',
    pokedParRay: vatRow(ilk, state).state.parRay ?? '0',
  }
  setFields(row, changes, state)
  if (valueWad === 0n || ilk.decimals === null) return
  const updatedAtSec = BigInt(ref.block.timestampSec)
  const price = { asset: ilk.gem, kind: 'protocol', source: ilk.ilk, decimals: 18 } as const
  state.setPrice({ ...price, answer: valueWad, updatedAtSec })
}

function applyVault(event: MakerEvent & { name: 'vault' }, state: StateView): void {
  const { ilk, urn, dink, dart } = event
  if (dink !== 0n)
    changePosition(urn, gemRow(ilk, state), state, ({ scaledSupply }) => ({
      scaledSupply: scaledSupply + dink,
    }))
  if (dart === 0n) return
  const row = daiRow(ilk, state)
  const totalArt = BigInt(String(row.state.totalArt)) + dart
  const after = {
    ...row,
    state: { ...row.state, totalArt: (totalArt < 0n ? 0n : totalArt).toString() },
    complete: row.complete && totalArt >= 0n,
  }
  state.setMarket(after)
  changePosition(urn, after, state, ({ scaledDebt }) => ({ scaledDebt: scaledDebt + dart }))
}

function setFields(row: MarketState, changes: MarketState['state'], state: StateView): void {
  state.setMarket({ ...row, state: { ...row.state, ...changes } })
}

function changePosition(
  account: Hex,
  row: MarketState,
  state: StateView,
  change: (position: PositionState) => Partial<PositionState>,
): void {
  const before = state.position(account, row.id) ?? {
    account,
    marketId: row.id,
    protocol: 'maker',
    pool: row.pool,
    scaledSupply: 0n,
    scaledDebt: 0n,
    collateralEnabled: row.state.role === 'gem',
    complete: row.complete,
  }
  const after = { ...before, ...change(before) }
  const possible = after.scaledSupply >= 0n && after.scaledDebt >= 0n
  state.setPosition({
    ...after,
    scaledSupply: after.scaledSupply < 0n ? 0n : after.scaledSupply,
    scaledDebt: after.scaledDebt < 0n ? 0n : after.scaledDebt,
    complete: after.complete && row.complete && possible,
  })
  if (state.market(row.id) === undefined) state.setMarket(row)
}
