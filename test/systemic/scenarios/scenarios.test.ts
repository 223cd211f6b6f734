import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { bootstrapScenarios } from '../../../src/systemic/scenarios/bootstrap'
import { type DiffusionInput, diffusionScenarios } from '../../../src/systemic/scenarios/diffusion'
import { normalStream } from '../../../src/systemic/scenarios/draws'
import { bridgeFailure, depeg, replayPath, replayWindows } from '../../../src/systemic/scenarios/named'
import { logReturns, moments } from '../../../src/systemic/scenarios/returns'
import {
  ewmaVariances,
  fitGarch,
  garchVariances,
  negativeLikelihood,
} from '../../../src/systemic/scenarios/volatility'
import { dataPath, describeWithData } from '../../support/data'
import { largestDifference } from '../reference-cases'

const input: DiffusionInput = {
  drift: Float64Array.of(0.1, 0),
  sigma: Float64Array.of(0.8, 0.4),
  correlation: Float64Array.of(1, 0.6, 0.6, 1),
  horizon: 0.25,
  steps: 1,
  scenarios: 20_000,
  shape: { kind: 'normal' },
  seed: 42,
}

const column = (matrix: Float64Array, assets: number, a: number) =>
  Float64Array.from({ length: matrix.length / assets }, (_, s) => matrix[s * assets + a]!)
const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length

/** Returns whose variance follows GARCH(1,1), by seed. */
function garchReturns(
  length: number,
  [omega, alpha, beta]: [number, number, number],
  seed: number,
): Float64Array {
  const normal = normalStream(seededRandom(seed))
  let variance = omega / (1 - alpha - beta)
  return Float64Array.from({ length }, () => {
    const r = Math.sqrt(variance) * normal()
    variance = omega + alpha * r * r + beta * variance
    return r
  })
}

describe('scenarios that cannot be', () => {
  it.each([
    [{ scenarios: 0 }, '0 scenarios'],
    [{ scenarios: 1.5 }, '1.5 scenarios'],
    [{ scenarios: 1e12 }, 'too many'],
    [{ steps: -1 }, '-1 steps'],
    [{ sigma: Float64Array.of(-1, 0) }, 'sigma[0] is negative'],
    [{ sigma: Float64Array.of(Number.NaN, 0) }, 'sigma[0] is NaN'],
    [{ drift: Float64Array.of(0) }, 'drift has 1 elements'],
    [{ horizon: Number.POSITIVE_INFINITY }, 'horizon is Infinity'],
    [{ correlation: Float64Array.of(1) }, 'does not fit 2 assets'],
    [{ correlation: Float64Array.of(1, 0.5, 0.4, 1) }, 'but [1][0] is 0.4'],
    [{ correlation: Float64Array.of(0.9, 0, 0, 1) }, 'correlation[0][0] is 0.9'],
    [{ correlation: Float64Array.of(1, 1.2, 1.2, 1) }, 'correlation[0][1] is 1.2'],
    [{ shape: { kind: 'student-t' as const, degrees: 2 } }, 'degrees of freedom is 2'],
    [{ seed: Number.NaN }, 'seed is NaN'],
  ])('are refused: %#', (change, message) => {
    expect(() => diffusionScenarios({ ...input, ...change })).toThrow(message)
  })

  it('three assets cannot each go against both others', () => {
    const three = { ...input, drift: new Float64Array(3), sigma: new Float64Array(3).fill(0.5) }
    const correlation = Float64Array.of(1, -0.9, -0.9, -0.9, 1, -0.9, -0.9, -0.9, 1)
    expect(() => diffusionScenarios({ ...three, correlation })).toThrow('contradict one another')
  })

  it.each([
    [() => logReturns({ assets: 1, values: Float64Array.of(1, 0) }), 'the price of asset 0 at time 1 is 0'],
    [() => logReturns({ assets: 1, values: Float64Array.of(1, Number.NaN) }), 'is NaN'],
    [() => logReturns({ assets: 2, values: Float64Array.of(1, 1, 1) }), 'at least two whole rows'],
    [() => moments({ assets: 1, values: Float64Array.of(0.1, 0.2) }), '2 returns are too few'],
    [() => fitGarch(new Float64Array(10)), '10 returns are too few'],
    [() => fitGarch(new Float64Array(100)), 'the price never moves'],
    [() => fitGarch(new Float64Array(100).fill(Number.NaN)), 'return 0 is NaN'],
    [() => replayWindows({ assets: 1, values: Float64Array.of(1, 2) }, 2), 'do not fit 2 prices'],
    [
      () => replayPath({ assets: 1, values: Float64Array.of(1, 2) }, { from: 1, to: 1 }),
      'no stretch of 2 prices',
    ],
    [() => depeg({ assets: 2, asset: 2, multiplier: 0.5 }), 'asset 2 is none of 2'],
    [() => depeg({ assets: 2, asset: 0, multiplier: -0.5 }), 'multiplier is negative'],
    [
      () => bridgeFailure({ isBridged: Uint8Array.of(0, 0), recovered: 0.5 }),
      'no asset came over the bridge',
    ],
  ])('nor are series that cannot be: %#', (run, message) => {
    expect(run).toThrow(message)
  })
})

