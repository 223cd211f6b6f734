/** A source over fake endpoints, closed with them when the test ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { SourceBlock } from '../../src/processor/block'
import { startSource } from '../../src/source/start'
import type { EndpointStatus, Source, SourceOptions } from '../../src/source/types'
import {
  type ChainShape,
  type EndpointOptions,
  type FakeChain,
  type FakeEndpoint,
  fakeChain,
  fakeEndpoint,
  TOKEN,
  TOPIC,
} from '../support/fake-chain'

export const FILTERS = [{ address: [TOKEN], topic0: [TOPIC] }]

export interface Scene {
  chain: FakeChain
  endpoints: FakeEndpoint[]
  start(options?: Partial<SourceOptions> & { wire?: 'http' | 'ws' }): Promise<Source>
}

/** @param endpoints how many, or the options of each */
export async function scene(
  height: number,
  endpoints: number | EndpointOptions[],
  shape: ChainShape = {},
): Promise<Scene> {
  const chain = await fakeChain(height, shape)
  const made = await Promise.all(
    (typeof endpoints === 'number' ? Array.from({ length: endpoints }, () => ({})) : endpoints).map(
      (options) => fakeEndpoint(chain, options),
    ),
  )
  const sources: Source[] = []
  onTestFinished(async () => {
    for (const source of sources) await source.close()
    for (const endpoint of made) await endpoint.close()
  })
  return {
    chain,
    endpoints: made,
    async start({ wire = 'http', ...options } = {}) {
      const source = await startSource({
        chain: { id: 1, name: 'made', finalityDepthBlocks: 5, blockTimeSec: 1 },
        // The first is asked as long as it may be: what a test does to it does not depend on chance.
        endpoints: made.map((endpoint, i) => ({
          url: wire === 'ws' ? endpoint.wsUrl : endpoint.url,
          costWeight: i === 0 ? 1 : 1_000,
        })),
        filters: FILTERS,
        verify: 'none',
        crossCheckEvery: 0,
        ...options,
      })
      sources.push(source)
      return source
    },
  }
}

/** What the chain truly holds of TOKEN's transfers, in the form that `seen` gives of what was fetched. */
export function truth(chain: FakeChain, from: number, to: number): string[] {
  return chain.blocks
    .slice(from, to + 1)
    .flatMap((block) =>
      block.logs
        .filter((log) => log.address === TOKEN)
        .map((log) => [Number(log.blockNumber), block.header.hash, Number(log.logIndex), log.data].join(' ')),
    )
}

export function seen(blocks: readonly SourceBlock[]): string[] {
  return blocks.flatMap(({ ref, logs }) =>
    logs.map((log) => [ref.height, ref.hash, log.logIndex, log.data].join(' ')),
  )
}

export async function endpointsOf(source: Source): Promise<EndpointStatus[]> {
  return (await source.status()).endpoints
}

/** Waits until something is so; the last reason when it does not become so. */
export async function until(what: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not become so in time')
    await sleep(20)
  }
}
