/** Logs encoded by viem from an event's ABI text, dynamic arguments included: a second hand than the decoders' own. */
import { type AbiEvent, encodeAbiParameters, encodeEventTopics, parseAbiItem } from 'viem'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { BlockRef, Fact, RawLog } from '../../src/protocols/types'
import { block } from './logs'

/** `event` as viem's parseAbiItem takes it; `args` by name. */
export function eventLog(
  address: Hex,
  event: string,
  args: Record<string, unknown>,
  at: BlockRef = block(1),
): RawLog {
  const item = parseAbiItem(event) as AbiEvent
  const topics = encodeEventTopics({ abi: [item], eventName: item.name, args } as never) as Hex[]
  const plain = item.inputs.filter((input) => !('indexed' in input && input.indexed))
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name ?? '']),
  )
  const txHash: Hex = `0x${'11'.repeat(32)}`
  return { block: at, logIndex: 0, txIndex: 0, txHash, address, topics, data }
}

/** Facts of logs under a chain file; throws when one of them is refused. */
export function factsUnder(chain: ChainSpec, ...logs: RawLog[]): Fact[] {
  return foldUnder(chain, ...logs).facts
}

/** Facts of logs under a chain file, and the state they lead to. */
export function foldUnder(chain: ChainSpec, ...logs: RawLog[]) {
  const state = createMemoryState()
  const { facts, undecodable } = foldLogs(logs, PROTOCOLS_BY_TOPIC, state, createContext(chain))
  if (undecodable[0] !== undefined) throw new Error(undecodable[0].reason)
  return { facts, state }
}

export const [ALICE, BOB, CAROL] = ['a1', 'b0', 'c2'].map((byte): Hex => `0x${byte.repeat(20)}`) as [
  Hex,
  Hex,
  Hex,
]
