/**
 * A vault's collateral and exact debt through its events. Debt is kept in fee shares: amounts divided by the growth of one
 * DAI of debt since the first fee, because repayments include the stability fee and a plain running sum goes negative.
 * What a repayment leaves below half a percent is the fee's rounding, and closes the debt. Pure.
 */
import type { Step, VaultEvent, VaultEventKind } from './events'

const YEAR_SEC = 365 * 86_400
const ROUNDING_SHARE = 0.005

/** State right after an event. */
export type VaultState = {
  timeSec: number
  kind: VaultEventKind
  collateralEth: number
  /** Debt in DAI = shares · fee growth. */
  debtShares: number
}

/** Growth of one DAI of debt since the first fee, as a function of seconds since the epoch; fees compound by the second. */
export function feeGrowth(feePerYear: readonly Step[]): (timeSec: number) => number {
  const starts: { fromSec: number; growth: number; value: number }[] = []
  for (const { fromSec, value } of feePerYear) {
    const before = starts[starts.length - 1]
    const growth = before ? before.growth * (1 + before.value) ** ((fromSec - before.fromSec) / YEAR_SEC) : 1
    starts.push({ fromSec, growth, value })
  }
  return (timeSec) => {
    let last = starts.length - 1
    while (last >= 0 && starts[last]!.fromSec > timeSec) last--
    const start = starts[last]
    return start ? start.growth * (1 + start.value) ** ((timeSec - start.fromSec) / YEAR_SEC) : 1
  }
}

/** Value that holds at a moment: that of the last step before it, of the first step earlier than all. */
export function stepAt(steps: readonly Step[], timeSec: number): number {
  let found = steps[0]!
  for (const step of steps) if (step.fromSec <= timeSec) found = step
  return found.value
}

/** States of every vault, in the order of its events. Neither collateral nor debt is ever below zero. */
export function vaultStates(
  events: readonly VaultEvent[],
  growth: (timeSec: number) => number,
): Map<string, VaultState[]> {
  const vaults = new Map<string, VaultState[]>()
  for (const { vault, timeSec, kind, collateralEth, debtDai } of events) {
    const states = vaults.get(vault) ?? []
    const before = states[states.length - 1] ?? { collateralEth: 0, debtShares: 0 }
    const shares = Math.max(0, before.debtShares + debtDai / growth(timeSec))
    const closed = debtDai < 0 && shares < ROUNDING_SHARE * before.debtShares
    states.push({
      timeSec,
      kind,
      collateralEth: Math.max(0, before.collateralEth + collateralEth),
      debtShares: closed ? 0 : shares,
    })
    vaults.set(vault, states)
  }
  return vaults
}
