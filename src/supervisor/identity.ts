/** Whether a local chain is still the one that was indexed: its state file may be older than the database, or gone. */
import { openPool } from '../db/pool'
import type { LocalWorld } from './worlds'

const RPC_TIMEOUT_MS = 10_000

/** True when the chain lacks the block that the database holds to be final. False when nothing was indexed. */
export async function indexedChainIsGone(dbUrl: string, world: LocalWorld): Promise<boolean> {
  const pool = openPool(dbUrl, { application: 'identity', max: 1 })
  try {
    const { rows } = await pool.query<{ finalized_height: string; finalized_hash: string }>(
      'SELECT finalized_height, finalized_hash FROM chain WHERE name = $1',
      [world.chainName],
    )
    const final = rows[0]
    if (!final || Number(final.finalized_height) < 0) return false
    return (await blockHash(world.rpcUrl, Number(final.finalized_height))) !== final.finalized_hash
  } finally {
    await pool.end()
  }
}

/** Hash of a block of a local node, which answers HTTP on its WebSocket port; undefined when it has no such block. */
async function blockHash(rpcUrl: string, height: number): Promise<string | undefined> {
  const response = await fetch(rpcUrl.replace(/^ws/, 'http'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'eth_getBlockByNumber',
      params: [`0x${height.toString(16)}`, false],
    }),
    signal: AbortSignal.timeout(RPC_TIMEOUT_MS),
  })
  const body = (await response.json()) as { result?: { hash: string } | null }
  return body.result?.hash
}
