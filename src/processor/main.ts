/**
 * The processor: one process, one chain. The only importer of @subsquid/evm-processor.
 *
 * Our source stands before the chain's endpoints; evm-processor reads it (a gateway's history, then the hot tail, forks
 * included) and says in which order blocks are committed and undone; our store and handler write them. Exit codes: 0 the range is indexed, 1 something broke and a restart resumes where it stopped,
 * 2 a setting is wrong and a restart would not help.
 */
import { createServer } from 'node:http'
import { EvmBatchProcessor } from '@subsquid/evm-processor'
import { createCaller } from '../chains/call-at'
import { chainClient } from '../chains/client'
import type { ChainSpec, Hex } from '../chains/types'
import { type Config, requireChain, requireDbUrl } from '../config'
import { openPool, waitForDatabase } from '../db/pool'
import { messageOf } from '../errors'
import { logger, redactLogs } from '../log'
import { protocolsOf } from '../protocols/registry'
import type { BlockRef, Protocol, RawLog, RawTransaction } from '../protocols/types'
import { recordEndpoints } from '../source/endpoint-rows'
import { startSource } from '../source/start'
import type { EndpointSpec, Source, Verification } from '../source/types'
import type { BatchTx } from './batch'
import type { BlockRange, SourceBlock } from './block'
import { logFilters } from './filters'
import { handleBlocks } from './handle'
import { type KeptBlocks, keptBlocks } from './kept-blocks'
import { fetchMetadata, type MetadataJob } from './metadata'
import { rebuildStale } from './rebuild'
import { checkSameHistory, planRanges } from './resume'
import { openStore, type Store } from './store'

export interface ProcessorOptions {
  chain: ChainSpec
  databaseUrl: string
  /** JSON-RPC of the chain, one or several; WebSocket sees new heads at once. */
  endpoints?: readonly EndpointSpec[] | undefined
  /** One endpoint, for short. */
  rpcUrl?: string | undefined
  /** Whether receipts are recomputed into their blocks' roots. Default: no. */
  verify?: Verification | undefined
  /** SQD gateway of the chain's history, or a local one over a capture. */
  gatewayUrl?: string | undefined
  fromBlock: number
  toBlock?: number | undefined
  protocols?: readonly Protocol[]
  /** How long the endpoints may take until one of them can be used. Default: the source's. */
  startTimeoutMs?: number
}

const DATABASE_TIMEOUT_MS = 30_000
/** A WebSocket that brings no head for this many block times is reset. */
const SILENT_BLOCK_TIMES = 10
const SILENT_MIN_MS = 15_000

const FIELDS = {
  block: { timestamp: true },
  log: { address: true, topics: true, data: true, transactionHash: true },
  transaction: {
    hash: true,
    from: true,
    to: true,
    value: true,
    sighash: true,
    nonce: true,
    gasUsed: true,
    status: true,
    contractAddress: true,
  },
} as const

type SquidProcessor = EvmBatchProcessor<typeof FIELDS>
type SquidBlock = Parameters<Parameters<SquidProcessor['run']>[1]>[0]['blocks'][number]

/** evm-processor's block in our terms. Sentinels (-1) of fields that the source left out become undefined. */
function toSourceBlock(chainId: number, block: SquidBlock): SourceBlock {
  const { header } = block
  const ref: BlockRef = {
    chainId,
    height: header.height,
    hash: header.hash as Hex,
    parentHash: header.parentHash as Hex,
    timestampSec: Math.floor(header.timestamp / 1000),
  }
  const logs = block.logs.map(
    (log): RawLog => ({
      block: ref,
      logIndex: log.logIndex,
      txIndex: log.transactionIndex,
      txHash: log.transactionHash as Hex,
      address: log.address as Hex,
      topics: log.topics as Hex[],
      data: log.data as Hex,
    }),
  )
  const transactions = block.transactions.map(
    (tx): RawTransaction => ({
      block: ref,
      txIndex: tx.transactionIndex,
      hash: tx.hash as Hex,
      from: tx.from as Hex,
      valueWei: tx.value < 0n ? 0n : tx.value,
      // The first four bytes are all that is kept of the call data.
      input: tx.sighash as Hex,
      ...(tx.to && { to: tx.to as Hex }),
      ...(tx.contractAddress && { contractAddress: tx.contractAddress as Hex }),
      ...(tx.gasUsed >= 0n && { gasUsed: tx.gasUsed }),
      ...(tx.status >= 0 && { status: tx.status }),
      ...(tx.nonce >= 0 && { nonce: tx.nonce }),
    }),
  )
  return { ref, logs, transactions }
}

/**
 * evm-processor serves its metrics on all interfaces; here they are bound to the loopback.
 * The members are private to the pinned version, so their absence is an error rather than an open port.
 */
function bindMetricsToLoopback(processor: SquidProcessor): void {
  const getServer: unknown = Reflect.get(processor, 'getPrometheusServer')
  const server: unknown = typeof getServer === 'function' ? getServer.call(processor) : undefined
  const registry = (server as { registry?: { metrics(): Promise<string> } } | undefined)?.registry
  if (server === undefined || registry === undefined)
    throw new Error('evm-processor has no PrometheusServer to bind')
  Reflect.set(server as object, 'serve', async () => {
    const http = createServer((_, response) => {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
        (error) => response.writeHead(500).end(messageOf(error)),
      )
    })
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(0, '127.0.0.1', resolve)
    })
    const address = http.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { port, close: async () => void http.close() }
  })
}

