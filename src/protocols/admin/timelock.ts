/**
 * Timelocks: calls that wait before they take effect. OpenZeppelin's TimelockController and Compound's Timelock, from which
 * most others descend. Of a call's data only the selector is kept. Nobody is named as the one who scheduled it.
 */
import {
  expectShape,
  topicAddress,
  topicBytes32,
  topicOf,
  topicUint,
  wordAddress,
  wordBytes,
  wordUint,
} from '../log-shape'
import type { RawLog } from '../types'
import { changed, type Effect, type Effects, oneAddress, oneNumber } from './effect'

const SELECTOR_BYTES = 4
/** Longer signatures of functions are cut. */
const MAX_SIGNATURE_BYTES = 100

export const TIMELOCK_EFFECTS: Effects = {
  /** CallScheduled(id indexed, index indexed, target, value, data, predecessor, delay) */
  [topicOf('CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)')]: (log) => {
    expectShape(log, 'CallScheduled', 3, 7)
    const delaySec = wordUint(log, 4).toString()
    return { kind: 'timelockScheduled', actor: null, detail: { ...controllerCall(log), delaySec } }
  },
  /** CallExecuted(id indexed, index indexed, target, value, data) */
  [topicOf('CallExecuted(bytes32,uint256,address,uint256,bytes)')]: (log) => {
    expectShape(log, 'CallExecuted', 3, 4)
    return { kind: 'timelockExecuted', actor: null, detail: controllerCall(log) }
  },
  /** Cancelled(id indexed) */
  [topicOf('Cancelled(bytes32)')]: (log) => {
    expectShape(log, 'Cancelled', 2, 0)
    return { kind: 'timelockCancelled', actor: null, detail: { id: topicBytes32(log, 1) } }
  },
  [topicOf('MinDelayChange(uint256,uint256)')]: (log) => changed(log, 'timelockDelayChanged'),
  /** NewDelay(newDelay indexed) */
  [topicOf('NewDelay(uint256)')]: (log) => {
    return { kind: 'timelockDelayChanged', actor: null, detail: { next: oneNumber(log, 'NewDelay') } }
  },
  [topicOf('NewAdmin(address)')]: (log) => {
    const newAdmin = oneAddress(log, 'NewAdmin')
    return { kind: 'timelockAdminChanged', actor: newAdmin, detail: { newAdmin } }
  },
  [topicOf('NewPendingAdmin(address)')]: (log) => {
    const newPendingAdmin = oneAddress(log, 'NewPendingAdmin')
    return { kind: 'timelockAdminProposed', actor: newPendingAdmin, detail: { newPendingAdmin } }
  },
  [compoundTopic('QueueTransaction')]: (log) => compoundCall(log, 'timelockScheduled'),
  [compoundTopic('ExecuteTransaction')]: (log) => compoundCall(log, 'timelockExecuted'),
  [compoundTopic('CancelTransaction')]: (log) => compoundCall(log, 'timelockCancelled'),
}

function compoundTopic(name: string) {
  return topicOf(`${name}(bytes32,address,uint256,string,bytes,uint256)`)
}

function controllerCall(log: RawLog): Record<string, string> {
  return {
    id: topicBytes32(log, 1),
    index: topicUint(log, 2).toString(),
    target: wordAddress(log, 0),
    valueWei: wordUint(log, 1).toString(),
    selector: wordBytes(log, 2, SELECTOR_BYTES).head,
  }
}

/** (txHash indexed, target indexed, value, signature, data, eta); without a signature the data begins with a selector */
function compoundCall(log: RawLog, kind: string): Effect {
  expectShape(log, kind, 3, 5)
  const signature = wordBytes(log, 1, MAX_SIGNATURE_BYTES).head
  const data = wordBytes(log, 2, SELECTOR_BYTES).head
  const call = signature === '0x' ? { selector: data } : { signature: text(signature) }
  const detail = {
    id: topicBytes32(log, 1),
    target: topicAddress(log, 2),
    valueWei: wordUint(log, 0).toString(),
    etaSec: wordUint(log, 3).toString(),
  }
  return { kind, actor: null, detail: { ...detail, ...call } }
}

function text(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('utf8')
}
