/** Reading half of the lending book (src/systemic/book-of.ts): everything of it as of one block of each chain, at once. */
import type { ChainSpec, Hex } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { readPriceLine } from '../prices/read'
import { readCalledRound, readMarketPrices, readPools } from '../prices/read-market'
import type { Book } from '../systemic/book'
import { joinBooks } from '../systemic/book-join'
import { type BookInput, bookOf } from '../systemic/book-of'
import { blockAt } from './blocks'
import { addressOf, type MarketRow, marketOf, type PositionRow, positionOf } from './position-read'
import type { AsOf } from './types'

export interface BookRequest {
  chain: ChainSpec
  /** Newest block taken; undefined: the newest there is. */
  height?: number | undefined
}

/** The book of several chains from one snapshot of the database. Throws PlimsollError where a chain has no block so low. */
export async function readBook(pool: Pool, requests: readonly BookRequest[]): Promise<Book> {
  return joinBooks((await readBookInputs(pool, requests)).map(bookOf))
}

/** What `readBook` makes the book from. */
export async function readBookInputs(pool: Pool, requests: readonly BookRequest[]): Promise<BookInput[]> {
  return inTransaction(pool, async (tx) => {
    const read: BookInput[] = []
    for (const { chain, height = Number.MAX_SAFE_INTEGER } of requests) {
      const at = await blockAt(tx, chain.id, height)
      if (at === undefined)
        throw new PlimsollError(`no block of ${chain.name} at or below ${height} is stored`, { exitCode: 2 })
      read.push(await readBookInput(tx, { chain, at }))
    }
    return read
  })
}

/** Reads nothing that is later than `at`. */
export async function readBookInput(
  tx: PoolClient,
  { chain, at }: { chain: ChainSpec; at: AsOf },
): Promise<BookInput> {
  const { chainId, height } = at
  const positions = await tx.query<PositionRow>(sql('features-positions-at'), [chainId, height, null])
  const markets = await tx.query<MarketRow & { symbol: string | null }>(sql('features-markets-at'), [
    chainId,
    height,
  ])
  const lending = new Set(markets.rows.filter((row) => row.kind === 'reserve').map((row) => row.pool))
  const own = markets.rows.filter((row) => lending.has(row.pool))
  const exchanges = await readPools(tx, chain, { fromHeight: height, toHeight: height })
  return {
    positions: {
      at,
      positions: positions.rows.map(positionOf),
      markets: new Map(own.map((row) => [row.id, marketOf(row)])),
      prices: await readPriceLine(tx, { chainId, fromHeight: height, toHeight: height }),
      market: {
        prices: await readMarketPrices(tx, { chain, at }),
        called: await readCalledRound(tx, { chainId, height }),
        chain,
      },
    },
    exchanges: exchanges.map(({ market }) => market),
    chain,
    symbols: new Map(
      own.flatMap(({ asset_id, symbol }): [Hex, string][] => (symbol ? [[addressOf(asset_id), symbol]] : [])),
    ),
  }
}
