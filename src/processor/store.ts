/**
 * The database as evm-processor sees it: an implementation of its HotDatabase interface over plain SQL.
 *
 * Each call is one REPEATABLE READ transaction that checks the writer's epoch, undoes orphaned blocks, runs the
 * handler, extends the coverage, and appends the `batch` row that consumers follow. Nothing is committed in part, so a
 * processor killed at any moment resumes where the last batch ended.
 *
 * Hot blocks (above the finalized one) leave a `hot_block` row and old images in the journal; both go once the block
 * is final.
 */

import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import type { PlimsollError } from '../errors'
import type { BlockRef, Protocol } from '../protocols/types'
import type { BlockRange } from './block'
import { type Coverage, planCoverage } from './coverage'
import { loadMemory, type Memory } from './memory'
import { type FinalTxInfo, type HashAndHeight, type HotTxInfo, moved, type Plan, planHot } from './plan'
import { rollBack } from './rollback'
import { beginEpoch, type ChainPosition, lockChain, takeWriterLock, type WriterLock } from './writer-lock'

/** What the handler works with: one attempt at a batch, inside its transaction. */
export interface BatchTx {
  tx: PoolClient
  chain: ChainSpec
  protocols: readonly Protocol[]
  memory: Memory
  coverage: Coverage
  /** The block that the batch continues; height -1 before the first. */
  base: HashAndHeight
  /** Blocks above this height may be undone: their changes are journaled. */
  finalizedHeight: number
  /** Set by the handler. */
  rowCount: number
  head: BlockRef | undefined
  /** Changes to the memory, made when the transaction has committed. */
  onCommit: Array<() => void>
}

export interface StoreOptions {
  url: string
  pool: Pool
  chain: ChainSpec
  protocols: readonly Protocol[]
  /** Heights that the source is asked for. */
  ranges: readonly BlockRange[]
  /** How long to wait for another processor of this chain to end. */
  lockTimeoutMs?: number
  /** The writer lock was lost; the process must end. */
  onLost: (error: PlimsollError) => void
  /** Called after each commit. */
  onCommitted?: (position: { height: number; rowCount: number; rolledBackTo: number | undefined }) => void
}

