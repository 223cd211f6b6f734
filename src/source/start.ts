/**
 * The source: stands between the processor and the chain's endpoints. Final blocks come from filtered eth_getLogs (or
 * an upstream gateway), the hot tail from the endpoint that sees heads first; both are served on the loopback in the
 * protocols that evm-processor speaks, and ranges also directly.
 */
import { PlimsollError } from '../errors'
import type { LogFilter } from '../processor/filters'
import { openEndpoints } from './endpoints'
import { startRpcGateway } from './gateway-rpc'
import { followHeads } from './heads'
import { startHotRpc } from './hot-rpc'
import { openRanges } from './ranges'
import { cannotVerify } from './receipts'
import type { Source, SourceOptions } from './types'

const START_TIMEOUT_MS = 30_000
const CROSS_CHECK_EVERY = 50
const CONCURRENCY = 4

/**
 * Starts a source; resolves when an endpoint has shown that it serves the chain.
 * @throws PlimsollError when none does (exit code 2 when all serve another chain), or nothing was given
 */
export async function startSource(options: SourceOptions): Promise<Source> {
  const { chain, gatewayUrl } = options
  if (options.endpoints.length === 0) {
    throw new PlimsollError(`chain ${chain.name} has neither an RPC endpoint nor a gateway`, { exitCode: 2 })
  }
  const unverifiable = options.verify === 'receipts' ? cannotVerify(chain.id) : undefined
  if (unverifiable !== undefined) {
    throw new PlimsollError(`receipts of ${chain.name} cannot be verified: ${unverifiable}`, {
      hint: `set PLIMSOLL_${chain.name.toUpperCase()}_VERIFY=none`,
      exitCode: 2,
    })
  }
  const counters = { verifiedBlocks: 0, crossChecks: 0 }
  let filters: readonly LogFilter[] = options.filters
  const endpoints = openEndpoints(options.endpoints, { chainId: chain.id, chainName: chain.name })
  try {
    await endpoints.start(options.startTimeoutMs ?? START_TIMEOUT_MS)
  } catch (error) {
    endpoints.close()
    throw error
  }
  const heads = followHeads({ endpoints, chain })
  const finalOf = (height: number): number => Math.max(0, height - chain.finalityDepthBlocks)
  const finalizedHeight = async (): Promise<number> => finalOf((await heads.known()).header.ref.height)
  const ranges = openRanges({
    endpoints,
    chain,
    filters: () => filters,
    finalizedHeight,
    concurrency: options.concurrency ?? CONCURRENCY,
    verify: options.verify,
    crossCheckEvery: options.crossCheckEvery ?? CROSS_CHECK_EVERY,
    seed: options.seed ?? 0,
    counters,
  })
  const gateway = await startRpcGateway({
    chainName: chain.name,
    gatewayUrl,
    handOver: options.handOver,
    fetchRanges: ranges.fetchRanges,
    finalizedHeight,
  })
  const hot = await startHotRpc({
    chain,
    endpoints,
    heads,
    filters: () => filters,
    verify: options.verify,
    counters,
  })

  return {
    gatewayUrl: gateway.url,
    rpcUrl: hot.url,
    finalizedHeight,
    ...ranges,
    setFilters(next) {
      filters = next
      gateway.restart()
      hot.forget()
    },
    status() {
      const headHeight = heads.current()?.header.ref.height
      return {
        headHeight,
        finalizedHeight: headHeight === undefined ? undefined : finalOf(headHeight),
        endpoints: endpoints.all.map((endpoint) => endpoint.status()),
        ...counters,
      }
    },
    async close() {
      heads.close()
      endpoints.close()
      await Promise.all([gateway.close(), hot.close()])
    },
  }
}
