/**
 * Who may do what to a contract: ownership, roles, upgrades and pauses, of any contract; timelocks, governors and Safe
 * wallets, through which most such acts pass, in files of their own.
 *
 * The forms are those of OpenZeppelin and EIP-1967. OwnershipTransferred of old contracts, with nothing indexed, is
 * the same statement and is read too. `actor` is who gained or used the right, where the event says.
 */
import type { Hex } from '../../chains/types'
import { expectShape, hasShape, topicAddress, topicBytes32, topicOf, wordAddress } from '../log-shape'
import { vouchedFor } from '../trust'
import type { DecodeContext, Decoded, Protocol, RawLog } from '../types'
import type { Effect, Effects } from './effect'
import { GOVERNOR_EFFECTS } from './governor'
import { SAFE_EFFECTS } from './safe'
import { TIMELOCK_EFFECTS } from './timelock'

const EFFECTS: Effects = {
  ...TIMELOCK_EFFECTS,
  ...GOVERNOR_EFFECTS,
  ...SAFE_EFFECTS,
  [topicOf('OwnershipTransferred(address,address)')]: (log) => ownership(log, 'ownershipTransferred'),
  [topicOf('OwnershipTransferStarted(address,address)')]: (log) => ownership(log, 'ownershipTransferStarted'),
  [topicOf('RoleGranted(bytes32,address,address)')]: (log) => role(log, 'roleGranted'),
  [topicOf('RoleRevoked(bytes32,address,address)')]: (log) => role(log, 'roleRevoked'),
  [topicOf('RoleAdminChanged(bytes32,bytes32,bytes32)')]: (log) => {
    expectShape(log, 'RoleAdminChanged', 4, 0)
    const detail = {
      role: topicBytes32(log, 1),
      previousAdminRole: topicBytes32(log, 2),
      newAdminRole: topicBytes32(log, 3),
    }
    return { kind: 'roleAdminChanged', actor: null, detail }
  },
  [topicOf('Upgraded(address)')]: (log) => {
    expectShape(log, 'Upgraded', 2, 0)
    return { kind: 'upgraded', actor: null, detail: { implementation: topicAddress(log, 1) } }
  },
  [topicOf('BeaconUpgraded(address)')]: (log) => {
    expectShape(log, 'BeaconUpgraded', 2, 0)
    return { kind: 'beaconUpgraded', actor: null, detail: { beacon: topicAddress(log, 1) } }
  },
  [topicOf('AdminChanged(address,address)')]: (log) => {
    expectShape(log, 'AdminChanged', 1, 2)
    const [previousAdmin, newAdmin] = [wordAddress(log, 0), wordAddress(log, 1)]
    return { kind: 'adminChanged', actor: newAdmin, detail: { previousAdmin, newAdmin } }
  },
  [topicOf('Paused(address)')]: (log) => pause(log, 'paused'),
  [topicOf('Unpaused(address)')]: (log) => pause(log, 'unpaused'),
  [topicOf('Paused()')]: (log) => bare(log, 'paused'),
  [topicOf('Unpaused()')]: (log) => bare(log, 'unpaused'),
  [topicOf('Pause()')]: (log) => bare(log, 'paused'),
  [topicOf('Unpause()')]: (log) => bare(log, 'unpaused'),
}

/** (previousOwner, newOwner), both indexed, or neither in contracts from before 2018 */
function ownership(log: RawLog, kind: string): Effect {
  const indexed = !hasShape(log, 1, 2)
  if (indexed) expectShape(log, kind, 3, 0)
  const [previousOwner, newOwner] = indexed
    ? [topicAddress(log, 1), topicAddress(log, 2)]
    : [wordAddress(log, 0), wordAddress(log, 1)]
  return { kind, actor: newOwner, detail: { previousOwner, newOwner } }
}

/** (role indexed, account indexed, sender indexed) */
function role(log: RawLog, kind: string): Effect {
  expectShape(log, kind, 4, 0)
  const [account, sender] = [topicAddress(log, 2), topicAddress(log, 3)]
  return { kind, actor: account, detail: { role: topicBytes32(log, 1), account, sender } }
}

/** (account), which some contracts index */
function pause(log: RawLog, kind: string): Effect {
  const indexed = hasShape(log, 2, 0)
  if (!indexed) expectShape(log, kind, 1, 1)
  const account = indexed ? topicAddress(log, 1) : wordAddress(log, 0)
  return { kind, actor: account, detail: { account } }
}

function bare(log: RawLog, kind: string): Effect {
  expectShape(log, kind, 1, 0)
  return { kind, actor: null, detail: {} }
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const effect = EFFECTS[log.topics[0] as Hex]?.(log)
  if (effect === undefined) return { facts: [], events: [] }
  const verified = vouchedFor(log.address, context)
  return {
    facts: [{ table: 'admin_action', subIndex: 0, verified, target: log.address, ...effect }],
    events: [],
  }
}

export const admin: Protocol = {
  name: 'admin',
  decoderVersion: 2,
  topics: Object.keys(EFFECTS) as Hex[],
  anyEmitter: true,
  decode,
}
