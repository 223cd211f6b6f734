/**
 * Token transfers and approvals of the three standards.
 *
 * ERC-20 and ERC-721 share the signatures of Transfer and Approval; the number of indexed arguments tells them apart
 * (three topics and an amount, or four topics and nothing). Any other shape is refused. Events of contracts that the
 * chain file does not list are kept as unverified; no transfer moves any state here.
 */
import type { Hex } from '../../chains/types'
import {
  expectShape,
  hasShape,
  topicAddress,
  topicOf,
  topicUint,
  wordBool,
  wordUint,
  wordUintArray,
} from '../log-shape'
import { vouchedFor } from '../trust'
import type { DecodeContext, Decoded, Fact, Protocol, RawLog } from '../types'
import { UndecodableLog } from '../types'

const TRANSFER = topicOf('Transfer(address,address,uint256)')
const APPROVAL = topicOf('Approval(address,address,uint256)')
const APPROVAL_FOR_ALL = topicOf('ApprovalForAll(address,address,bool)')
const TRANSFER_SINGLE = topicOf('TransferSingle(address,address,address,uint256,uint256)')
const TRANSFER_BATCH = topicOf('TransferBatch(address,address,address,uint256[],uint256[])')

/** More items than this in one batch are refused: a block's gas does not pay for them. */
const MAX_BATCH_ITEMS = 10_000

const DECODERS: Readonly<Record<Hex, (log: RawLog, verified: boolean) => Fact[]>> = {
  [TRANSFER]: transfer,
  [APPROVAL]: approval,
  [APPROVAL_FOR_ALL]: approvalForAll,
  [TRANSFER_SINGLE]: transferSingle,
  [TRANSFER_BATCH]: transferBatch,
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const decoder = DECODERS[log.topics[0] as Hex]
  return { facts: decoder?.(log, vouchedFor(log.address, context)) ?? [], events: [] }
}

function transfer(log: RawLog, verified: boolean): Fact[] {
  const isNft = hasShape(log, 4, 0)
  if (!isNft) expectShape(log, 'Transfer', 3, 1)
  const what = isNft
    ? ({ amount: 1n, tokenId: topicUint(log, 3), standard: 'erc721' } as const)
    : ({ amount: wordUint(log, 0), tokenId: null, standard: 'erc20' } as const)
  return [transferFact(log, verified, { from: topicAddress(log, 1), to: topicAddress(log, 2), ...what })]
}

function approval(log: RawLog, verified: boolean): Fact[] {
  const isNft = hasShape(log, 4, 0)
  if (!isNft) expectShape(log, 'Approval', 3, 1)
  const what = isNft
    ? ({ amount: 1n, tokenId: topicUint(log, 3), standard: 'erc721' } as const)
    : ({ amount: wordUint(log, 0), tokenId: null, standard: 'erc20' } as const)
  return [approvalFact(log, verified, what)]
}

/** ApprovalForAll(owner indexed, operator indexed, approved), ERC-721 and ERC-1155 alike */
function approvalForAll(log: RawLog, verified: boolean): Fact[] {
  expectShape(log, 'ApprovalForAll', 3, 1)
  return [approvalFact(log, verified, { amount: wordBool(log, 0) ? 1n : 0n, tokenId: null, standard: 'all' })]
}

/** TransferSingle(operator indexed, from indexed, to indexed, id, value) */
function transferSingle(log: RawLog, verified: boolean): Fact[] {
  expectShape(log, 'TransferSingle', 4, 2)
  topicAddress(log, 1)
  const parties = { from: topicAddress(log, 2), to: topicAddress(log, 3) }
  const what = { tokenId: wordUint(log, 0), amount: wordUint(log, 1), standard: 'erc1155' } as const
  return [transferFact(log, verified, { ...parties, ...what })]
}

/** TransferBatch(operator indexed, from indexed, to indexed, ids[], values[]): one fact for each item */
function transferBatch(log: RawLog, verified: boolean): Fact[] {
  expectShape(log, 'TransferBatch', 4, 4)
  topicAddress(log, 1)
  const parties = { from: topicAddress(log, 2), to: topicAddress(log, 3) }
  const [ids, amounts] = [wordUintArray(log, 0), wordUintArray(log, 1)]
  if (ids.length !== amounts.length)
    throw new UndecodableLog('TransferBatch: ids and values differ in length')
  if (ids.length > MAX_BATCH_ITEMS) throw new UndecodableLog(`TransferBatch: ${ids.length} items in one log`)
  return ids.map((tokenId, subIndex) => {
    const what = { tokenId, amount: amounts[subIndex] ?? 0n, standard: 'erc1155' } as const
    return { ...transferFact(log, verified, { ...parties, ...what }), subIndex }
  })
}

type TransferFact = Extract<Fact, { table: 'token_transfer' }>
type ApprovalFact = Extract<Fact, { table: 'token_approval' }>

function transferFact(
  log: RawLog,
  verified: boolean,
  what: Pick<TransferFact, 'from' | 'to' | 'amount' | 'tokenId' | 'standard'>,
): TransferFact {
  return { table: 'token_transfer', subIndex: 0, verified, asset: log.address, ...what }
}

function approvalFact(
  log: RawLog,
  verified: boolean,
  what: Pick<ApprovalFact, 'amount' | 'tokenId' | 'standard'>,
): ApprovalFact {
  const parties = { owner: topicAddress(log, 1), spender: topicAddress(log, 2) }
  return { table: 'token_approval', subIndex: 0, verified, asset: log.address, ...parties, ...what }
}

export const erc20: Protocol = {
  name: 'erc20',
  decoderVersion: 1,
  topics: Object.keys(DECODERS) as Hex[],
  anyEmitter: true,
  decode,
}
