/**
 * What evm-processor asks of the store, checked against the committed chain: which blocks are undone, which are final,
 * which stay hot.
 */
import { PlimsollError } from '../errors'
import type { BatchTx } from './batch'

export interface HashAndHeight {
  height: number
  hash: string
}

export interface FinalTxInfo {
  prevHead: HashAndHeight
  nextHead: HashAndHeight
  isOnTop: boolean
}

export interface HotTxInfo {
  finalizedHead: HashAndHeight
  baseHead: HashAndHeight
  newBlocks: HashAndHeight[]
}

/** What one transaction is to do. */
export interface Plan {
  /** Last height of the batch, as committed. */
  next: HashAndHeight
  finalized: HashAndHeight
  /** The block that the batch continues; what stands above it is undone first. */
  base: HashAndHeight
  hotBlocks: readonly HashAndHeight[]
  run: (batch: BatchTx) => Promise<void>
}

/** The committed chain is not what the caller takes it to be. */
export function moved(what: string): PlimsollError {
  return new PlimsollError(`the database is not where the processor left it: ${what}`, {
    hint: 'another writer changed it; the processor stops and resumes from the committed state when started again',
  })
}

/** Checks a hot update against the committed chain, as evm-processor's own stores do, and says what to do. */
export function planHot(
  info: HotTxInfo,
  chain: readonly HashAndHeight[],
): Omit<Plan, 'run'> & { finalCount: number } {
  const { baseHead, newBlocks, finalizedHead } = info
  const base = chain.findIndex((block) => block.hash === baseHead.hash && block.height === baseHead.height)
  if (base < 0) throw moved(`block ${baseHead.height} ${baseHead.hash} is neither final nor hot`)
  newBlocks.forEach((block, i) => {
    if (block.height !== baseHead.height + 1 + i)
      throw moved(`block ${block.height} does not follow its parent`)
  })
  const next = newBlocks.at(-1) ?? baseHead
  const resulting = [...chain.slice(0, base + 1), ...newBlocks]
  const oldest = chain[0] as HashAndHeight
  const final = resulting[finalizedHead.height - oldest.height]
  if (final === undefined || final.hash !== finalizedHead.hash) {
    throw moved(`finalized block ${finalizedHead.height} ${finalizedHead.hash} is not on the chain`)
  }
  const hotBlocks = newBlocks.filter((block) => block.height > finalizedHead.height)
  return {
    next,
    finalized: finalizedHead,
    base: baseHead,
    hotBlocks,
    finalCount: newBlocks.length - hotBlocks.length,
  }
}
