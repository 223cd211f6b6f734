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
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import type { PlimsollError } from '../errors'
import { type BatchOptions, type BatchTx, runBatch } from './batch'
import type { Memory } from './memory'
import { type FinalTxInfo, type HashAndHeight, type HotTxInfo, moved, type Plan, planHot } from './plan'
import { readerIndexes } from './reader-indexes'
import { beginEpoch, type ChainPosition, lockChain, takeWriterLock, type WriterLock } from './writer-lock'

export interface StoreOptions extends BatchOptions {
  url: string
  pool: Pool
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

/** Opens the store of one chain. Nothing is written before `connect`. */
export function openStore(options: StoreOptions): Store {
  const { chain, pool } = options
  let lock: WriterLock | undefined
  let epoch = 0
  let memory: Memory | undefined
  const indexes = readerIndexes(pool, chain)
  let queue: Promise<unknown> = Promise.resolve()

  /** One transaction at a time. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  /** Whether nothing is left to ask for above this height. */
  const endsAt = (height: number): boolean => {
    const { to } = options.ranges.at(-1) ?? { to: undefined }
    return to !== undefined && height >= to
  }

  function submit(makePlan: (position: ChainPosition, top: readonly HashAndHeight[]) => Plan): Promise<void> {
    return exclusive(async () => {
      const { batch, outcome } = await inTransaction(pool, async (tx) => {
        const position = await lockChain(tx, chain, epoch)
        const top = await readHotBlocks(tx, chain.id)
        return runBatch(tx, { position, top, epoch, memory }, options, makePlan(position, top))
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
    await indexes.want()
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
      if (endsAt(info.nextHead.height)) await indexes.finish()
      else if (info.isOnTop) await indexes.want()
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
      await indexes.settled()
      await lock?.release()
    },
  }
}
