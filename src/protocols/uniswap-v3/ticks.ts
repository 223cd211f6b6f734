/**
 * Liquidity by tick, in bounded rows.
 *
 * A pool may have thousands of initialised ticks, its row changes with every swap, and each changed row is stored whole,
 * once a block, as a version. So ticks do not live in the pool's row. They lie in rows of their own, kind `ticks`, 64
 * spacings a row: `${chainId}:${pool}:ticks:${floor(tick / spacing / 64)}`. Only Mint and Burn write them, at most two
 * rows each, and a row, with about 30 bytes for each of at most 128 sums, stays near the 2 kB that Postgres stores in
 * place; most rows hold a few ticks. One row a tick would be smaller still to write, but is a row to keep in memory for
 * each of a chain's million ticks; positions of the pool would do without that, but are read as holdings of an account.
 *
 * A row's state has `from:<tick>` and `to:<tick>`, the liquidity of all positions that begin and end at the tick.
 * Both are sums of amounts above zero and are left out at zero, so that
 *   liquidityNet(tick) = from − to,  liquidityGross(tick) = from + to,  initialised: either is there.
 */
import type { MarketState, StateView } from '../types'

const SPACINGS_PER_ROW = 64

/** A pool's ticks, ready for trades. */
export interface TickTable {
  /** Ascending. */
  initialized: readonly number[]
  /** What is added to the liquidity in force when the price rises through the tick. */
  net: ReadonlyMap<number, bigint>
}

/** Id of the row that holds a tick of the pool. */
export function ticksRowId(pool: MarketState, tick: number): string {
  return `${pool.id}:ticks:${Math.floor(tick / Number(pool.state.tickSpacing) / SPACINGS_PER_ROW)}`
}

/**
 * Adds liquidity (negative: takes it away) to the sum of positions that begin or end at a tick.
 * @returns false when more was to be taken than was known to be there; the sum is then zero and the row incomplete
 */
export function addAtTick(
  state: StateView,
  pool: MarketState,
  end: { side: 'from' | 'to'; tick: number; liquidity: bigint },
): boolean {
  const id = ticksRowId(pool, end.tick)
  const row = state.market(id) ?? { ...pool, id, kind: 'ticks', state: {} }
  const key = `${end.side}:${end.tick}`
  const sum = BigInt(row.state[key] ?? 0) + end.liquidity
  const { [key]: _, ...others } = row.state
  state.setMarket({
    ...row,
    state: sum > 0n ? { ...others, [key]: sum.toString() } : others,
    complete: row.complete && pool.complete && sum >= 0n,
  })
  return sum >= 0n
}

/** Gathers a pool's rows of kind `ticks`. */
export function tickTable(rows: readonly MarketState[]): TickTable {
  const net = new Map<number, bigint>()
  for (const row of rows) {
    for (const [key, value] of Object.entries(row.state)) {
      const [side, tick] = [key.slice(0, key.indexOf(':')), Number(key.slice(key.indexOf(':') + 1))]
      const liquidity = BigInt(value ?? 0)
      net.set(tick, (net.get(tick) ?? 0n) + (side === 'from' ? liquidity : -liquidity))
    }
  }
  return { initialized: [...net.keys()].sort((a, b) => a - b), net }
}

/** Liquidity in force at a tick: all that begins at or below it and has not ended. */
export function liquidityAt({ initialized, net }: TickTable, tick: number): bigint {
  let liquidity = 0n
  for (const at of initialized) {
    if (at > tick) break
    liquidity += net.get(at)!
  }
  return liquidity
}
