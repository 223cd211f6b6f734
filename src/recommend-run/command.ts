/** `plimsoll recommend`: over the indexed chains, or over a book in a file. */
import { CHAINS } from '../chains/registry'
import type { ChainSpec } from '../chains/types'
import type { Config } from '../config'
import { commandDatabaseUrl } from '../db/command-url'
import { openPool, type Pool } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { readBook } from '../features/book-read'
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
  config: () => Config,
  options: RecommendOptions,
): Promise<{ book: Book; context: RecommendContext }> {
  if (options.in !== undefined) return { book: readBookFile(options.in), context: {} }
  const pool = openPool(await commandDatabaseUrl(config()), {
    application: 'command',
    max: 1,
    readOnly: true,
  })
  try {
    const chains = await storedChains(pool, options.chain)
    const book = await readBook(
      pool,
      chains.map((chain) => ({ chain })),
    )
    return { book, context: await readRecommendContext(pool, { book, days: options.days }) }
  } finally {
    await pool.end()
  }
}

async function storedChains(pool: Pool, name: string | undefined): Promise<ChainSpec[]> {
  const { rows } = await pool.query<{ name: string }>(sql('features-chains'))
  const known = rows.filter((row) => name === undefined || row.name === name)
  const specs = known.flatMap((row) => CHAINS[row.name] ?? [])
  if (specs.length > 0) return specs
  const stored = rows.map((row) => row.name).join(', ')
  throw new PlimsollError(
    name === undefined ? 'no chain has been indexed yet' : `no chain is called ${name}`,
    {
      hint: stored === '' ? 'index one first, or give a book with --in' : `stored: ${stored}`,
      exitCode: 2,
    },
  )
}
