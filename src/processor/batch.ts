/** One batch inside its transaction: what the handler gets, and the rows that say how far the chain is. */
import type { Caller } from '../chains/call-at'
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { BlockRef, Protocol } from '../protocols/types'
import type { BlockRange } from './block'
import { type Coverage, planCoverage } from './coverage'
import { loadMemory, type Memory } from './memory'
import type { HashAndHeight, Plan } from './plan'
import { rollBack } from './rollback'
import type { ChainPosition } from './writer-lock'

/** What the handler works with: one attempt at a batch, inside its transaction. */
export interface BatchTx {
  tx: PoolClient
  chain: ChainSpec
  protocols: readonly Protocol[]
  memory: Memory
  coverage: Coverage
  /** The block that the batch continues; height -1 before the first. */
  base: HashAndHeight
  /** Whether a reorg may undo this block: then its changes to state are journaled. */
  mayBeUndone(height: number): boolean
  /** Hash of a block of this batch that may be undone; undefined for others. */
  hotHash(height: number): Hex | undefined
  /** Calls contracts at past blocks; undefined without an endpoint. */
  caller: Caller | undefined
  /** Rows may stand where this batch writes: an earlier run indexed these blocks for other protocols. */
  replaces: boolean
  /** Set by the handler. */
  rowCount: number
  head: BlockRef | undefined
  /** Changes to the memory, made when the transaction has committed. */
  onCommit: Array<() => void>
}

export interface BatchOptions {
  chain: ChainSpec
  protocols: readonly Protocol[]
  /** Heights that the source is asked for. */
  ranges: readonly BlockRange[]
  /** For the prices of oracles that announce none. */
  caller?: Caller | undefined
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

export interface Outcome {
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

/**
 * Does what the plan says inside a transaction that holds the chain's row: undo, handle, cover, append.
 * @param at where the chain is, the writer's epoch, and its memory if it has one; that of another batch is not used
 */
export async function runBatch(
  tx: PoolClient,
  at: { position: ChainPosition; top: readonly HashAndHeight[]; epoch: number; memory: Memory | undefined },
  options: BatchOptions,
  plan: Plan,
): Promise<{ batch: BatchTx; outcome: Outcome }> {
  const { chain, protocols } = options
  const { position, top, memory, epoch } = at
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
    mayBeUndone: (height) => height > plan.finalized.height,
    hotHash: (height) => plan.hotBlocks.find((block) => block.height === height)?.hash as Hex | undefined,
    caller: options.caller,
    replaces: false,
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
