/** Drives a store as evm-processor does, without it: finalized batches, hot updates, forks. */

import type { BatchTx } from '../../src/processor/batch'
import type { SourceBlock } from '../../src/processor/block'
import { handleBlocks } from '../../src/processor/handle'
import { openStore, type Store, type StoreOptions } from '../../src/processor/store'
import { PROTOCOLS } from '../../src/protocols/registry'
import { MADE_CHAIN } from './chain-maker'
import type { TestDatabase } from './database'

export type Handler = (batch: BatchTx, blocks: readonly SourceBlock[]) => Promise<void>

export function openTestStore(db: TestDatabase, options: Partial<StoreOptions> = {}): Store {
  return openStore({
    url: db.url,
    pool: db.pool,
    chain: MADE_CHAIN,
    protocols: Object.values(PROTOCOLS),
    ranges: [{ from: 0, to: undefined }],
    lockTimeoutMs: 5_000,
    onLost: () => undefined,
    ...options,
  })
}

const headOf = (block: SourceBlock | undefined) =>
  block ? { height: block.ref.height, hash: block.ref.hash } : { height: -1, hash: '0x' }

/** Commits blocks (heights ascending) as final, after the chain's `done` blocks. */
export async function commitFinal(
  store: Store,
  chain: readonly SourceBlock[],
  range: { after: number; to: number },
  handle: Handler = handleBlocks,
): Promise<void> {
  const blocks = chain.slice(range.after + 1, range.to + 1)
  await store.transact(
    { prevHead: headOf(chain[range.after]), nextHead: headOf(chain[range.to]), isOnTop: false },
    (batch) => handle(batch, blocks),
  )
}

/** Moves the head to `chain[to]` with `base` the last common height, finality 12 blocks behind (or as given). */
export async function commitHot(
  store: Store,
  chain: readonly SourceBlock[],
  range: { base: number; to: number; finalized?: number },
  handle: Handler = handleBlocks,
): Promise<void> {
  const newBlocks = chain.slice(range.base + 1, range.to + 1)
  const finalized = range.finalized ?? Math.max(0, range.to - MADE_CHAIN.finalityDepthBlocks)
  await store.transactHot2(
    {
      finalizedHead: headOf(chain[finalized]),
      baseHead: headOf(chain[range.base]),
      newBlocks: newBlocks.map(headOf),
    },
    (batch, start, end) => handle(batch, newBlocks.slice(start, end)),
  )
}
