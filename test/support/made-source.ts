/** A source over blocks that a test made: ranges of a given size, with only the logs that were asked for. */
import type { SourceBlock } from '../../src/processor/block'
import type { FetchedRange, RangeQuery, Source } from '../../src/source/types'

export interface MadeSource extends Pick<Source, 'finalizedHeight' | 'fetchRanges'> {
  /** Ranges given so far. */
  given: { from: number; to: number }[]
}

function select({ ref, logs, transactions }: SourceBlock, { filters = [] }: RangeQuery): SourceBlock {
  const wanted = logs.filter((log) =>
    filters.some(
      ({ address, topic0 }) =>
        (address === undefined || address.includes(log.address)) && topic0.includes(log.topics[0]!),
    ),
  )
  return { ref, logs: wanted, transactions }
}

/** @param options.failAt throws when a range of history reaches this height, as a source that dies */
export function madeSource(
  chain: readonly SourceBlock[],
  options: { rangeBlocks: number; finalized: number; failAt?: number },
): MadeSource {
  const given: MadeSource['given'] = []
  return {
    given,
    finalizedHeight: async () => options.finalized,
    async *fetchRanges(query) {
      for (let from = query.from; from <= query.to; from += options.rangeBlocks) {
        const to = Math.min(from + options.rangeBlocks - 1, query.to)
        const isHistory = query.blocks !== undefined
        if (isHistory && options.failAt !== undefined && to >= options.failAt)
          throw new Error('the source died')
        const blocks = chain
          .slice(from, to + 1)
          .map((block) => select(block, query))
          .filter((block) => query.blocks === 'all' || block.logs.length > 0 || block.ref.height === to)
        given.push({ from, to })
        yield {
          from,
          to,
          blocks,
          parentHash: chain[from]!.ref.parentHash,
          lastHash: chain[to]!.ref.hash,
          endpoint: 'made',
        } satisfies FetchedRange
      }
    },
  }
}
