/** Checks what a stress test is asked against the book that it runs on. */
import type { Book } from '../book'
import { badInput, numberAt } from '../network'
import type { StressRequest } from './types'

/** What is asked where nothing is said. */
export const STRESS_DEFAULTS = {
  scenarios: 10_000,
  seed: 1,
  levels: [0.95, 0.99],
  gasUsd: 10,
  exit: 'pool',
} as const satisfies Partial<StressRequest>

const MAX_STRESS_SCENARIOS = 1_000_000
/** Losses of every scenario in every market that are held at once, twice. */
const MAX_LOSSES = 25_000_000

/** Indices of the markets asked for: all, or those named by market or by pool. Throws PlimsollError on anything absurd. */
export function chosenMarkets(book: Book, request: StressRequest): Int32Array {
  const { scenarios, levels, markets } = request
  if (!Number.isInteger(scenarios) || scenarios < 1 || scenarios > MAX_STRESS_SCENARIOS)
    throw badInput(`${scenarios} scenarios: give a whole number from 1 to ${MAX_STRESS_SCENARIOS}`)
  numberAt(request.seed, 'seed')
  numberAt(request.gasUsd, 'gasUsd', { least: 0 })
  if (levels.length === 0 || levels.length > 10)
    throw badInput(`${levels.length} levels: give one to ten, such as 0.95`)
  for (const level of levels)
    if (!(level > 0 && level < 1)) throw badInput(`level is ${level}: it must be between 0 and 1`)
  if (book.positions.pool.length === 0)
    throw badInput('the book is empty: nobody in it owes anything', emptyHint(book))
  if (scenarios * book.markets.length > MAX_LOSSES)
    throw badInput(
      `${scenarios} scenarios × ${book.markets.length} markets: too many, at most ${MAX_LOSSES} losses`,
    )
  if (markets === undefined) return Int32Array.from(book.markets.keys())
  const found = new Set<number>()
  for (const id of markets) {
    const own = book.markets.flatMap((market, m) =>
      market.id === id || book.pools[market.pool]!.id === id ? [m] : [],
    )
    if (own.length === 0) throw badInput(`${id} is neither a market nor a pool of the book`)
    for (const m of own) found.add(m)
  }
  if (found.size === 0) throw badInput('no market is asked for')
  return Int32Array.from(found).sort()
}

function emptyHint({ withheld, unpriced }: Book): string {
  const left = withheld.reduce((sum, { positions }) => sum + positions, 0)
  const dumb = unpriced.reduce((sum, { positions }) => sum + positions, 0)
  return left + dumb === 0
    ? 'is anything indexed at that block?'
    : `${left} positions are withheld and ${dumb} unpriced`
}
