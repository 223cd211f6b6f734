/**
 * Safe multisignature wallets: who may sign, how many must, and what may act without signatures. Release 1.4 indexes the one
 * argument that earlier ones do not.
 */
import type { Hex } from '../../chains/types'
import { topicOf } from '../log-shape'
import type { RawLog } from '../types'
import { type Effect, type Effects, oneAddress, oneNumber } from './effect'

const gained = (kind: string) => (log: RawLog) => addressEffect(kind, log, true)
const other = (kind: string) => (log: RawLog) => addressEffect(kind, log, false)

export const SAFE_EFFECTS: Effects = {
  [topicOf('AddedOwner(address)')]: gained('safeOwnerAdded'),
  [topicOf('RemovedOwner(address)')]: other('safeOwnerRemoved'),
  [topicOf('ChangedThreshold(uint256)')]: (log) => {
    const threshold = oneNumber(log, 'ChangedThreshold')
    return { kind: 'safeThresholdChanged', actor: null, detail: { threshold } }
  },
  [topicOf('EnabledModule(address)')]: gained('safeModuleEnabled'),
  [topicOf('DisabledModule(address)')]: other('safeModuleDisabled'),
  [topicOf('ChangedGuard(address)')]: other('safeGuardChanged'),
  [topicOf('ChangedFallbackHandler(address)')]: other('safeFallbackHandlerChanged'),
}

function addressEffect(kind: string, log: RawLog, gains: boolean): Effect {
  const account: Hex = oneAddress(log, kind)
  return { kind, actor: gains ? account : null, detail: { account } }
}
