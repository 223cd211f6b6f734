/**
 * One writer a chain. The advisory lock keeps a second processor waiting; the epoch fences out one that lost the lock
 * without noticing (its connection died while it computed): every transaction locks the chain's row and looks whether
 * the epoch is still its own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainSpec } from '../chains/types'
import { openClient, type Pool, type PoolClient } from '../db/pool'
import { PlimsollError } from '../errors'
import { logger } from '../log'

const POLL_MS = 200

export interface WriterLock {
  release(): Promise<void>
}

/**
 * Takes the chain's advisory lock on a connection of its own.
 * @param options.onLost called once when that connection is lost afterwards
 * @throws PlimsollError when another processor holds the lock for all of `timeoutMs`
 */
export async function takeWriterLock(options: {
  url: string
  chain: ChainSpec
  timeoutMs: number
  onLost: (error: PlimsollError) => void
}): Promise<WriterLock> {
  const { chain } = options
  const client = openClient(options.url, { application: `writer-${chain.name}` })
  let releasing = false
  let lost = false
  const onLost = (reason?: Error): void => {
    if (releasing || lost) return
    lost = true
    options.onLost(
      new PlimsollError(`the connection that holds the writer lock of ${chain.name} was lost`, {
        details: reason ? [reason.message] : [],
        hint: 'the processor stops; started again, it resumes at the last committed batch',
      }),
    )
  }
  client.on('error', onLost)
  client.on('end', () => onLost())
  await client.connect()
  const release = async (): Promise<void> => {
    releasing = true
    await client.end().catch(() => undefined)
  }
  const deadline = Date.now() + options.timeoutMs
  for (let waiting = false; ; waiting = true) {
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended('plimsoll_writer', $1)) AS taken`,
      [chain.id],
    )
    if (rows[0]?.taken) return { release }
    if (Date.now() > deadline) {
      await release()
      throw new PlimsollError(`another processor is writing chain ${chain.name}`, {
        hint: 'stop it first; a chain has one writer',
      })
    }
    if (!waiting) logger('processor').info(`waiting for the writer lock of ${chain.name}`)
    await sleep(POLL_MS)
  }
}

/** Starts a new epoch of the chain and returns it; makes the chain's row at the first start. */
export async function beginEpoch(pool: Pool, chain: ChainSpec): Promise<number> {
  const { rows } = await pool.query<{ epoch: string }>(
    `WITH row AS (
       INSERT INTO chain (id, chain_id, name, head_height, head_hash, head_timestamp, finalized_height,
                          finalized_hash, updated_at)
       VALUES ($1, $2, $3, -1, '0x', to_timestamp(0), -1, '0x', clock_timestamp())
       ON CONFLICT (id) DO NOTHING)
     INSERT INTO chain_writer (chain_id, epoch) VALUES ($2, 1)
     ON CONFLICT (chain_id) DO UPDATE SET epoch = chain_writer.epoch + 1
     RETURNING epoch`,
    [String(chain.id), chain.id, chain.name],
  )
  return Number(rows[0]?.epoch)
}

export interface ChainPosition {
  headHeight: number
  headHash: string
  headTimestampSec: number
  finalizedHeight: number
  finalizedHash: string
  /** Number of the last committed batch; 0 before the first. */
  seq: number
}

/**
 * Locks the chain's row for this transaction and reads how far it is.
 * @throws PlimsollError when a newer writer has taken over
 */
export async function lockChain(tx: PoolClient, chain: ChainSpec, epoch: number): Promise<ChainPosition> {
  const { rows } = await tx.query(
    `SELECT c.*, w.epoch, extract(epoch FROM c.head_timestamp)::bigint AS head_sec,
            (SELECT coalesce(max(seq), 0) FROM batch b WHERE b.chain_id = c.chain_id) AS seq
     FROM chain c JOIN chain_writer w USING (chain_id) WHERE c.id = $1 FOR UPDATE OF c FOR SHARE OF w`,
    [String(chain.id)],
  )
  const row = rows[0]
  if (row === undefined)
    throw new PlimsollError(`chain ${chain.name} has no row: it was removed under the processor`)
  if (Number(row.epoch) !== epoch) {
    throw new PlimsollError(`fenced out: another processor took over chain ${chain.name}`, {
      details: [`own epoch ${epoch}, now ${row.epoch}`],
      hint: 'this processor stops; nothing of its current batch was written',
    })
  }
  return {
    headHeight: Number(row.head_height),
    headHash: row.head_hash,
    headTimestampSec: Number(row.head_sec),
    finalizedHeight: Number(row.finalized_height),
    finalizedHash: row.finalized_hash,
    seq: Number(row.seq),
  }
}
