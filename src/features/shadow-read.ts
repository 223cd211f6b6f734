/**
 * Past days of a chain for a shadow run: its book at the end of each, and the prices that came by the next. A chain younger
 * than the days asked for is cut into as many equal parts, so that a local world of an hour has days of minutes.
 */
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { Book } from '../systemic/book'
import { badInput } from '../systemic/network'
import type { ShadowDay } from '../systemic/recommend/shadow'
import { blockAt } from './blocks'
import { readBook } from './book-read'

export const MAX_SHADOW_DAYS = 90
const DAY_SEC = 86_400
/** Heights whose times are looked up at once; days end within a thousandth of the whole of where they should. */
const GRID = 1_024

/** Oldest first; empty where the chain has no two blocks at or below `height`. One book is held for each day. */
export async function readShadowDays(
  pool: Pool,
  { chain, days, height }: { chain: ChainSpec; days: number; height: number },
): Promise<ShadowDay[]> {
  if (!Number.isInteger(days) || days < 1 || days > MAX_SHADOW_DAYS)
    throw badInput(`days is ${days}: give a whole number from 1 to ${MAX_SHADOW_DAYS}`)
  const heights = await inTransaction(pool, (tx) => dayHeights(tx, { chainId: chain.id, days, height }))
  const books: Book[] = []
  for (const at of heights) books.push(await readBook(pool, [{ chain, height: at }]))
  return books.slice(1).map((next, k) => ({
    book: books[k]!,
    nextPricesUsd: new Map(next.assets.map(({ id, priceUsd }) => [id, priceUsd])),
  }))
}

/** Heights at which the days begin and the last one ends, ascending, each once. */
async function dayHeights(
  tx: PoolClient,
  { chainId, days, height }: { chainId: number; days: number; height: number },
): Promise<number[]> {
  const head = await blockAt(tx, chainId, height)
  if (head === undefined) return []
  const coarse = await timesBetween(tx, chainId, 0, head.height)
  const firstSec = coarse[0]?.timestampSec ?? head.timestampSec
  const stepSec = Math.min(DAY_SEC, (head.timestampSec - firstSec) / days)
  const fromSec = head.timestampSec - days * stepSec
  const from = coarse.filter(({ timestampSec }) => timestampSec <= fromSec).at(-1)?.height ?? 0
  const fine = await timesBetween(tx, chainId, from, head.height)
  const heights = new Set<number>()
  for (let k = 0; k <= days; k++) {
    const endSec = fromSec + k * stepSec
    const found = fine.filter(({ timestampSec }) => timestampSec <= endSec + 1e-6).at(-1)
    if (found !== undefined) heights.add(found.height)
  }
  return [...heights].sort((a, b) => a - b)
}

async function timesBetween(
  tx: PoolClient,
  chainId: number,
  from: number,
  to: number,
): Promise<{ height: number; timestampSec: number }[]> {
  const count = Math.min(GRID, to - from + 1)
  const heights = Array.from({ length: count }, (_, k) =>
    Math.round(from + ((to - from) * k) / Math.max(1, count - 1)),
  )
  const { rows } = await tx.query<{ height: string; timestamp_sec: string }>(sql('features-block-times'), [
    chainId,
    heights,
  ])
  return rows
    .map((row) => ({ height: Number(row.height), timestampSec: Number(row.timestamp_sec) }))
    .sort((a, b) => a.height - b.height)
}
