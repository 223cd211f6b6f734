/**
 * A stress test: a book, a scenario's draws, the spiral of each, and what they say.
 *
 * Prices of a draw are the book's times the draw's multipliers; from there liquidations run to a fixed point over all
 * markets (spiral.ts), whichever are asked for. Losses by draw and market become values at risk, expected shortfalls and
 * liquidations at risk; positions and parameters that matter most are left out, one by one, over the same draws; and the
 * middle of the draws, or else the worst of them, is told round by round.
 *
 * The same book, request and engine give the same figures. Draws are run in tiles; between tiles the steps say how far they
 * are, so that a caller may show it, let others run, or stop.
 */
import { mean } from '../../math/statistics'
import { type Book, bookPrices } from '../book'
import { firstRoundPlan } from '../kernels/first-round-layout'
import { scenarioByName } from '../scenarios/catalogue'
import type { FactorHistory } from '../scenarios/history'
import type { ScenarioSet } from '../scenarios/scenario-set'
import { planOfBook } from '../spiral-book'
import type { SpiralPlan } from '../spiral-plan'
import { runScenarios } from '../spiral-scenarios'
import { contagionOf } from './contagion'
import {
  type ContributionInput,
  type Contributions,
  contributionsOf,
  planContributions,
} from './contributions'
import { chosenTotals, type DrawnFrom, type DrawnLosses, drawnPrices, runDraws, tilesOf } from './draws'
import { stressHash } from './model-hash'
import { partsOf } from './parts'
import { chosenMarkets } from './request'
import type { Progress, ScenarioAccount, StressRequest, StressResult } from './types'

const MAX_ROUNDS = 1_000

export interface StressOptions {
  /** Prices to fit scenarios from; undefined: committed figures. */
  history?: FactorHistory | undefined
  /** Milliseconds of a clock that goes forward; elapsedMs is 0 without one. */
  nowMs?: () => number
}

export interface StressStep {
  /** Draws that were run, and all that will be as far as is known yet: contributions are added when the draws are done. */
  done: number
  of: number
}

/** Runs a stress test in one go. Throws PlimsollError on a request or book that cannot be. */
export function runStress(
  book: Book,
  request: StressRequest,
  { onProgress, ...options }: StressOptions & { onProgress?: Progress } = {},
): StressResult {
  const steps = stressSteps(book, request, options)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    onProgress?.(step.value.done, step.value.of)
  }
}

/** The same, tile by tile. */
export function* stressSteps(
  book: Book,
  request: StressRequest,
  { history, nowMs = () => 0 }: StressOptions = {},
): Generator<StressStep, StressResult> {
  const startMs = nowMs()
  const task = stressTask(book, request, history)
  const counted = counter(request.scenarios)
  const losses = yield* counted(runDraws(book, { ...drawnFrom(task), draws: request.scenarios }))
  const input = contributionInput(task, losses)
  const toTry = planContributions(input)
  counted.of += toTry.work
  const contributions = yield* counted(
    contributionsOf({ ...input, run: (variant, draws) => runVariant(task, variant, draws) }, toTry),
  )
  return { ...stressResult(task, losses, contributions), elapsedMs: nowMs() - startMs }
}

/** What the draws of a stress test run on. */
export interface StressTask extends Omit<DrawnFrom, 'firstRoundPlan'> {
  book: Book
  request: StressRequest
  chosen: Int32Array
}

/** What whoever runs the draws of a task lays out for it. */
export function drawnFrom({ set, plan }: StressTask): DrawnFrom {
  return { set, plan, firstRoundPlan: firstRoundPlan(plan) }
}

/** Throws PlimsollError on a request or book that cannot be. */
export function stressTask(
  book: Book,
  request: StressRequest,
  history: FactorHistory | undefined,
): StressTask {
  const chosen = chosenMarkets(book, request)
  const { scenario: name, scenarios, seed } = request
  const set = scenarioByName({ name, scenarios, seed, assets: book.assets, history })
  const plan = planOf(book, request)
  return { book, request, chosen, set, plan }
}

function planOf(book: Book, { gasUsd, exit }: StressRequest): SpiralPlan {
  return planOfBook(book, { gasUsd, exit, maxRounds: MAX_ROUNDS })
}