function configure(options: ProcessorOptions, ranges: readonly BlockRange[]): SquidProcessor {
  const { chain, gatewayUrl, rpcUrl } = options
  const processor = new EvmBatchProcessor()
    .setFields(FIELDS)
    .setFinalityConfirmation(chain.finalityDepthBlocks)
  if (gatewayUrl) processor.setGateway(gatewayUrl)
  if (rpcUrl) {
    processor.setRpcEndpoint({ url: rpcUrl, requestTimeout: 30_000 })
    processor.setRpcDataIngestionSettings({
      headPollInterval: Math.max(200, Math.min(5_000, chain.blockTimeSec * 500)),
      newHeadTimeout: Math.max(SILENT_MIN_MS, SILENT_BLOCK_TIMES * chain.blockTimeSec * 1000),
      // The source leaves out logs that nobody asked for, and holds the rest against the bloom itself.
      validationFlags: { disableLogsBloomCheck: true },
    })
  }
  for (const { from, to } of ranges) {
    const range = to === undefined ? { from } : { from, to }
    for (const filter of logFilters(chain, options.protocols ?? protocolsOf(chain))) {
      processor.addLog({ ...filter, transaction: chain.transactions !== 'none', range })
    }
    if (chain.transactions === 'all') processor.addTransaction({ range })
    if (chain.blocks === 'all') processor.includeAllBlocks(range)
  }
  bindMetricsToLoopback(processor)
  return processor
}

/**
 * What evm-processor reads from: the source over the chain's endpoints, or the gateway alone where there are none.
 * A capture is a chain of its own, which no endpoint adds to.
 */
async function openSource(options: ProcessorOptions, kept: KeptBlocks): Promise<Partial<Source>> {
  const { chain, rpcUrl, gatewayUrl } = options
  const endpoints = options.endpoints ?? (rpcUrl ? [{ url: rpcUrl }] : [])
  if (endpoints.length === 0 && gatewayUrl) return { gatewayUrl }
  return startSource({
    chain,
    endpoints,
    gatewayUrl,
    filters: logFilters(chain, options.protocols ?? protocolsOf(chain)),
    verify: options.verify ?? 'none',
    handOver: kept.keep,
    startTimeoutMs: options.startTimeoutMs,
  })
}

function die(error: unknown, code: number): never {
  logger('processor').fatal(messageOf(error))
  process.exit(code)
}

/** Says on stdout, in one JSON line, that the process ended because its range is indexed. */
function announceEnd(chain: ChainSpec, progress: { height: number }): void {
  process.on('exit', (code) => {
    if (code !== 0) return
    console.log(
      JSON.stringify({ finished: true, chain: chain.name, chainId: chain.id, height: progress.height }),
    )
  })
}

/**
 * Runs the processor of a chain until its range is indexed or it fails; it ends the process either way.
 * @throws PlimsollError before anything is written: wrong chain id, another history, no database
 */
export async function startProcessor(options: ProcessorOptions): Promise<never> {
  redactLogs()
  const { chain, databaseUrl: url } = options
  const protocols = options.protocols ?? protocolsOf(chain)
  await waitForDatabase(url, DATABASE_TIMEOUT_MS)
  const kept = keptBlocks()
  const source = await openSource(options, kept)
  const client = source.rpcUrl ? chainClient(source.rpcUrl) : undefined
  const pool = openPool(url, { application: `processor-${chain.name}`, max: 4 })
  if (source.status) recordEndpoints({ pool, chain, source: { status: source.status } })
  if (client) await checkSameHistory(pool, chain, client)
  const ranges = await planRanges(options, pool)
  const onTrouble = (what: string) => logger('processor').warn(`${chain.name}: ${what}`)
  const caller = client && createCaller(client, { onTrouble })
  const storing = { url, pool, chain, protocols, ranges, caller, onLost: (error: Error) => die(error, 1) }
  const { fetchRanges } = source
  if (fetchRanges) {
    const store = openStore(storing)
    await rebuildStale({ chain, protocols, pool, store, source: { fetchRanges }, from: options.fromBlock })
  }
  const processor = configure({ ...options, rpcUrl: source.rpcUrl, gatewayUrl: source.gatewayUrl }, ranges)

  const progress = { height: -1 }
  let metadata: MetadataJob | undefined
  const store: Store = openStore({
    ...storing,
    onCommitted: ({ height, rowCount }) => {
      progress.height = height
      kept.forget(height)
      if (rowCount > 0) metadata?.poke()
    },
  })
  if (client) metadata = fetchMetadata({ chain, client, pool, store })
  announceEnd(chain, progress)
  processor.run<BatchTx>(store, (context) =>
    handleBlocks(
      context.store,
      context.blocks.map((block) => kept.find(block.header) ?? toSourceBlock(chain.id, block)),
    ),
  )
  return new Promise<never>(() => undefined)
}

/** `plimsoll processor --chain NAME`: settings from the configuration. Does not return. */
export async function runProcessor(config: Config, chainName: string): Promise<never> {
  const { spec, endpoints, gatewayUrl, verify, fromBlock, toBlock } = requireChain(config, chainName)
  return startProcessor({
    chain: spec,
    databaseUrl: requireDbUrl(config),
    endpoints,
    gatewayUrl,
    verify,
    fromBlock,
    toBlock,
  })
}
