/**
 * How much is liquidated when a price falls, without knowing a position. A book of debts whose liquidation prices lie
 * evenly in log distance below the price; whatever a low passes is gone, and borrowers come back towards the price:
 *
 *   volume ∝ max(0, ln f − ln low)          f: the highest liquidation price that is still in the book
 *   f ← min(f, low), then ln f ← ln f + ρ·(ln close − ln f)
 *
 * A second fall to the same low finds nobody: that is what separates it from the baseline, volume ∝ the day's fall. ρ is
 * chosen on the first part of the days, and the later part is judged. It says what falls given prices, not what prices do.
 */
import { rankCorrelation } from '../../math/rank-correlation'
import { bootstrapInterval, type Interval, mean } from '../../math/statistics'
import { badInput } from '../network'

export interface PriceDay {
  open: number
  low: number
  close: number
}

/** Depth of book that each day passes, in log price. */
export function passedDepth(days: readonly PriceDay[], replenished: number): Float64Array {
  const passed = new Float64Array(days.length)
  let frontier = days.length === 0 ? 0 : Math.log(days[0]!.open)
  days.forEach(({ low, close }, i) => {
    passed[i] = Math.max(0, frontier - Math.log(low))
    frontier = Math.min(frontier, Math.log(low))
    frontier += replenished * (Math.log(close) - frontier)
  })
  return passed
}

/** The baseline: how far each day fell from its open. */
export function dayFalls(days: readonly PriceDay[]): Float64Array {
  return Float64Array.from(days, ({ open, low }) => Math.max(0, Math.log(open / low)))
}

export interface FrontierFigures {
  rho: number
  rhoInterval: Interval
  /** 1 − SSE/SST of ln(1 + volume), line fitted before. */
  r2: number
  r2Interval: Interval
}

export interface FrontierFit {
  trainDays: number
  testDays: number
  replenished: number
  model: FrontierFigures
  baseline: FrontierFigures
  /** ρ of the model less ρ of the baseline, over the same draws. */
  rhoGain: number
  rhoGainInterval: Interval
}

const RATES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8]
const TRAIN_SHARE = 0.6
const WEEK_DAYS = 7
const DRAWS = 1_000
const SEED = 20_260

/** Fits on the first three fifths of the days and judges the rest; intervals by drawing whole weeks. */
export function judgeFrontier(days: readonly PriceDay[], volumes: readonly number[]): FrontierFit {
  if (days.length !== volumes.length || days.length < 5 * WEEK_DAYS)
    throw badInput(`${days.length} days of prices beside ${volumes.length} of volumes: five weeks at least`)
  const train = Math.floor(TRAIN_SHARE * days.length)
  const seen = volumes.slice(0, train)
  const scored = RATES.map((rate) => ({
    rate,
    rho: rankCorrelation(passedDepth(days.slice(0, train), rate), seen),
  }))
  const best = scored.reduce((a, b) => (b.rho > a.rho ? b : a))
  const [model, baseline] = [passedDepth(days, best.rate), dayFalls(days)]
  const later = volumes.slice(train)
  const gain = (rows: Int32Array) => rhoOf(model, later, train, rows) - rhoOf(baseline, later, train, rows)
  const all = Int32Array.from(later.keys())
  return {
    trainDays: train,
    testDays: later.length,
    replenished: best.rate,
    model: figures(model, volumes, train),
    baseline: figures(baseline, volumes, train),
    rhoGain: gain(all),
    rhoGainInterval: byWeeks(later.length, gain),
  }
}

function rhoOf(feature: Float64Array, later: readonly number[], train: number, rows: Int32Array): number {
  return rankCorrelation(
    Float64Array.from(rows, (row) => feature[train + row]!),
    Float64Array.from(rows, (row) => later[row]!),
  )
}

function figures(feature: Float64Array, volumes: readonly number[], train: number): FrontierFigures {
  // Basis points, so that the logarithm has a knee where falls begin to matter.
  const x = Float64Array.from(feature, (depth) => Math.log1p(1e4 * depth))
  const y = Float64Array.from(volumes, (volume) => Math.log1p(volume))
  const { slope, intercept } = line(x.subarray(0, train), y.subarray(0, train))
  const later = volumes.slice(train)
  const r2 = (rows: Int32Array) => {
    let [sum, squares, errors] = [0, 0, 0]
    for (const row of rows) {
      const value = y[train + row]!
      sum += value
      squares += value * value
      errors += (value - intercept - slope * x[train + row]!) ** 2
    }
    return 1 - errors / (squares - (sum * sum) / rows.length)
  }
  const rho = (rows: Int32Array) => rhoOf(feature, later, train, rows)
  const all = Int32Array.from(later.keys())
  return {
    rho: rho(all),
    rhoInterval: byWeeks(later.length, rho),
    r2: r2(all),
    r2Interval: byWeeks(later.length, r2),
  }
}

function byWeeks(days: number, statistic: (rows: Int32Array) => number): Interval {
  const clusters = Int32Array.from({ length: days }, (_, day) => Math.floor(day / WEEK_DAYS))
  return bootstrapInterval({ clusters, statistic, draws: DRAWS, seed: SEED })
}

function line(x: Float64Array, y: Float64Array): { slope: number; intercept: number } {
  const [mx, my] = [mean(x), mean(y)]
  let [xy, xx] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - mx) * (y[i]! - my)
    xx += (x[i]! - mx) ** 2
  }
  const slope = xx === 0 ? 0 : xy / xx
  return { slope, intercept: my - slope * mx }
}
