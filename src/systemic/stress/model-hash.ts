/** What a run's figures come from beside the state of the book, as one hash: engine, scenario's parameters, terms. */
import { createHash } from 'node:crypto'
import type { Book } from '../book'
import type { ScenarioSet } from '../scenarios/scenario-set'
import type { StressRequest } from './types'

/** Raise with every change that moves a figure. 2: the API fits scenarios from indexed prices too, as the command did. 3: first-round losses; offers that cannot pay the gas are not made. */
export const STRESS_ENGINE = 'plimsoll stress 3'

/** Draws that stand for all in the hash: rows of a replay are among its parameters. */
const HASHED_DRAWS = 16

/** SHA-256, lower-case hex. The same for the same engine, request, scenario and terms. */
export function stressHash(book: Book, request: StressRequest, set: ScenarioSet): string {
  const draws = new Float64Array(Math.min(HASHED_DRAWS, set.scenarios) * set.assets)
  set.fill(0, draws.length / set.assets, draws)
  const { name, about, fittedFrom, parameters } = set
  const { gasUsd, exit, levels, scenarios, seed } = request
  const terms = {
    pools: book.pools.map(({ id, close }) => [id, close]),
    markets: book.markets.map(({ id, threshold, bonus }) => [id, threshold, bonus]),
  }
  const scenario = { name, about, fittedFrom, parameters, draws: Array.from(draws) }
  const text = JSON.stringify([STRESS_ENGINE, scenario, { gasUsd, exit, levels, scenarios, seed }, terms])
  return createHash('sha256').update(text).digest('hex')
}