/** Bad debt of the chosen markets in the first draws of another book. */
export function* runVariant(
  { set, chosen, request }: StressTask,
  variant: Book,
  draws: number,
): Generator<number, Float64Array> {
  const plan = planOf(variant, request)
  const totals = new Float64Array(draws)
  for (const range of tilesOf(variant, draws)) {
    const { badDebtUsd } = runScenarios(plan, drawnPrices(variant, set, range))
    totals.set(chosenTotals(badDebtUsd, variant.markets.length, chosen), range.from)
    yield range.to - range.from
  }
  return totals
}

export function contributionInput(
  { book, chosen }: StressTask,
  losses: DrawnLosses,
): Omit<ContributionInput, 'run'> {
  const badDebtUsd = chosenTotals(losses.badDebtUsd, book.markets.length, chosen)
  return { book, badDebtUsd, lostUsd: losses.lostUsd }
}

/** What the losses say. */
export function stressResult(
  { book, request, chosen, set, plan }: StressTask,
  losses: DrawnLosses,
  contributions: Contributions,
): Omit<StressResult, 'elapsedMs'> {
  const present = runScenarios(plan, bookPrices(book)).badDebtUsd
  return {
    request,
    asOf: book.asOf,
    scenario: accountOf(book, set),
    positions: book.positions.pool.length,
    ...sidesOf(book),
    presentBadDebtUsd: chosenTotals(present, book.markets.length, chosen)[0]!,
    expectedUnhealthy: mean(losses.unhealthy),
    mostUnhealthy: losses.unhealthy.reduce((most, count) => Math.max(most, count), 0),
    ...partsOf(book, losses, { chosen, levels: request.levels }),
    topPositions: contributions.positions,
    topParameters: contributions.parameters,
    contributionScenarios: contributions.draws,
    contagion: contagionOf(book, plan, toldPrices(book, set, { losses, chosen })),
    settledShare: 1 - losses.unsettled / request.scenarios,
    unpriced: book.unpriced,
    withheld: book.withheld,
    withoutDepth: book.assets.filter(({ depth }) => depth.kind === 'unmoved').map(({ id }) => id),
    unusedPools: book.unusedPools ?? [],
    modelSha256: stressHash(book, request, set),
  }
}

/** Turns the draws that a generator did into steps of the whole. */
function counter(of: number) {
  const counted = Object.assign(
    function* <T>(work: Generator<number, T>): Generator<StressStep, T> {
      for (let next = work.next(); ; next = work.next()) {
        if (next.done) return next.value
        counted.done += next.value
        yield { done: counted.done, of: counted.of }
      }
    },
    { done: 0, of },
  )
  return counted
}

function accountOf({ assets }: Book, { name, about, fittedFrom, central }: ScenarioSet): ScenarioAccount {
  return {
    ...{ name, about, fittedFrom },
    central: assets.flatMap(({ id, symbol }, a) =>
      central === undefined || central[a] === 1 ? [] : [{ assetId: id, symbol, multiplier: central[a]! }],
    ),
  }
}

/** Debt and collateral of the book at its own prices. */
function sidesOf({ positions, markets, assets }: Book): { debtUsd: number; collateralUsd: number } {
  const sum = (market: Int32Array, units: Float64Array) =>
    units.reduce((all, amount, k) => all + amount * assets[markets[market[k]!]!.asset]!.priceUsd, 0)
  return {
    debtUsd: sum(positions.debtMarket, positions.debtUnits),
    collateralUsd: sum(positions.collateralMarket, positions.collateralUnits),
  }
}

/** Prices of the path that is told: the middle of the draws, or the draw with the most bad debt, or else liquidations. */
function toldPrices(
  book: Book,
  set: ScenarioSet,
  { losses, chosen }: { losses: DrawnLosses; chosen: Int32Array },
): Float64Array {
  const start = bookPrices(book)
  if (set.central !== undefined) return set.central.map((multiplier, a) => multiplier * start[a]!)
  const count = book.markets.length
  const badDebt = chosenTotals(losses.badDebtUsd, count, chosen)
  const liquidated = chosenTotals(losses.liquidatedUsd, count, chosen)
  let worst = 0
  for (let s = 1; s < badDebt.length; s++) {
    const more = badDebt[s]! - badDebt[worst]!
    if (more > 0 || (more === 0 && liquidated[s]! > liquidated[worst]!)) worst = s
  }
  const prices = new Float64Array(start.length)
  set.fill(worst, worst + 1, prices)
  return prices.map((multiplier, a) => multiplier * start[a]!)
}