describe('diffusion scenarios', () => {
  it('without volatility are the drift alone', () => {
    const still = diffusionScenarios({ ...input, sigma: new Float64Array(2), scenarios: 3, steps: 4 })
    expect(
      largestDifference(
        still,
        [1, 2, 3].flatMap(() => [Math.exp(0.025), 1]),
      ),
    ).toBeLessThan(1e-14)
  })

  it('are the same for the same seed, and others for another', () => {
    const draw = (seed: number) => Array.from(diffusionScenarios({ ...input, scenarios: 50, seed }))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  it.each([{ kind: 'normal' as const }, { kind: 'student-t' as const, degrees: 6 }])(
    'have the variance and correlation they were asked for: $kind',
    (shape) => {
      const matrix = diffusionScenarios({ ...input, shape })
      const logs = matrix.map(Math.log)
      const { sigma, correlation } = moments({ assets: 2, values: logs })
      expect(Math.abs(sigma[0]! / 0.4 - 1)).toBeLessThan(0.03)
      expect(Math.abs(sigma[1]! / 0.2 - 1)).toBeLessThan(0.03)
      expect(Math.abs(correlation[1]! - 0.6)).toBeLessThan(0.03)
      if (shape.kind === 'normal')
        expect(Math.abs(mean(column(matrix, 2, 0)) - Math.exp(0.025))).toBeLessThan(0.01)
    },
  )

  it('of Student-t fall far together more often', () => {
    const joint = (shape: DiffusionInput['shape']) => {
      const logs = diffusionScenarios({ ...input, shape, correlation: Float64Array.of(1, 0, 0, 1) }).map(
        Math.log,
      )
      let count = 0
      for (let s = 0; s < logs.length; s += 2) if (logs[s]! < -1 && logs[s + 1]! < -0.5) count++
      return count
    }
    expect(joint({ kind: 'student-t', degrees: 3 })).toBeGreaterThan(4 * joint({ kind: 'normal' }) + 4)
  })
})

describe('volatility', () => {
  it('by EWMA forgets at its rate', () => {
    const variances = ewmaVariances(Float64Array.of(2, 0, 0), 0.9)
    const first = 4 / 3
    expect(
      largestDifference(variances, [
        first,
        first * 0.9 + 0.4,
        (first * 0.9 + 0.4) * 0.9,
        (first * 0.9 + 0.4) * 0.81,
      ]),
    ).toBeLessThan(1e-15)
  })

  it('by GARCH is found again in returns made of it', () => {
    const returns = garchReturns(6_000, [2e-6, 0.1, 0.85], 3)
    const model = fitGarch(returns)
    expect(Math.abs(model.alpha - 0.1)).toBeLessThan(0.03)
    expect(Math.abs(model.beta - 0.85)).toBeLessThan(0.04)
    expect(negativeLikelihood(returns, model)).toBeLessThanOrEqual(
      negativeLikelihood(returns, { omega: 2e-6, alpha: 0.1, beta: 0.85 }) + 3,
    )
  })

  it('stays above zero and reverts, whatever the returns', () => {
    const series = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 50, maxLength: 80 })
    fc.assert(
      fc.property(series, (list) => {
        const returns = Float64Array.from(list)
        fc.pre(returns.some((r) => Math.abs(r) > 1e-3))
        const model = fitGarch(returns)
        expect(model.alpha + model.beta).toBeLessThan(1)
        expect(garchVariances(returns, model).every((variance) => variance > 0)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the filtered bootstrap', () => {
  const returns = { assets: 1, values: garchReturns(800, [2e-6, 0.1, 0.85], 9) }
  const base = { returns, steps: 5, scenarios: 4_000, seed: 1 }

  it.each(['garch' as const, 'ewma' as const])('is wider after a storm than after calm: %s', (volatility) => {
    const sigmaAfter = (last: number) => {
      const values = Float64Array.from(returns.values)
      values.fill(last, 795)
      const matrix = bootstrapScenarios({ ...base, volatility, returns: { assets: 1, values } })
      return moments({ assets: 1, values: matrix.map(Math.log) }).sigma[0]!
    }
    expect(sigmaAfter(0.05)).toBeGreaterThan(1.5 * sigmaAfter(0))
  })

  it('draws whole days: two assets that always moved alike still do', () => {
    const values = Float64Array.from({ length: 1_600 }, (_, k) => returns.values[Math.floor(k / 2)]!)
    const matrix = bootstrapScenarios({ ...base, volatility: 'garch', returns: { assets: 2, values } })
    expect(largestDifference(column(matrix, 2, 0), column(matrix, 2, 1))).toBeLessThan(1e-12)
    expect(Array.from(bootstrapScenarios({ ...base, volatility: 'garch' }))).toEqual(
      Array.from(bootstrapScenarios({ ...base, volatility: 'garch' })),
    )
  })
})

describe('named scenarios', () => {
  const prices = { assets: 2, values: Float64Array.of(100, 1, 80, 1, 40, 0.5) }

  it('replay windows and paths', () => {
    expect(largestDifference(replayWindows(prices, 1), [0.8, 1, 0.5, 0.5])).toBeLessThan(1e-15)
    expect(largestDifference(replayWindows(prices, 2), [0.4, 0.5])).toBeLessThan(1e-15)
    expect(largestDifference(replayPath(prices, { from: 1, to: 2 }), [1, 1, 0.5, 0.5])).toBeLessThan(1e-15)
  })

  it('pull down what leans on a fallen asset, and what a bridge brought', () => {
    const fallen = depeg({ assets: 3, asset: 0, multiplier: 0.4, exposure: Float64Array.of(0, 0.5, 0) })
    expect(largestDifference(fallen, [0.4, 0.7, 1])).toBeLessThan(1e-15)
    expect(Array.from(bridgeFailure({ isBridged: Uint8Array.of(1, 0, 1), recovered: 0.2 }))).toEqual([
      0.2, 1, 0.2,
    ])
  })
})

const DAILY = 'prices/eth-usd-daily.csv.gz'

describeWithData('the past of ether, day by day', [DAILY], () => {
  const text = gunzipSync(readFileSync(dataPath(DAILY)!))
  const rows = parse(text, { columns: true }) as { snapped_at: string; price: string }[]
  const prices = { assets: 1, values: Float64Array.from(rows, (row) => Number(row.price)) }
  const dayOf = (date: string) => rows.findIndex((row) => row.snapped_at.startsWith(date))

  it('holds the fall of March 2020', () => {
    const path = replayPath(prices, { from: dayOf('2020-03-12'), to: dayOf('2020-03-13') })
    const day = replayWindows(prices, 1)[dayOf('2020-03-12')]!
    expect(path[1]).toBe(day)
    expect(day).toBeLessThan(0.7)
  })

  it('gives a bootstrap of finite multipliers, and a volatility that lasts', () => {
    const returns = logReturns({ assets: 1, values: prices.values.slice(-1_000) })
    const { alpha, beta } = fitGarch(returns.values)
    expect(alpha + beta).toBeGreaterThan(0.8)
    const matrix = bootstrapScenarios({ returns, volatility: 'garch', steps: 1, scenarios: 2_000, seed: 1 })
    expect(matrix.every((multiplier) => multiplier > 0.1 && multiplier < 10)).toBe(true)
  })
})
