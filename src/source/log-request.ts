/**
 * What is asked of eth_getLogs for a set of filters, and which logs are wanted of the answer.
 *
 * eth_getLogs takes one list of addresses and one of topics, so filters are merged: those of any emitter into one call,
 * those of listed emitters into one call for every thousand addresses. The second kind may return a little more than
 * the filters say (a listed emitter with another one's topic), which is dropped here.
 */
import type { Hex } from '../chains/types'
import type { LogFilter } from '../processor/filters'

export interface LogCall {
  address: readonly Hex[] | undefined
  topic0: readonly Hex[]
  addresses: ReadonlySet<string> | undefined
  topics: ReadonlySet<string>
}

export interface LogRequest {
  calls: readonly LogCall[]
  /** Every log that the calls may return is wanted; nothing need be dropped. */
  exact: boolean
  wants(address: string, topic0: string | undefined): boolean
}

/** Providers refuse longer lists of addresses. */
const MAX_ADDRESSES = 1_000

function logCall(address: readonly Hex[] | undefined, topic0: readonly Hex[]): LogCall {
  return { address, topic0, addresses: address && new Set(address), topics: new Set(topic0) }
}

export function logRequest(filters: readonly LogFilter[]): LogRequest {
  const anyEmitter = new Set<Hex>()
  const listed = filters.filter((filter) => filter.address !== undefined && filter.address.length > 0)
  for (const { address, topic0 } of filters) {
    if (address === undefined) for (const topic of topic0) anyEmitter.add(topic)
  }
  const byTopic = new Map<string, Set<string>>()
  for (const { address = [], topic0 } of listed) {
    for (const topic of topic0) {
      if (anyEmitter.has(topic)) continue
      const emitters = byTopic.get(topic) ?? new Set()
      for (const emitter of address) emitters.add(emitter)
      byTopic.set(topic, emitters)
    }
  }
  const calls: LogCall[] = []
  if (anyEmitter.size > 0) calls.push(logCall(undefined, [...anyEmitter]))
  const addresses = [...new Set([...byTopic.values()].flatMap((emitters) => [...emitters]))] as Hex[]
  const topics = [...byTopic.keys()] as Hex[]
  for (let i = 0; i < addresses.length; i += MAX_ADDRESSES) {
    calls.push(logCall(addresses.slice(i, i + MAX_ADDRESSES), topics))
  }
  const sizes = new Set([...byTopic.values()].map((emitters) => emitters.size))
  return {
    calls,
    exact: byTopic.size === 0 || (sizes.size === 1 && sizes.has(addresses.length)),
    wants: (address, topic0) =>
      topic0 !== undefined && (anyEmitter.has(topic0 as Hex) || byTopic.get(topic0)?.has(address) === true),
  }
}

export function quantity(height: number): Hex {
  return `0x${height.toString(16)}`
}

/** Parameters of eth_getLogs. */
export function logParams(call: LogCall, from: number, to: number): readonly [object] {
  return [
    {
      fromBlock: quantity(from),
      toBlock: quantity(to),
      ...(call.address && { address: call.address }),
      topics: [call.topic0],
    },
  ]
}

/** Parameters of eth_getLogs for one block, known by its hash. */
export function logParamsByHash(call: LogCall, blockHash: string): readonly [object] {
  return [{ blockHash, ...(call.address && { address: call.address }), topics: [call.topic0] }]
}
