/**
 * How factors move within a day: volatilities and correlations of daily log returns.
 *
 * Where a history has enough days of every factor that is no stablecoin, the sample's own moments are taken. Else each
 * factor has its volatility and its correlation with ether (the history's where it has enough days of both, committed ones
 * where not), and two factors correlate as far as both do with ether: ρᵢⱼ = ρᵢ·ρⱼ, which cannot contradict itself.
 */
import { COMMITTED_MOVES, type FactorMoves, OTHER_MOVES, STABLE_MOVES } from './committed'
import { dailyReturns, type FactorHistory } from './history'
import { columnOf, moments, type Series } from './returns'

export const LEAST_DAYS = 60

export interface Factor {
  name: string
  isStable: boolean
}

export interface FactorModel {
  factors: readonly Factor[]
  sigma: Float64Array
  /** factors × factors, row-major. */
  correlation: Float64Array
  fittedFrom: string
  /** Daily log returns of days known for all of `covered`, oldest first; undefined where there are too few. */
  returns: { covered: readonly string[]; series: Series } | undefined
}

/** The model of these factors. The history may lack any of them, or be absent. */
export function factorModel(factors: readonly Factor[], history: FactorHistory | undefined): FactorModel {
  const covered = coveredBy(factors, history)
  if (history === undefined || covered.names.length === 0)
    return oneFactor(factors, new Map(), { fittedFrom: 'committed.ts', returns: undefined })
  const series = commonReturns(covered.columns)
  const returns = { covered: covered.names, series }
  const days = series.values.length / series.assets
  const own = momentsByName(covered.names, series)
  const lacking = factors.filter(({ name, isStable }) => !isStable && !covered.names.includes(name))
  const rest = lacking.length === 0 ? '' : `; committed.ts for ${lacking.map(({ name }) => name).join(', ')}`
  const fittedFrom = `${days} days of ${history.source}${rest}`
  if (lacking.length > 0) return oneFactor(factors, own.moves, { fittedFrom, returns })
  const size = factors.length
  const correlation = new Float64Array(size * size)
  factors.forEach((a, i) => {
    factors.forEach((b, j) => {
      correlation[i * size + j] = i === j ? 1 : (own.correlation(a.name, b.name) ?? 0)
    })
  })
  const sigma = Float64Array.from(factors, ({ name }) => own.moves.get(name)?.sigma ?? STABLE_MOVES.sigma)
  return { factors, sigma, correlation, fittedFrom, returns }
}

/** How much a factor moves for one of another, in log returns: ρ·σ/σ. */
export function betaOf({ sigma, correlation, factors }: FactorModel, of: number, on: number): number {
  return (correlation[of * factors.length + on]! * sigma[of]!) / sigma[on]!
}

/** Committed beta on ether. */
export function committedBeta({ name, isStable }: Factor): number {
  const { sigma, withEth } = isStable ? STABLE_MOVES : (COMMITTED_MOVES[name] ?? OTHER_MOVES)
  return (withEth * sigma) / COMMITTED_MOVES.ETH!.sigma
}

function oneFactor(
  factors: readonly Factor[],
  known: ReadonlyMap<string, FactorMoves>,
  about: Pick<FactorModel, 'fittedFrom' | 'returns'>,
): FactorModel {
  const moves = factors.map(({ name, isStable }) => {
    return known.get(name) ?? (isStable ? STABLE_MOVES : (COMMITTED_MOVES[name] ?? OTHER_MOVES))
  })
  const size = factors.length
  const correlation = Float64Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size]
    return i === j ? 1 : moves[i]!.withEth * moves[j]!.withEth
  })
  return { factors, sigma: Float64Array.from(moves, ({ sigma }) => sigma), correlation, ...about }
}

/** Factors with enough days, ether first; none without ether, on which the others are measured. */
function coveredBy(
  factors: readonly Factor[],
  history: FactorHistory | undefined,
): { names: string[]; columns: ReadonlyMap<number, number>[] } {
  const none = { names: [], columns: [] }
  if (history === undefined) return none
  const eth = dailyReturns(history, 'ETH')
  if (eth.size < LEAST_DAYS) return none
  const found = { names: ['ETH'], columns: [eth as ReadonlyMap<number, number>] }
  let days = [...eth.keys()]
  for (const { name } of factors) {
    if (name === 'ETH') continue
    const own = dailyReturns(history, name)
    const common = days.filter((day) => own.has(day))
    if (common.length < LEAST_DAYS || isStill(own)) continue
    days = common
    found.names.push(name)
    found.columns.push(own)
  }
  return found
}

function isStill(returns: ReadonlyMap<number, number>): boolean {
  return [...returns.values()].every((value) => value === 0)
}

function commonReturns(columns: readonly ReadonlyMap<number, number>[]): Series {
  const days = [...columns[0]!.keys()]
    .filter((day) => columns.every((column) => column.has(day)))
    .sort((a, b) => a - b)
  const values = Float64Array.from(days.flatMap((day) => columns.map((column) => column.get(day)!)))
  return { assets: columns.length, values }
}

function momentsByName(
  names: readonly string[],
  series: Series,
): { moves: Map<string, FactorMoves>; correlation(a: string, b: string): number | undefined } {
  const { sigma, correlation } = moments(series)
  return {
    moves: new Map(
      names.map((name, k) => [name, { sigma: sigma[k]!, withEth: correlation[k * names.length]! }]),
    ),
    correlation(a, b) {
      const [i, j] = [names.indexOf(a), names.indexOf(b)]
      return i < 0 || j < 0 ? undefined : correlation[i * names.length + j]
    },
  }
}

/** A covered factor's daily returns; undefined where it has too few. */
export function returnsOf({ returns }: FactorModel, name: string): Float64Array | undefined {
  const at = returns?.covered.indexOf(name) ?? -1
  return returns === undefined || at < 0 ? undefined : columnOf(returns.series, at)
}
