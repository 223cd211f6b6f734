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

/**
 * Log filters of a chain. Protocols that read any emitter, or whose emitters are discovered as markets appear, are
 * asked for by topic alone; the others by the addresses that the chain file lists for them.
 */
export function logFilters(chain: ChainSpec, protocols: readonly Protocol[]): LogFilter[] {
  const anyEmitter = new Set<Hex>()
  const filters: LogFilter[] = []
  for (const protocol of protocols) {
    const listed =
      protocol.name === TOKEN_PROTOCOL && chain.tokenLogs === 'listed'
        ? chain.tokens.map((token) => token.address)
        : protocol.anyEmitter || protocol.emitters
          ? undefined
          : [
              ...chain.contracts.filter((entry) => entry.protocol === protocol.name),
              ...chain.feeds,
              ...(protocol.tokens?.(chain) ?? []),
            ].map((entry) => entry.address)
    if (listed === undefined) for (const topic of protocol.topics) anyEmitter.add(topic)
    else if (listed.length > 0) filters.push({ address: listed, topic0: [...protocol.topics] })
  }
  if (anyEmitter.size > 0) filters.unshift({ topic0: [...anyEmitter] })
  return filters
}
