/**
 * Arbitrum's bridge: the gateways that carry tokens, and ether by the inbox, the outbox and ArbSys.
 *
 * A gateway's events name the token on Ethereum; its twin on Arbitrum is computed (twin-token.ts), or listed with the
 * gateway where it was chosen. Ether that a WETH gateway sends for its users is left out, since the gateway's own event
 * tells that transfer. An inbox message is a deposit of ether exactly when it holds a receiver and a value and nothing else;
 * the sender is not in it, so the receiver stands for the account: the same one unless a contract sent it. Ether arriving on
 * Arbitrum leaves no log there.
 */
import type { Hex } from '../../chains/types'
import {
  expectShape,
  topicAddress,
  topicBytes32,
  topicOf,
  wordAddress,
  wordBytes,
  wordUint,
} from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import {
  type DecodeContext,
  type Decoded,
  type Fact,
  NATIVE_ASSET,
  type Protocol,
  type RawLog,
} from '../types'
import { twinTokenOf } from './twin-token'

/** Of gateways on Ethereum. */
const DEPOSIT_INITIATED = topicOf('DepositInitiated(address,address,address,uint256,uint256)')
const WITHDRAWAL_FINALIZED = topicOf('WithdrawalFinalized(address,address,address,uint256,uint256)')
/** Of gateways on Arbitrum. */
const DEPOSIT_FINALIZED = topicOf('DepositFinalized(address,address,address,uint256)')
const WITHDRAWAL_INITIATED = topicOf('WithdrawalInitiated(address,address,address,uint256,uint256,uint256)')
/** Of the inbox and the bridge on Ethereum, and of ArbSys on Arbitrum. */
const INBOX_MESSAGE = topicOf('InboxMessageDelivered(uint256,bytes)')
const BRIDGE_CALL = topicOf('BridgeCallTriggered(address,address,uint256,bytes)')
const L2_TO_L1_TX = topicOf('L2ToL1Tx(address,address,uint256,uint256,uint256,uint256,uint256,uint256,bytes)')
/** A receiver's 20 bytes and a value's 32. */
const ETHER_DEPOSIT_BYTES = 52

type Transfer = Pick<
  Extract<Fact, { table: 'bridge_transfer' }>,
  'direction' | 'account' | 'asset' | 'amount'
>
interface Rule {
  role: 'l1Gateway' | 'l2Gateway' | 'inbox' | 'bridge' | 'arbSys'
  /** undefined: nothing crossed, or another event tells it. */
  read(log: RawLog, context: DecodeContext): Transfer | undefined
}

const RULES: Readonly<Record<Hex, Rule>> = {
  [DEPOSIT_INITIATED]: { role: 'l1Gateway', read: (log) => l1Transfer(log, 'out') },
  [WITHDRAWAL_FINALIZED]: { role: 'l1Gateway', read: (log) => l1Transfer(log, 'in') },
  /** DepositFinalized(l1Token indexed, from indexed, to indexed, amount) */
  [DEPOSIT_FINALIZED]: {
    role: 'l2Gateway',
    read: (log, context) => {
      expectShape(log, 'DepositFinalized', 4, 1)
      topicAddress(log, 2)
      const asset = twinOf(topicAddress(log, 1), log, context)
      return { direction: 'in', account: topicAddress(log, 3), asset, amount: wordUint(log, 0) }
    },
  },
  /** WithdrawalInitiated(l1Token, from indexed, to indexed, l2ToL1Id indexed, exitNum, amount) */
  [WITHDRAWAL_INITIATED]: {
    role: 'l2Gateway',
    read: (log, context) => {
      expectShape(log, 'WithdrawalInitiated', 4, 3)
      topicAddress(log, 2)
      const asset = twinOf(wordAddress(log, 0), log, context)
      return { direction: 'out', account: topicAddress(log, 1), asset, amount: wordUint(log, 2) }
    },
  },
  [INBOX_MESSAGE]: { role: 'inbox', read: etherDeposit },
  /** BridgeCallTriggered(outbox indexed, to indexed, value, data) */
  [BRIDGE_CALL]: {
    role: 'bridge',
    read: (log, context) => {
      expectShape(log, 'BridgeCallTriggered', 3, 3)
      topicAddress(log, 1)
      wordBytes(log, 1, 0)
      const [account, amount] = [topicAddress(log, 2), wordUint(log, 0)]
      return ether('in', account, amount, context)
    },
  },
  /** L2ToL1Tx(caller, destination indexed, hash indexed, position indexed, block, block, time, callvalue, data) */
  [L2_TO_L1_TX]: {
    role: 'arbSys',
    read: (log, context) => {
      expectShape(log, 'L2ToL1Tx', 4, 7)
      wordBytes(log, 5, 0)
      topicAddress(log, 1)
      return ether('out', wordAddress(log, 0), wordUint(log, 4), context)
    },
  },
}

/** DepositInitiated, WithdrawalFinalized (l1Token, from indexed, to indexed, number indexed, amount) */
function l1Transfer(log: RawLog, direction: 'out' | 'in'): Transfer {
  expectShape(log, 'gateway transfer', 4, 2)
  const [from, to] = [topicAddress(log, 1), topicAddress(log, 2)]
  const account = direction === 'out' ? from : to
  return { direction, account, asset: wordAddress(log, 0), amount: wordUint(log, 1) }
}

/** InboxMessageDelivered(messageNum indexed, data) */
function etherDeposit(log: RawLog): Transfer | undefined {
  expectShape(log, 'InboxMessageDelivered', 2, 2)
  topicBytes32(log, 1)
  const { length, head } = wordBytes(log, 0, ETHER_DEPOSIT_BYTES)
  if (length !== ETHER_DEPOSIT_BYTES) return undefined
  const amount = BigInt(`0x${head.slice(42)}`)
  if (amount === 0n) return undefined
  return { direction: 'out', account: head.slice(0, 42) as Hex, asset: NATIVE_ASSET, amount }
}

/** Ether that crossed with a call; none, or a gateway's, is no transfer of its own. */
function ether(
  direction: 'out' | 'in',
  account: Hex,
  amount: bigint,
  context: DecodeContext,
): Transfer | undefined {
  if (amount === 0n || context.listed(account)?.protocol === 'bridge-arbitrum') return undefined
  return { direction, account, asset: NATIVE_ASSET, amount }
}

/** The token on Arbitrum. Where nobody can tell, the gateway stands for it. */
function twinOf(l1Token: Hex, log: RawLog, context: DecodeContext): Hex {
  const links = listedAs(log, context, 'bridge-arbitrum', 'l2Gateway')?.links
  const factory = links?.beaconProxyFactory
  return links?.[l1Token] ?? (factory ? twinTokenOf(l1Token, log.address, factory) : log.address)
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const rule = RULES[log.topics[0] as Hex]
  const transfer = rule?.read(log, context)
  if (rule === undefined || transfer === undefined) return NOTHING
  const entry = listedAs(log, context, 'bridge-arbitrum', rule.role)
  const fact: Fact = {
    table: 'bridge_transfer',
    subIndex: 0,
    verified: entry !== undefined,
    bridge: 'arbitrum',
    ...transfer,
    remoteChainId: entry?.remoteChainId === undefined ? null : BigInt(entry.remoteChainId),
  }
  return { facts: [fact], events: [] }
}

export const bridgeArbitrum: Protocol = {
  name: 'bridge-arbitrum',
  decoderVersion: 1,
  topics: Object.keys(RULES) as Hex[],
  anyEmitter: true,
  decode,
}
