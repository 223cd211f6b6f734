/**
 * Reads ahead which markets a range of blocks announces, so that its parts can be decoded before those in front of them
 * are written. Only the few logs of listed factories and configurators are fetched.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { Protocol } from '../protocols/types'
import type { Source } from '../source/types'
import { byTopic, createDecoder } from './decode'
import { type Announcement, createDirectory, type Foreseen } from './directory'
import type { LogFilter } from './filters'
import type { Memory } from './memory'

/** Filters for announcements: topics of each protocol that has any, of the contracts that the chain file lists for it. */
export function discoveryFilters(chain: ChainSpec, protocols: readonly Protocol[]): LogFilter[] {
  return protocols.flatMap(({ name, discoveryTopics = [] }) => {
    const address = chain.contracts.filter(({ protocol }) => protocol === name).map((entry) => entry.address)
    return discoveryTopics.length > 0 && address.length > 0 ? [{ address, topic0: [...discoveryTopics] }] : []
  })
}

/** Everything that blocks [from, to] announce, in addition to what `memory` knows. */
export async function discoverMarkets(
  source: Pick<Source, 'fetchRanges'>,
  options: {
    chain: ChainSpec
    protocols: readonly Protocol[]
    memory: Memory
    coverageFrom(protocol: string, height: number): number
    from: number
    to: number
  },
): Promise<Foreseen> {
  const { chain, protocols, memory, from, to } = options
  const byEmitter = new Map<Hex, Announcement & { role: string }>()
  const byId = new Map<string, Announcement[]>()
  const filters = discoveryFilters(chain, protocols)
  if (filters.length === 0) return { byEmitter, byId }
  const decoder = createDecoder({
    chain,
    protocolsByTopic: byTopic(protocols),
    directory: createDirectory(memory),
    coverageFrom: options.coverageFrom,
  })
  for await (const { blocks } of source.fetchRanges({ from, to, filters })) {
    for (const block of blocks) {
      for (const step of decoder.decodeBlock(block).steps) {
        if (step.kind !== 'discover') continue
        const { market, emitters } = step.discovery
        const at = { market, height: block.ref.height, logIndex: step.log.logIndex }
        byId.set(market.id, [...(byId.get(market.id) ?? []), at])
        for (const { address, role } of emitters) {
          if (!byEmitter.has(address)) byEmitter.set(address, { ...at, role })
        }
      }
    }
  }
  return { byEmitter, byId }
}
