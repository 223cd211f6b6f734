/** What a source is asked for, from the protocols' registry and the chain file. */
import type { ChainSpec, Hex } from '../chains/types'
import type { Protocol } from '../protocols/types'

export interface LogFilter {
  /** Any emitter when undefined. */
  address?: Hex[]
  topic0: Hex[]
}

/** The protocol whose logs `tokenLogs: 'listed'` narrows to the chain file's tokens. */
const TOKEN_PROTOCOL = 'erc20'

/** Whom a protocol that does not read every emitter is asked for. */
function emittersOf(chain: ChainSpec, protocol: Protocol): Hex[] {
  const own = chain.contracts.filter((entry) => entry.protocol === protocol.name)
  return [...own, ...chain.feeds, ...(protocol.tokens?.(chain) ?? [])].map((entry) => entry.address)
}

/**
 * Log filters of a chain. Protocols that read any emitter, or whose emitters are discovered as markets appear, are
 * asked for by topic alone, but for topics that every token emits; the others by the addresses that the chain file lists.
 */
export function logFilters(chain: ChainSpec, protocols: readonly Protocol[]): LogFilter[] {
  const anyEmitter = new Set<Hex>()
  const filters: LogFilter[] = []
  const ask = (address: Hex[], topic0: Hex[]): void => {
    if (address.length > 0 && topic0.length > 0) filters.push({ address, topic0 })
  }
  for (const protocol of protocols) {
    if (protocol.name === TOKEN_PROTOCOL && chain.tokenLogs === 'listed') {
      const tokens = chain.tokens.map((token) => token.address)
      ask(tokens, [...protocol.topics])
    } else if (protocol.anyEmitter || protocol.emitters) {
      const ofListed = new Set(protocol.listedTopics)
      for (const topic of protocol.topics) if (!ofListed.has(topic)) anyEmitter.add(topic)
      const own = chain.contracts.filter((entry) => entry.protocol === protocol.name)
      ask(
        own.map((entry) => entry.address),
        [...ofListed],
      )
    } else ask(emittersOf(chain, protocol), [...protocol.topics])
  }
  if (anyEmitter.size > 0) filters.unshift({ topic0: [...anyEmitter] })
  return filters
}
