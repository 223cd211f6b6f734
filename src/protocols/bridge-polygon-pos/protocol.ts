/**
 * Polygon's proof-of-stake bridge on Ethereum: the predicates lock what leaves and release what comes back. What the bridge
 * does on Polygon, child-token.ts reads from the tokens themselves.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import {
  type DecodeContext,
  type Decoded,
  type Fact,
  NATIVE_ASSET,
  type Protocol,
  type RawLog,
} from '../types'

const LOCKED_ETHER = topicOf('LockedEther(address,address,uint256)')
const EXITED_ETHER = topicOf('ExitedEther(address,uint256)')
const LOCKED_ERC20 = topicOf('LockedERC20(address,address,address,uint256)')
const EXITED_ERC20 = topicOf('ExitedERC20(address,address,uint256)')
const LOCKED_MINTABLE = topicOf('LockedMintableERC20(address,address,address,uint256)')
const EXITED_MINTABLE = topicOf('ExitedMintableERC20(address,address,uint256)')

type Transfer = Pick<
  Extract<Fact, { table: 'bridge_transfer' }>,
  'direction' | 'account' | 'asset' | 'amount'
>

const PREDICATE_EVENTS: Readonly<Record<Hex, (log: RawLog) => Transfer>> = {
  /** LockedEther(depositor indexed, depositReceiver indexed, amount) */
  [LOCKED_ETHER]: (log) => {
    expectShape(log, 'LockedEther', 3, 1)
    topicAddress(log, 2)
    return { direction: 'out', account: topicAddress(log, 1), asset: NATIVE_ASSET, amount: wordUint(log, 0) }
  },
  /** ExitedEther(exitor indexed, amount) */
  [EXITED_ETHER]: (log) => {
    expectShape(log, 'ExitedEther', 2, 1)
    return { direction: 'in', account: topicAddress(log, 1), asset: NATIVE_ASSET, amount: wordUint(log, 0) }
  },
  [LOCKED_ERC20]: locked,
  [EXITED_ERC20]: exited,
  [LOCKED_MINTABLE]: locked,
  [EXITED_MINTABLE]: exited,
}

/** Locked…(depositor indexed, depositReceiver indexed, rootToken indexed, amount) */
function locked(log: RawLog): Transfer {
  expectShape(log, 'LockedERC20', 4, 1)
  topicAddress(log, 2)
  return {
    direction: 'out',
    account: topicAddress(log, 1),
    asset: topicAddress(log, 3),
    amount: wordUint(log, 0),
  }
}

/** Exited…(exitor indexed, rootToken indexed, amount) */
function exited(log: RawLog): Transfer {
  expectShape(log, 'ExitedERC20', 3, 1)
  return {
    direction: 'in',
    account: topicAddress(log, 1),
    asset: topicAddress(log, 2),
    amount: wordUint(log, 0),
  }
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const transfer = PREDICATE_EVENTS[log.topics[0] as Hex]?.(log)
  if (transfer === undefined) return NOTHING
  const predicate = listedAs(log, context, 'bridge-polygon-pos', 'predicate')
  const fact: Fact = {
    table: 'bridge_transfer',
    subIndex: 0,
    verified: predicate !== undefined,
    bridge: 'polygon-pos',
    ...transfer,
    remoteChainId: predicate?.remoteChainId === undefined ? null : BigInt(predicate.remoteChainId),
  }
  return { facts: [fact], events: [] }
}

export const bridgePolygonPos: Protocol = {
  name: 'bridge-polygon-pos',
  decoderVersion: 1,
  topics: Object.keys(PREDICATE_EVENTS) as Hex[],
  anyEmitter: true,
  decode,
}
