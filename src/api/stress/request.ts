/** What a stress test is asked for: arguments checked and brought to one form, so that equal requests have equal ids. */
import { createHash } from 'node:crypto'
import type { AsOfChains } from '../../systemic/book'
import type { StressRequest } from '../../systemic/stress/types'
import type { Caller } from '../access'
import { coded } from './thread'

export interface ChainBlock {
  chainId: number
  /** Absent: the newest. */
  height?: bigint | null
}

/** Arguments of the GraphQL fields. */
export interface StressArgs {
  scenario: string
  block?: readonly ChainBlock[] | null
  markets?: readonly string[] | null
  scenarios: number
  seed: number
  levels: readonly number[]
  exit: 'oracle' | 'pool'
  gasUsd: number
}

const MAX_LEVELS = 8
const MAX_MARKETS = 500
const MAX_GAS_USD = 1_000_000
const MAX_TEXT = 200

/** The request in its one form: markets and levels ascending, each once. Throws BAD_USER_INPUT naming what is wrong. */
export function requestOf(args: StressArgs, { maxScenarios, name }: Caller): StressRequest {
  const { scenario, scenarios, seed, gasUsd, exit } = args
  if (scenario.length === 0 || scenario.length > MAX_TEXT)
    throw badArgument('scenario is not the name of a scenario')
  if (!(scenarios >= 1 && scenarios <= maxScenarios))
    throw badArgument(`scenarios is ${scenarios}: ${name} may ask for 1 to ${maxScenarios}`)
  if (!(gasUsd >= 0 && gasUsd <= MAX_GAS_USD))
    throw badArgument(`gasUsd is ${gasUsd}: it must be within 0 … ${MAX_GAS_USD}`)
  const levels = ascending(args.levels, (a, b) => a - b)
  if (levels.length === 0 || levels.length > MAX_LEVELS)
    throw badArgument(`levels has ${levels.length} numbers: it must have 1 to ${MAX_LEVELS}`)
  const wrong = levels.find((level) => !(level > 0 && level < 1))
  if (wrong !== undefined) throw badArgument(`levels has ${wrong}: each must be between 0 and 1`)
  const markets = ascending(args.markets ?? [], (a, b) => (a < b ? -1 : 1))
  if (args.markets && markets.length === 0) throw badArgument('markets is empty: leave it out for all')
  if (markets.length > MAX_MARKETS)
    throw badArgument(`markets has ${markets.length} ids: at most ${MAX_MARKETS}; leave it out for all`)
  const request = { scenario, scenarios, seed, levels, gasUsd, exit }
  return markets.length === 0 ? request : { ...request, markets }
}

/** Hash of what a run's figures come from: 32 hex digits. */
export function runIdOf(run: { asOf: AsOfChains; request: StressRequest; engine: string }): string {
  const { asOf, request, engine } = run
  const blocks = Object.entries(asOf)
    .map(([chainId, { height, hash }]) => [Number(chainId), height, hash] as const)
    .sort(([a], [b]) => a - b)
  const { scenario, scenarios, seed, markets = null, levels, gasUsd, exit } = request
  const text = JSON.stringify([blocks, scenario, scenarios, seed, markets, levels, gasUsd, exit, engine])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function ascending<T>(values: readonly T[], compare: (a: T, b: T) => number): T[] {
  return [...new Set(values)].sort(compare)
}

export function badArgument(message: string): Error {
  return coded('BAD_USER_INPUT', message)
}
