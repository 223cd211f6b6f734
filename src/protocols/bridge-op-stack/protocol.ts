/**
 * The standard bridges of OP Mainnet and Base, both ends.
 *
 * Since the Bedrock release every transfer emits two events: one of the shape that both ends now share (ETHBridgeInitiated,
 * ERC20BridgeFinalized, …) and, beside it, the older one that each end had from the start. Only the older ones are read:
 * they are there in every release, so each transfer counts once, before Bedrock and after.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordAddress, wordBytes, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import { type DecodeContext, type Decoded, NATIVE_ASSET, type Protocol, type RawLog } from '../types'

/** Emitted on Ethereum, with the pair of tokens as (l1Token, l2Token). */
const ETH_DEPOSIT = topicOf('ETHDepositInitiated(address,address,uint256,bytes)')
const ETH_WITHDRAWAL = topicOf('ETHWithdrawalFinalized(address,address,uint256,bytes)')
const ERC20_DEPOSIT = topicOf('ERC20DepositInitiated(address,address,address,address,uint256,bytes)')
const ERC20_WITHDRAWAL = topicOf('ERC20WithdrawalFinalized(address,address,address,address,uint256,bytes)')
/** Emitted on the other chain, for tokens and, with an l1Token of zero, for ether. */
const DEPOSIT_FINALIZED = topicOf('DepositFinalized(address,address,address,address,uint256,bytes)')
const WITHDRAWAL_INITIATED = topicOf('WithdrawalInitiated(address,address,address,address,uint256,bytes)')

const ZERO: Hex = `0x${'0'.repeat(40)}`

interface Transfer {
  asset: Hex
  from: Hex
  to: Hex
  amount: bigint
}

interface Rule {
  role: 'l1StandardBridge' | 'l2StandardBridge'
  direction: 'out' | 'in'
  read(log: RawLog): Transfer
}

const RULES: Readonly<Record<Hex, Rule>> = {
  [ETH_DEPOSIT]: { role: 'l1StandardBridge', direction: 'out', read: etherTransfer },
  [ETH_WITHDRAWAL]: { role: 'l1StandardBridge', direction: 'in', read: etherTransfer },
  [ERC20_DEPOSIT]: { role: 'l1StandardBridge', direction: 'out', read: (log) => tokenTransfer(log, 1) },
  [ERC20_WITHDRAWAL]: { role: 'l1StandardBridge', direction: 'in', read: (log) => tokenTransfer(log, 1) },
  [DEPOSIT_FINALIZED]: { role: 'l2StandardBridge', direction: 'in', read: (log) => tokenTransfer(log, 2) },
  [WITHDRAWAL_INITIATED]: {
    role: 'l2StandardBridge',
    direction: 'out',
    read: (log) => tokenTransfer(log, 2),
  },
}

/** (from indexed, to indexed, amount, extraData) */
function etherTransfer(log: RawLog): Transfer {
  expectShape(log, 'ETH bridge transfer', 3, 3)
  wordBytes(log, 1, 0)
  return {
    asset: NATIVE_ASSET,
    from: topicAddress(log, 1),
    to: topicAddress(log, 2),
    amount: wordUint(log, 0),
  }
}

/** (l1Token indexed, l2Token indexed, from indexed, to, amount, extraData) */
function tokenTransfer(log: RawLog, layer: 1 | 2): Transfer {
  expectShape(log, 'bridge transfer', 4, 4)
  wordBytes(log, 2, 0)
  const tokens = [topicAddress(log, 1), topicAddress(log, 2)] as const
  const asset = tokens[0] === ZERO ? NATIVE_ASSET : tokens[layer - 1]!
  return { asset, from: topicAddress(log, 3), to: wordAddress(log, 0), amount: wordUint(log, 1) }
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const rule = RULES[log.topics[0] as Hex]
  if (rule === undefined) return NOTHING
  const { asset, from, to, amount } = rule.read(log)
  const bridge = listedAs(log, context, 'bridge-op-stack', rule.role)
  return {
    facts: [
      {
        table: 'bridge_transfer',
        subIndex: 0,
        verified: bridge !== undefined,
        bridge: 'op-stack',
        direction: rule.direction,
        account: rule.direction === 'out' ? from : to,
        asset,
        amount,
        remoteChainId: bridge?.remoteChainId === undefined ? null : BigInt(bridge.remoteChainId),
      },
    ],
    events: [],
  }
}

export const bridgeOpStack: Protocol = {
  name: 'bridge-op-stack',
  decoderVersion: 1,
  topics: Object.keys(RULES) as Hex[],
  anyEmitter: true,
  decode,
}
