/** `plimsoll backfill`: the history of one chain, then it ends. */
import { createCaller } from '../chains/call-at'
import { chainClient } from '../chains/client'
import { type Config, requireChain, requireDbUrl } from '../config'
import { openPool, waitForDatabase } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { logger, redactLogs } from '../log'
import { protocolsOf } from '../protocols/registry'
import { startSource } from '../source/start'
import { backfill } from './backfill'
import { logFilters } from './filters'
import { rebuildStale } from './rebuild'
import { openStore, type Store, type StoreOptions } from './store'

const DATABASE_TIMEOUT_MS = 30_000

/**
 * Indexes blocks [from, to] of a chain as far as they are missing, protocols that were added since included.
 * @throws PlimsollError as `backfill` and `startSource` do; exit code 2 where the chain has no RPC endpoint
 */
export async function runBackfill(
  config: Config,
  options: { chain: string; from?: number; to?: number },
): Promise<void> {
  redactLogs()
  const { spec: chain, endpoints, gatewayUrl, verify, fromBlock } = requireChain(config, options.chain)
  if (endpoints.length === 0) {
    throw new PlimsollError(`a backfill of ${chain.name} needs an RPC endpoint`, {
      hint: `set PLIMSOLL_${chain.name.toUpperCase()}_RPC`,
      exitCode: 2,
    })
  }
  const url = requireDbUrl(config)
  await waitForDatabase(url, DATABASE_TIMEOUT_MS)
  const protocols = protocolsOf(chain)
  const pool = openPool(url, { application: `backfill-${chain.name}`, max: 2 })
  const source = await startSource({
    ...{ chain, endpoints, gatewayUrl, verify },
    filters: logFilters(chain, protocols),
  })
  const from = options.from ?? fromBlock
  const ranges = [{ from, to: options.to }]
  const client = source.rpcUrl === undefined ? undefined : chainClient(source.rpcUrl)
  const onTrouble = (what: string) => logger(`backfill:${chain.name}`).warn(what)
  const caller = client && createCaller(client, { onTrouble })
  const open = () => openWriter({ url, pool, chain, protocols, ranges, caller })
  try {
    await rebuildStale({ chain, protocols, pool, source, from, store: open() })
    const store = open()
    try {
      const { done } = await backfill({ chain, protocols, pool, source, ranges, store, from, to: options.to })
      if (done === undefined) logger(`backfill:${chain.name}`).info('nothing is missing')
      console.log(JSON.stringify({ finished: true, chain: chain.name, chainId: chain.id, ...done }))
    } finally {
      await store.close()
    }
  } finally {
    await source.close()
    await pool.end()
  }
}

function openWriter(options: Omit<StoreOptions, 'onLost'>): Store {
  return openStore({
    ...options,
    onLost(error) {
      logger(`backfill:${options.chain.name}`).fatal(messageOf(error))
      process.exit(1)
    },
  })
}
