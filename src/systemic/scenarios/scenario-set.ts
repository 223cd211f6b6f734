/**
 * Draws of a scenario for the assets of a book, filled in tile by tile: a million draws of thirty assets need not be held at
 * once. A draw is a multiplier of each factor times a fixed one of each asset:
 *
 *   price after / price before of asset a in draw s = scale[a] · factors[s][factor of a]
 */
import { seededRandom } from '../../math/statistics'
import { badInput } from '../network'
import { type AssetClass, assetClassOf } from './asset-classes'
import { checkedSize } from './draws'
import { type FactorModel, factorModel } from './factor-model'
import type { FactorHistory } from './history'

/** Numbers that one set may hold: 320 MB. */
const MAX_CELLS = 40_000_000

export interface ScenarioAsset {
  /** `chainId:address`. */
  id: string
  symbol: string
}

export interface ScenarioRequest {
  name: string
  scenarios: number
  seed: number
  assets: readonly ScenarioAsset[]
  /** Prices to fit from and to replay; undefined: committed ones. */
  history?: FactorHistory | undefined
}

export interface ScenarioSet {
  name: string
  about: string
  fittedFrom: string
  scenarios: number
  assets: number
  /** The middle of the draws, which is also the first; undefined where a scenario has none, as days drawn at random. */
  central: Float64Array | undefined
  /** What the draws were made with, for a result's hash. */
  parameters: { factors: readonly string[]; sigma: readonly number[]; correlation: readonly number[] }
  /** Multipliers of draws [from, to) into a matrix of a row a draw. */
  fill(from: number, to: number, out: Float64Array): void
}

/** What a kind of scenario is built from. */
export interface ScenarioContext extends ScenarioRequest {
  classes: readonly AssetClass[]
  /** Of each asset, index of the model's factors. */
  factorAt: Int32Array
  model: FactorModel
}

/** What a kind of scenario comes to. */
export interface ScenarioDraft {
  about: string
  fittedFrom: string
  /** scenarios × factors. */
  factors: Float64Array
  /** One an asset; undefined: 1. */
  scale?: Float64Array
  hasCentre: boolean
}

/** Classes, factors and their model for a request. Throws PlimsollError on sizes that nobody should try. */
export function scenarioContext(request: ScenarioRequest): ScenarioContext {
  const classes = request.assets.map(({ symbol }) => assetClassOf(symbol))
  const names = [...new Set(classes.map(({ factor }) => factor))].sort()
  if (names.length === 0) throw badInput('the book holds no asset: there is nothing to stress')
  checkedSize(request.scenarios, names.length)
  if (request.scenarios * names.length > MAX_CELLS)
    throw badInput(
      `${request.scenarios} scenarios × ${names.length} factors: too many, at most ${MAX_CELLS} numbers`,
    )
  const stable = new Map(classes.map(({ factor, isStable }) => [factor, isStable]))
  const model = factorModel(
    names.map((name) => ({ name, isStable: stable.get(name)! })),
    request.history,
  )
  return {
    ...request,
    classes,
    model,
    factorAt: Int32Array.from(classes, ({ factor }) => names.indexOf(factor)),
  }
}

/** The set of a draft. */
export function scenarioSet(context: ScenarioContext, draft: ScenarioDraft): ScenarioSet {
  const { name, scenarios, factorAt, model } = context
  const { about, fittedFrom, factors, hasCentre } = draft
  const assets = factorAt.length
  const size = model.factors.length
  const scale = draft.scale ?? new Float64Array(assets).fill(1)
  const fill = (from: number, to: number, out: Float64Array) => {
    for (let s = from; s < to; s++)
      for (let a = 0; a < assets; a++)
        out[(s - from) * assets + a] = scale[a]! * factors[s * size + factorAt[a]!]!
  }
  const central = hasCentre ? new Float64Array(assets) : undefined
  if (central) fill(0, 1, central)
  const parameters = {
    factors: model.factors.map((factor) => factor.name),
    sigma: Array.from(model.sigma),
    correlation: Array.from(model.correlation),
  }
  return { name, about, fittedFrom, scenarios, assets, central, parameters, fill }
}

/** Rows drawn with replacement into a matrix. */
export function drawRows(
  rows: readonly (readonly number[])[],
  scenarios: number,
  seed: number,
): Float64Array {
  const random = seededRandom(seed)
  const size = rows[0]!.length
  const matrix = new Float64Array(scenarios * size)
  for (let s = 0; s < scenarios; s++) matrix.set(rows[Math.floor(random() * rows.length)]!, s * size)
  return matrix
}
