/**
 * What the processor keeps in memory between batches: markets, the contracts whose events move them, and prices.
 *
 * It is a cache of committed rows, valid only for the batch number it was read at or brought forward to. A failed
 * transaction leaves it untouched, a rollback drops it.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { MarketState, PriceState, Protocol } from '../protocols/types'
import { priceId } from './ids'

/** A current-state row and the block that last changed it. */
export interface Stored<T> {
  value: T
  height: number
}

export interface Memory {
  /** Number of the batch whose state this is. */
  seq: number
  markets: Map<string, Stored<MarketState>>
  /** Emitter → market and role. */
  emitters: Map<Hex, { marketId: string; role: string }>
  prices: Map<string, Stored<PriceState>>
  /** Some of the accounts that have a row, so that those met all the time are not inserted again. */
  accounts: Set<Hex>
}

/** Beyond this many the set of known accounts begins anew. */
export const MAX_KNOWN_ACCOUNTS = 300_000

interface MarketRow {
  id: string
  protocol: string
  kind: string
  pool: string
  revision: number
  asset_id: string
  asset1_id: string | null
  state: MarketState['state']
  complete: boolean
  updated_height: string
}

interface PriceRow {
  asset_id: string
  kind: string
  source: string
  answer: string
  decimals: number
  updated_at_sec: string
  updated_height: string
}

/** The address in an account's or asset's id. */
export function addressOf(id: string): Hex {
  return id.slice(id.indexOf(':') + 1) as Hex
}

function toMarket(row: MarketRow): MarketState {
  return {
    id: row.id,
    protocol: row.protocol,
    kind: row.kind as MarketState['kind'],
    pool: row.pool as Hex,
    revision: row.revision,
    asset: addressOf(row.asset_id),
    asset1: row.asset1_id === null ? null : addressOf(row.asset1_id),
    state: row.state,
    complete: row.complete,
  }
}

/** Reads the markets and prices of a chain as the transaction sees them. */
export async function loadMemory(
  tx: PoolClient,
  chain: ChainSpec,
  protocols: readonly Protocol[],
  seq: number,
): Promise<Memory> {
  const memory: Memory = {
    seq,
    markets: new Map(),
    emitters: new Map(),
    prices: new Map(),
    accounts: new Set(),
  }
  const markets = await tx.query<MarketRow>(
    'SELECT * FROM market WHERE chain_id = $1 ORDER BY updated_height, id',
    [chain.id],
  )
  for (const row of markets.rows) {
    const market = toMarket(row)
    memory.markets.set(market.id, { value: market, height: Number(row.updated_height) })
    const protocol = protocols.find((candidate) => candidate.name === market.protocol)
    for (const { address, role } of protocol?.emitters?.(market) ?? []) {
      memory.emitters.set(address, { marketId: market.id, role })
    }
  }
  const prices = await tx.query<PriceRow>(
    `SELECT asset_id, kind, source, answer, decimals, extract(epoch FROM updated_at)::bigint AS updated_at_sec,
            updated_height
     FROM price WHERE chain_id = $1`,
    [chain.id],
  )
  for (const row of prices.rows) {
    const price: PriceState = {
      asset: addressOf(row.asset_id),
      kind: row.kind as PriceState['kind'],
      source: row.source,
      answer: BigInt(row.answer),
      decimals: row.decimals,
      updatedAtSec: BigInt(row.updated_at_sec),
    }
    memory.prices.set(priceId(chain.id, price), { value: price, height: Number(row.updated_height) })
  }
  return memory
}
