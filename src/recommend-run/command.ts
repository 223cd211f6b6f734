/** `plimsoll recommend`: over the indexed chains, or over a book in a file. */
import type { Config } from '../config'
import { commandDatabaseUrl } from '../db/command-url'
import { openPool } from '../db/pool'
import { storedChain, storedChains } from '../db/stored-chains'
import { readBook } from '../features/book-read'
import { readBookHistory } from '../features/history-read'
import { readRecommendContext } from '../features/recommend-read'
import { readBookFile } from '../stress-run/book-file'
import type { Book } from '../systemic/book'
import { type RecommendContext, type RecommendResult, runRecommendations } from '../systemic/recommend/run'
import type { Behaviour } from '../systemic/recommend/types'

export interface RecommendOptions {
  scenario: string
  scenarios: number
  seed: number
  days: number
  exit: 'oracle' | 'pool'
  gasUsd: number
  behaviour: Behaviour
  market?: readonly string[]
  maxMarkets: number
  chain?: string
  in?: string
}

/** Reads, then computes. Throws PlimsollError on a file, chain, scenario or market that cannot be. */
export async function runRecommend(
  config: () => Config,
  options: RecommendOptions,
): Promise<RecommendResult> {
  const { scenario, scenarios, seed, exit, gasUsd, behaviour, maxMarkets, market } = options
  const { book, context } = await readAll(config, options)
  const request = {
    ...{ scenario, scenarios, seed, markets: market, conditions: { exit, gasUsd } },
    settings: {
      behaviour,
      maxMarkets: market === undefined ? maxMarkets : Math.max(maxMarkets, market.length),
    },
  }
  return runRecommendations(book, request, context)
}

async function readAll(
  readConfig: () => Config,
  options: RecommendOptions,
): Promise<{ book: Book; context: RecommendContext }> {
  if (options.in !== undefined) return { book: readBookFile(options.in), context: {} }
  const config = readConfig()
  const pool = openPool(await commandDatabaseUrl(config), { application: 'command', max: 1, readOnly: true })
  try {
    const stored = await storedChains(pool, config)
    const chosen = options.chain === undefined ? stored : [storedChain(stored, options.chain)]
    const book = await readBook(pool, chosen)
    const chains = chosen.map(({ chain }) => chain)
    const read = await readRecommendContext(pool, { book, chains, days: options.days })
    return { book, context: { ...read, history: await readBookHistory(pool, book, chains) } }
  } finally {
    await pool.end()
  }
}
