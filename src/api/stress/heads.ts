/** The blocks that a request means, with their hashes. */
import type { Pool } from '../../db/pool'
import type { AsOfChains } from '../../systemic/book'
import { poolRows } from '../context'
import { badArgument, type ChainBlock } from './request'

interface Head {
  chainId: number
  headHeight: number
  firstHeight: number | null
  height: number | null
  hash: string | null
  timestampSec: number | null
}

/**
 * The newest stored block at or below each height, of every indexed chain where none is named. Throws BAD_USER_INPUT for a
 * chain that is not indexed, and for a height before the first block or beyond the newest.
 */
export async function readAsOf(
  pool: Pool,
  asked: readonly ChainBlock[] | null | undefined,
): Promise<AsOfChains> {
  if (asked?.length === 0) throw badArgument('block is empty: leave it out for the newest of every chain')
  const twice = asked?.find(({ chainId }, i) => asked.findIndex((one) => one.chainId === chainId) < i)
  if (twice !== undefined) throw badArgument(`block names chain ${twice.chainId} twice`)
  const heads = await poolRows<Head>(pool, 'stress-heads', [
    asked?.map(({ chainId }) => chainId) ?? null,
    asked?.map(({ height }) => (height === undefined || height === null ? null : String(height))) ?? null,
  ])
  for (const one of asked ?? []) checkBlock(one, heads)
  const found = heads.flatMap(({ chainId, height, hash, timestampSec }) =>
    height === null || hash === null || timestampSec === null
      ? []
      : [[String(chainId), { height, hash, timestampSec }] as const],
  )
  if (found.length === 0) throw badArgument('no chain has been indexed yet')
  return Object.fromEntries(found)
}

function checkBlock({ chainId, height }: ChainBlock, heads: readonly Head[]): void {
  const head = heads.find((one) => one.chainId === chainId)
  if (head === undefined || head.firstHeight === null) throw badArgument(`chain ${chainId} is not indexed`)
  if (height === undefined || height === null) return
  if (height > head.headHeight)
    throw badArgument(
      `block ${height} of chain ${chainId} is not indexed yet; the newest is ${head.headHeight}`,
    )
  if (head.hash === null)
    throw badArgument(
      `block ${height} of chain ${chainId} lies before the first one indexed, ${head.firstHeight}`,
    )
}
