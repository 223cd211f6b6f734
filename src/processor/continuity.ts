/**
 * Blocks must continue the committed chain and one another. A source that mixes nodes, skips a block or lies about a
 * parent is stopped here, before anything of the batch is written.
 */
import { PlimsollError } from '../errors'
import type { BlockRef } from '../protocols/types'
import type { BatchTx } from './batch'

/** A source that took a block from its logs alone has checked the chain by other means and does not know the parent. */
export const UNKNOWN_PARENT = '0x'

/**
 * Checks heights and parents of a batch.
 * @throws PlimsollError when blocks do not ascend, do not link, or one is missing where every block was asked for
 */
export function checkContinuity(
  batch: Pick<BatchTx, 'chain' | 'base' | 'coverage'>,
  blocks: readonly BlockRef[],
): void {
  const { chain, base, coverage } = batch
  const fault = (height: number, what: string): PlimsollError =>
    new PlimsollError(
      `the source of ${chain.name} gave a chain that does not hold together: block ${height} ${what}`,
      {
        hint: 'nothing of the batch was written; a restart asks again',
      },
    )
  let previous: { height: number; hash: string } = base
  for (const ref of blocks) {
    const { height, hash } = previous
    if (ref.height <= height) throw fault(ref.height, `follows block ${height}`)
    const isLinked = ref.parentHash === hash || ref.parentHash === UNKNOWN_PARENT
    if (ref.height === height + 1 && height >= 0 && !isLinked) {
      throw fault(ref.height, `names parent ${ref.parentHash}, but block ${height} is ${hash}`)
    }
    const isGap = ref.height > height + 1 && !coverage.spans.some((span) => span.from === ref.height)
    if (isGap && chain.blocks === 'all')
      throw fault(ref.height, `follows block ${height}, though every block was asked for`)
    previous = ref
  }
}
