/** Shocks with a name: an asset that falls by so many per cent, a token that loses its peg. */
import { badInput, numberAt } from '../network'
import { assetClassOf } from './asset-classes'
import { DEPEG_PRICE, LEANS_ON } from './committed'
import { jointDraws } from './draws'
import { betaOf } from './factor-model'
import { depeg } from './named'
import type { ScenarioContext, ScenarioDraft } from './scenario-set'

const SHOCK = /^(.+?)-(\d+(?:\.\d+)?)%?$/
const DEPEG = /^depeg-(.+?)(?:-(\d+(?:\.\d+)?))?$/

/** `eth-30`, `all-20`, `steth-10`. */
export function shockDraft(name: string, context: ScenarioContext): ScenarioDraft | undefined {
  const match = SHOCK.exec(name)
  if (match === null || /^(replay|depeg|bridge)-/.test(name)) return undefined
  const symbol = match[1]!
  const percent = Number(match[2])
  if (!(percent > 0 && percent <= 100))
    throw badInput(`${name} falls by ${percent} per cent: give more than 0 and at most 100`)
  const left = 1 - percent / 100
  const { model, classes } = context
  const target = assetClassOf(symbol)
  const on = model.factors.findIndex((factor) => factor.name === target.factor)
  const isOwnPrice = target.family !== target.factor && !isWrappedBase(target.family)
  if (symbol !== 'all' && isOwnPrice) {
    const scale = Float64Array.from(classes, ({ family }) => (family === target.family ? left : 1))
    requireMoved(scale, symbol, context)
    return {
      ...around(context),
      scale,
      about: `${symbol.toUpperCase()} falls by ${percent} % of what it stands for`,
    }
  }
  if (symbol !== 'all' && on < 0) requireMoved(undefined, symbol, context)
  const fall = model.factors.map(({ isStable }, f) => {
    if (symbol === 'all') return isStable ? 1 : left
    if (f === on) return left
    return isStable || model.factors[on]!.isStable ? 1 : left ** betaOf(model, f, on)
  })
  const about =
    symbol === 'all'
      ? `everything but stablecoins falls by ${percent} %`
      : `${target.factor} and what wraps it falls by ${percent} %, others by their beta to it`
  return { ...around(context, fall), about }
}

/** Wrapped forms that are taken for the thing itself. */
function isWrappedBase(family: string): boolean {
  return family === 'WBTC'
}

/** `depeg-usdc`, `depeg-usdc-0.7`, `depeg-steth-0.93`. */
export function depegDraft(name: string, context: ScenarioContext): ScenarioDraft | undefined {
  const match = DEPEG.exec(name)
  if (match === null) return undefined
  const symbol = match[1]!
  const price = numberAt(match[2] === undefined ? DEPEG_PRICE : Number(match[2]), `price of ${name}`, {
    least: 0,
    most: 1,
  })
  const { family } = assetClassOf(symbol)
  const leans = LEANS_ON[family] ?? {}
  const { classes } = context
  const at = classes.findIndex((one) => one.family === family)
  if (at < 0) requireMoved(undefined, symbol, context)
  const exposure = Float64Array.from(classes, (one) => (one.family === family ? 1 : (leans[one.family] ?? 0)))
  const scale = depeg({ assets: classes.length, asset: at, multiplier: price, exposure })
  return {
    ...around(context),
    scale,
    about: `${family} trades at ${price} of its peg, and what leans on it follows`,
  }
}

/** Draws of an ordinary day around `fall`, one a factor; the first is `fall` itself. */
export function around(
  { model, scenarios, seed }: ScenarioContext,
  fall: readonly number[] = model.factors.map(() => 1),
): Omit<ScenarioDraft, 'about'> {
  const size = model.factors.length
  const factors = new Float64Array(scenarios * size)
  factors.set(fall)
  const draws = jointDraws(model.correlation, { seed, shape: { kind: 'normal' } })
  const z = new Float64Array(size)
  for (let s = 1; s < scenarios; s++) {
    draws.next(z)
    for (let f = 0; f < size; f++) factors[s * size + f] = fall[f]! * Math.exp(model.sigma[f]! * z[f]!)
  }
  return { factors, fittedFrom: model.fittedFrom, hasCentre: true }
}

/** A scenario that touches no asset of the book is a mistake, not an answer of zero. */
export function requireMoved(
  scale: Float64Array | undefined,
  symbol: string,
  { assets }: ScenarioContext,
): void {
  if (scale?.some((multiplier) => multiplier !== 1)) return
  const held = [...new Set(assets.map((asset) => asset.symbol))].sort()
  throw badInput(`nothing in the book moves with ${symbol}`, `it holds: ${held.slice(0, 40).join(', ')}`)
}
