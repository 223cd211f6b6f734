/**
 * How much a firm loses, and lacks, when the system falls: from formulas, and from return series.
 *
 *   MES     −mean firm return over the worst days of the market (its lowest 5 %)        Acharya et al. (2017)
 *   LRMES   1 − e^(−18·MES): loss over six months in which the market falls by 40 %     Acharya, Engle, Richardson (2012)
 *           or 1 − (1 − d)^β for a fall of d                                            Engle, V-Lab
 *   SRISK   k·D − (1 − k)·W·(1 − LRMES): capital lacking then                            Brownlees and Engle (2017)
 *   ΔCoVaR  ρ·σ_system·Φ⁻¹(q) for normal returns; from series β·(VaR_q − median) with β by quantile regression of the
 *           system's losses on the firm's                                              Adrian and Brunnermeier (2016)
 *
 * Losses are positive in ΔCoVaR, MES and LRMES. Returns are simple returns, same days in both series.
 */
import { normalQuantile } from '../math/normal-quantile'
import { quantileOfSorted } from '../math/statistics'
import { badInput, numberAt } from './network'

const LEAST_RETURNS = 20

/** LRMES from MES, as 1 − e^(−18·MES). Negative where the firm gains when the market falls. */
export function lrmesOfMes(mes: number): number {
  return -Math.expm1(-18 * numberAt(mes, 'MES'))
}

/** LRMES from the firm's beta, for a market fall of `fall` in 0 … 1 (exclusive), 0.4 where left out. */
export function lrmesOfBeta(beta: number, fall = 0.4): number {
  const depth = numberAt(fall, 'fall', { least: 0 })
  if (depth >= 1) throw badInput(`fall is ${fall}: it must be below 1`)
  return -Math.expm1(numberAt(beta, 'beta') * Math.log1p(-depth))
}

export interface SriskInput {
  /** k: share of assets that must be capital, 0 … 1. */
  capitalShare: number
  /** D and W: book value of debt, market value of equity, in one currency. */
  debt: number
  equity: number
  lrmes: number
}

/** SRISK: capital lacking in a crisis, in the currency of D and W; below zero it is a surplus. */
export function srisk({ capitalShare, debt, equity, lrmes }: SriskInput): number {
  const k = numberAt(capitalShare, 'k', { least: 0, most: 1 })
  const held = numberAt(equity, 'W', { least: 0 }) * (1 - numberAt(lrmes, 'LRMES', { most: 1 }))
  return k * numberAt(debt, 'D', { least: 0 }) - (1 - k) * held
}

/** Two return series of the same days. */
export interface ReturnPair {
  firm: Float64Array
  market: Float64Array
}

function checkedPair({ firm, market }: ReturnPair): number {
  if (firm.length !== market.length)
    throw badInput(`${firm.length} returns of the firm, ${market.length} of the market: give the same days`)
  if (firm.length < LEAST_RETURNS)
    throw badInput(`${firm.length} returns are too few: at least ${LEAST_RETURNS}`)
  for (let t = 0; t < firm.length; t++) {
    numberAt(firm[t], `firm[${t}]`)
    numberAt(market[t], `market[${t}]`)
  }
  return firm.length
}

/** MES: mean loss of the firm on days when the market is at or below its `tail` quantile. */
export function marginalExpectedShortfall(pair: ReturnPair, tail = 0.05): number {
  checkedPair(pair)
  const limit = quantileOfSorted(Float64Array.from(pair.market).sort(), within(tail, 'tail'))
  let [sum, days] = [0, 0]
  for (let t = 0; t < pair.market.length; t++) {
    if (pair.market[t]! > limit) continue
    sum -= pair.firm[t]!
    days++
  }
  return sum / days
}

/** Beta of the firm on the market by least squares. Throws where the market never moves. */
export function marketBeta(pair: ReturnPair): number {
  const days = checkedPair(pair)
  const mean = (series: Float64Array) => series.reduce((a, b) => a + b, 0) / days
  const [firmMean, marketMean] = [mean(pair.firm), mean(pair.market)]
  let [joint, own] = [0, 0]
  for (let t = 0; t < days; t++) {
    const deviation = pair.market[t]! - marketMean
    joint += deviation * (pair.firm[t]! - firmMean)
    own += deviation * deviation
  }
  if (own === 0) throw badInput('the market never moves: it has no beta')
  return joint / own
}

export interface GaussianCoVar {
  /** Correlation of firm and system, −1 … 1. */
  correlation: number
  /** Volatility of the system's returns. */
  systemSigma: number
  /** Level, such as 0.99. */
  level: number
}

/** ΔCoVaR of normal returns, as a loss: ρ·σ·Φ⁻¹(q). */
export function gaussianDeltaCoVar({ correlation, systemSigma, level }: GaussianCoVar): number {
  const rho = numberAt(correlation, 'rho', { least: -1, most: 1 })
  return rho * numberAt(systemSigma, 'sigma', { least: 0 }) * normalQuantile(within(level, 'q'))
}

/** ΔCoVaR from series, as a loss: how much worse the system's `level` VaR is when the firm is at its own, not its median. */
export function historicalDeltaCoVar(pair: ReturnPair, level = 0.95): number {
  checkedPair(pair)
  const q = within(level, 'q')
  const losses = (series: Float64Array) => series.map((r) => -r)
  const [x, y] = [losses(pair.firm), losses(pair.market)]
  const sorted = Float64Array.from(x).sort()
  return quantileSlope(x, y, q) * (quantileOfSorted(sorted, q) - quantileOfSorted(sorted, 0.5))
}

/**
 * Slope b of the line a + b·x that minimises Σ ρ_q(y − a − b·x). For a slope the best a is the q-quantile of y − b·x, and
 * what is left is convex in b: golden section.
 */
export function quantileSlope(x: Float64Array, y: Float64Array, q: number): number {
  const spread = Math.max(...x) - Math.min(...x)
  if (spread === 0) throw badInput('the firm never moves: it has no slope')
  const cost = (slope: number) => {
    const rest = y.map((value, t) => value - slope * x[t]!).sort()
    const at = rest[Math.min(rest.length - 1, Math.max(0, Math.ceil(q * rest.length) - 1))]!
    return rest.reduce((sum, value) => sum + (value >= at ? q : q - 1) * (value - at), 0)
  }
  const reach = steepest(x, y)
  let [low, high] = [-reach, reach]
  const golden = (Math.sqrt(5) - 1) / 2
  for (let step = 0; step < 120 && high - low > 1e-13 * Math.max(1, reach); step++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)]
    if (cost(left) <= cost(right)) high = right
    else low = left
  }
  return (low + high) / 2
}

/** Slopes of the answer lie between those of neighbours by x; the steepest bounds it. */
function steepest(x: Float64Array, y: Float64Array): number {
  const order = Array.from(x.keys()).sort((a, b) => x[a]! - x[b]!)
  let largest = 0
  for (let k = 1; k < order.length; k++) {
    const run = x[order[k]!]! - x[order[k - 1]!]!
    if (run > 0) largest = Math.max(largest, Math.abs((y[order[k]!]! - y[order[k - 1]!]!) / run))
  }
  const span = Math.max(...y) - Math.min(...y)
  return largest + span / (x[order[order.length - 1]!]! - x[order[0]!]!)
}

function within(share: number, name: string): number {
  if (!(share > 0 && share < 1)) throw badInput(`${name} is ${share}: it must be between 0 and 1`)
  return share
}
