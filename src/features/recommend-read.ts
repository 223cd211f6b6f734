/** What recommendations read beside the book: the present curves of its markets, and past days for the shadow run. */
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool } from '../db/pool'
import type { Book } from '../systemic/book'
import type { RecommendContext } from '../systemic/recommend/run'
import type { ShadowDay } from '../systemic/recommend/shadow'
import type { RateCurve } from '../systemic/recommend/types'
import { readCurves } from './curve-read'
import { readShadowDays } from './shadow-read'

/** Of the given chains, at the book's own blocks. `days` 0: no shadow run. */
export async function readRecommendContext(
  pool: Pool,
  { book, chains, days }: { book: Book; chains: readonly ChainSpec[]; days: number },
): Promise<Required<Pick<RecommendContext, 'curves' | 'days'>>> {
  const curves = new Map<string, RateCurve>()
  const past = new Map<number, readonly ShadowDay[]>()
  for (const chain of chains) {
    const height = book.asOf[chain.id]?.height
    if (height === undefined) continue
    const own = await inTransaction(pool, (tx) => readCurves(tx, { chainId: chain.id, height }))
    for (const [id, curve] of own) curves.set(id, curve)
    if (days > 0) past.set(chain.id, await readShadowDays(pool, { chain, days, height }))
  }
  return { curves, days: past }
}
