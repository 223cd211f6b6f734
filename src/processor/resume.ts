/** Before a processor begins: is the database's chain the endpoint's chain, and which blocks are to be asked for? */
import { blockHashAt, type ChainClient, failureOf } from '../chains/client'
import type { ChainSpec } from '../chains/types'
import type { Pool } from '../db/pool'
import { PlimsollError } from '../errors'
import { captureInfo } from '../source/gateway-client'
import type { BlockRange } from './block'

/** The finalized block in the database must be on the chain: a local chain may have been started anew. */
export async function checkSameHistory(pool: Pool, chain: ChainSpec, client: ChainClient): Promise<void> {
  const { rows } = await pool.query(
    'SELECT finalized_height AS height, finalized_hash AS hash FROM chain WHERE id = $1',
    [String(chain.id)],
  )
  const known = rows[0]
  if (known === undefined || Number(known.height) < 0) return
  const hash = await blockHashAt(client, Number(known.height)).catch((error: unknown) => {
    // An endpoint that fails to answer says nothing about its chain: that is a reason to try again.
    throw new PlimsollError(
      `the RPC endpoint of ${chain.name} does not say what block ${known.height} is: ${failureOf(error)}`,
    )
  })
  if (hash === known.hash) return
  throw new PlimsollError(
    `the database holds block ${known.height} of ${chain.name} as final, but the endpoint's chain does not`,
    {
      details: [`in the database ${known.hash}`, `at the endpoint ${hash ?? '(no such block)'}`],
      hint: 'the chain was reset or forked deeper than its finality; use a fresh database (`plimsoll reset`)',
      exitCode: 2,
    },
  )
}

/** What to ask for: the configured range, or the runs of consecutive blocks of a local capture. */
export async function planRanges(
  options: {
    chain: ChainSpec
    gatewayUrl?: string | undefined
    fromBlock: number
    toBlock?: number | undefined
  },
  pool: Pool,
): Promise<BlockRange[]> {
  const { chain, gatewayUrl, fromBlock, toBlock } = options
  const capture = gatewayUrl === undefined ? undefined : await captureInfo(gatewayUrl)
  if (capture === undefined) return [{ from: fromBlock, to: toBlock }]
  if (capture.chainId !== chain.id) {
    throw new PlimsollError(`the capture holds chain ${capture.chainId}, not ${chain.name} (${chain.id})`, {
      exitCode: 2,
    })
  }
  const { rows } = await pool.query('SELECT finalized_height FROM chain WHERE id = $1', [String(chain.id)])
  const height = Number(rows[0]?.finalized_height ?? -1)
  const continues = capture.ranges.some(({ from, to }) => from - 1 <= height && height <= to)
  if (height >= 0 && !continues) {
    throw new PlimsollError(
      `the database holds ${chain.name} up to block ${height}, which is not in the capture`,
      {
        hint: 'replay a capture into a fresh database',
        exitCode: 2,
      },
    )
  }
  return capture.ranges
}
