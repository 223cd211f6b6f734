/** Daily closes of market prices over the last year and more as one history of factors, for scenarios that are fitted to it. */
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool } from '../db/pool'
import { sql } from '../db/query'
import type { Book } from '../systemic/book'
import { assetClassOf } from '../systemic/scenarios/asset-classes'
import { type FactorHistory, factorHistory, type PricePointAt } from '../systemic/scenarios/history'
import { toFloat } from './float'
import { addressOf } from './position-read'

const HISTORY_SEC = 400 * 86_400

interface PriceRow {
  asset_id: string
  source: string
  answer: string
  decimals: number
  updated_at_sec: string
}

/** Reads nothing later than each chain's height. Of a factor that several tokens and sources price, the first by name. */
export async function readFactorHistory(
  pool: Pool,
  chains: readonly { chain: ChainSpec; height: number }[],
): Promise<FactorHistory> {
  const points = new Map<string, PricePointAt[]>()
  await inTransaction(pool, async (tx) => {
    points.clear()
    for (const { chain, height } of chains) {
      const from = Math.max(0, height - Math.ceil(HISTORY_SEC / chain.blockTimeSec))
      const { rows } = await tx.query<PriceRow>(sql('prices-daily'), [chain.id, from, height])
      for (const [factor, own] of byFactor(chain, rows)) if (!points.has(factor)) points.set(factor, own)
    }
  })
  return factorHistory(`the market prices of ${chains.map(({ chain }) => chain.name).join(', ')}`, points)
}

/** The history that a book may be stressed by: of its own chains, up to its own blocks. */
export function readBookHistory(
  pool: Pool,
  { asOf }: Pick<Book, 'asOf'>,
  chains: readonly ChainSpec[],
): Promise<FactorHistory> {
  return readFactorHistory(
    pool,
    chains.flatMap((chain) => {
      const at = asOf[chain.id]
      return at === undefined ? [] : [{ chain, height: at.height }]
    }),
  )
}

function byFactor(chain: ChainSpec, rows: readonly PriceRow[]): Map<string, PricePointAt[]> {
  const found = new Map<string, { key: string; points: PricePointAt[] }>()
  for (const { asset_id, source, answer, decimals, updated_at_sec } of rows) {
    const symbol = chain.tokens.find(({ address }) => address === addressOf(asset_id))?.symbol
    const price = toFloat(BigInt(answer), decimals)
    if (symbol === undefined || !(price > 0)) continue
    const { factor, family } = assetClassOf(symbol)
    // A staked form has a price of its own; wrapped bitcoin is the only form of it that there is.
    if (family !== factor && factor !== 'BTC') continue
    const key = `${asset_id} ${source}`
    const own = found.get(factor) ?? { key, points: [] }
    found.set(factor, own)
    if (own.key === key) own.points.push({ timeSec: Number(updated_at_sec), price })
  }
  return new Map([...found].map(([factor, { points }]) => [factor, points]))
}
