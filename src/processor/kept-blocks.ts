/**
 * Blocks on their way from the source to the handler, beside evm-processor.
 *
 * evm-processor keeps the order, the forks and the finality; it need not carry, copy and check every log, which is what
 * costs (see docs/performance.md). Of final history it is given headers only; the handler finds the block here, by height
 * and hash. Blocks stay until they are committed, so that a transaction can be tried again.
 */
import type { SourceBlock } from './block'

export interface KeptBlocks {
  keep(blocks: readonly SourceBlock[]): void
  /** The block that this header is of, if it was kept. */
  find(header: { height: number; hash: string }): SourceBlock | undefined
  /** Forgets what is committed. */
  forget(height: number): void
}

export function keptBlocks(): KeptBlocks {
  const kept = new Map<number, SourceBlock>()
  return {
    keep(blocks) {
      for (const block of blocks) kept.set(block.ref.height, block)
    },
    find({ height, hash }) {
      const block = kept.get(height)
      return block?.ref.hash === hash ? block : undefined
    },
    forget(height) {
      for (const known of kept.keys()) if (known <= height) kept.delete(known)
    },
  }
}