/** Structurally evm-processor's HotDatabase<BatchTx>. */
export interface Store {
  supportsHotBlocks: true
  connect(): Promise<HashAndHeight & { top: HashAndHeight[] }>
  transact(info: FinalTxInfo, cb: (store: BatchTx) => Promise<void>): Promise<void>
  transactHot(info: HotTxInfo, cb: (store: BatchTx, block: HashAndHeight) => Promise<void>): Promise<void>
  transactHot2(
    info: HotTxInfo,
    cb: (store: BatchTx, sliceStart: number, sliceEnd: number) => Promise<void>,
  ): Promise<void>
  /** Runs `work` in a fenced transaction between batches, for what is not bound to a block. */
  aside<T>(work: (tx: PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const LOCK_TIMEOUT_MS = 30_000

async function readHotBlocks(tx: PoolClient | Pool, chainId: number): Promise<HashAndHeight[]> {
  const { rows } = await tx.query('SELECT height, hash FROM hot_block WHERE chain_id = $1 ORDER BY height', [
    chainId,
  ])
  return rows.map((row) => ({ height: Number(row.height), hash: row.hash }))
}

async function insertHotBlocks(
  tx: PoolClient,
  chainId: number,
  blocks: readonly HashAndHeight[],
): Promise<void> {
  if (blocks.length === 0) return
  await tx.query(
    'INSERT INTO hot_block (chain_id, height, hash) SELECT $1, h, x FROM unnest($2::bigint[], $3::text[]) AS b (h, x)',
    [chainId, blocks.map((block) => block.height), blocks.map((block) => block.hash)],
  )
}

async function forgetFinal(tx: PoolClient, chainId: number, height: number): Promise<void> {
  await tx.query('DELETE FROM hot_block WHERE chain_id = $1 AND height <= $2', [chainId, height])
  await tx.query('DELETE FROM journal WHERE chain_id = $1 AND height <= $2', [chainId, height])
}

/** Time of a block that has a row, in seconds. */
async function blockTime(tx: PoolClient, chainId: number, height: number): Promise<number | undefined> {
  const { rows } = await tx.query(
    'SELECT extract(epoch FROM "timestamp")::bigint AS sec FROM block WHERE chain_id = $1 AND height = $2',
    [chainId, height],
  )
  return rows[0] && Number(rows[0].sec)
}

interface Outcome {
  from: number
  plan: Plan
  rolledBackTo: number | undefined
  rowCount: number
  headTimestampSec: number
}

async function appendBatch(
  tx: PoolClient,
  chain: ChainSpec,
  at: { seq: number; epoch: number },
  outcome: Outcome,
): Promise<void> {
  const { plan } = outcome
  await tx.query(
    `INSERT INTO batch (id, chain_id, seq, epoch, from_height, to_height, head_hash, finalized_height, rollback_to,
                        row_count)
     VALUES ($1::bigint || ':' || $2::bigint, $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      chain.id,
      at.seq,
      at.epoch,
      outcome.from,
      plan.next.height,
      plan.next.hash,
      plan.finalized.height,
      outcome.rolledBackTo ?? null,
      outcome.rowCount,
    ],
  )
  await tx.query(
    `UPDATE chain SET head_height = $2, head_hash = $3, head_timestamp = to_timestamp($4), finalized_height = $5,
                      finalized_hash = $6, updated_at = clock_timestamp()
     WHERE id = $1`,
    [
      String(chain.id),
      plan.next.height,
      plan.next.hash,
      outcome.headTimestampSec,
      plan.finalized.height,
      plan.finalized.hash,
    ],
  )
}

/** Opens the store of one chain. Nothing is written before `connect`. */
export function openStore(options: StoreOptions): Store {
  const { chain, pool, protocols } = options
  let lock: WriterLock | undefined
  let epoch = 0
  let memory: Memory | undefined
  let queue: Promise<unknown> = Promise.resolve()

  /** One transaction at a time. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  async function attempt(
    tx: PoolClient,
    position: ChainPosition,
    top: readonly HashAndHeight[],
    plan: Plan,
  ): Promise<{ batch: BatchTx; outcome: Outcome }> {
    const rolledBackTo = (top.at(-1)?.height ?? -1) > plan.base.height ? plan.base.height : undefined
    if (rolledBackTo !== undefined) await rollBack(tx, chain.id, rolledBackTo)
    const usable = rolledBackTo === undefined && memory?.seq === position.seq
    const batch: BatchTx = {
      tx,
      chain,
      protocols,
      memory: usable && memory ? memory : await loadMemory(tx, chain, protocols, position.seq),
      coverage: await planCoverage(tx, {
        chainId: chain.id,
        protocols,
        ranges: options.ranges,
        batch: { from: plan.base.height + 1, to: plan.next.height },
      }),
      base: plan.base,
      finalizedHeight: plan.finalized.height,
      rowCount: 0,
      head: undefined,
      onCommit: [],
    }
    await plan.run(batch)
    await batch.coverage.extend(tx)
    await insertHotBlocks(tx, chain.id, plan.hotBlocks)
    await forgetFinal(tx, chain.id, plan.finalized.height)
    const outcome: Outcome = {
      from: Math.max(plan.base.height + 1, batch.coverage.spans[0]?.from ?? 0),
      plan,
      rolledBackTo,
      rowCount: batch.rowCount,
      headTimestampSec:
        batch.head?.timestampSec ??
        (await blockTime(tx, chain.id, plan.next.height)) ??
        position.headTimestampSec,
    }
    await appendBatch(tx, chain, { seq: position.seq + 1, epoch }, outcome)
    return { batch, outcome }
  }

  function submit(makePlan: (position: ChainPosition, top: readonly HashAndHeight[]) => Plan): Promise<void> {
    return exclusive(async () => {
      const { batch, outcome } = await inTransaction(pool, async (tx) => {
        const position = await lockChain(tx, chain, epoch)
        const top = await readHotBlocks(tx, chain.id)
        return attempt(tx, position, top, makePlan(position, top))
      })
      for (const change of batch.onCommit) change()
      memory = batch.memory
      memory.seq += 1
      options.onCommitted?.({
        height: outcome.plan.next.height,
        rowCount: outcome.rowCount,
        rolledBackTo: outcome.rolledBackTo,
      })
    })
  }

  async function transactHot2(
    info: HotTxInfo,
    cb: (store: BatchTx, sliceStart: number, sliceEnd: number) => Promise<void>,
  ): Promise<void> {
    await submit((position, top) => {
      const plan = planHot(info, [{ height: position.finalizedHeight, hash: position.finalizedHash }, ...top])
      return {
        ...plan,
        run: async (batch) => {
          if (info.newBlocks.length > 0) await cb(batch, 0, info.newBlocks.length)
        },
      }
    })
  }

  return {
    supportsHotBlocks: true,
    async connect() {
      lock = await takeWriterLock({
        url: options.url,
        chain,
        timeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
        onLost: options.onLost,
      })
      epoch = await beginEpoch(pool, chain)
      memory = undefined
      const { rows } = await pool.query('SELECT finalized_height, finalized_hash FROM chain WHERE id = $1', [
        String(chain.id),
      ])
      const top = await readHotBlocks(pool, chain.id)
      return { height: Number(rows[0].finalized_height), hash: rows[0].finalized_hash, top }
    },
    async transact(info, cb) {
      await submit((position) => {
        const { prevHead, nextHead } = info
        if (position.finalizedHash !== prevHead.hash || position.finalizedHeight !== prevHead.height) {
          throw moved(`finalized block ${position.finalizedHeight}, expected ${prevHead.height}`)
        }
        if (nextHead.height <= prevHead.height) throw moved(`block ${nextHead.height} was committed before`)
        return { next: nextHead, finalized: nextHead, base: prevHead, hotBlocks: [], run: cb }
      })
    },
    transactHot2,
    transactHot(info, cb) {
      return transactHot2(info, async (store, start, end) => {
        for (const block of info.newBlocks.slice(start, end)) await cb(store, block)
      })
    },
    aside(work) {
      return exclusive(() =>
        inTransaction(pool, async (tx) => {
          await lockChain(tx, chain, epoch)
          return work(tx)
        }),
      )
    },
    async close() {
      await queue
      await lock?.release()
    },
  }
}
