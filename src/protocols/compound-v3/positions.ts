/** Positions of accounts in a comet's rows. */
import type { Hex } from '../../chains/types'
import type { MarketState, PositionState, StateView } from '../types'

/** Changes an account's position in a row; a negative balance cannot be and makes it incomplete. */
export function changePosition(
  account: Hex,
  row: MarketState,
  state: StateView,
  change: (position: PositionState) => Partial<PositionState>,
): void {
  const before = state.position(account, row.id) ?? emptyPosition(account, row)
  const after = { ...before, ...change(before) }
  const possible = after.scaledSupply >= 0n && after.scaledDebt >= 0n
  state.setPosition({
    ...after,
    scaledSupply: after.scaledSupply < 0n ? 0n : after.scaledSupply,
    scaledDebt: after.scaledDebt < 0n ? 0n : after.scaledDebt,
    complete: after.complete && row.complete && possible,
  })
}

function emptyPosition(account: Hex, row: MarketState): PositionState {
  return {
    account,
    marketId: row.id,
    protocol: 'compound-v3',
    pool: row.pool,
    scaledSupply: 0n,
    scaledDebt: 0n,
    // Every collateral that a comet takes counts, and base supply never does.
    collateralEnabled: row.state.role === 'collateral',
    complete: row.complete,
  }
}
