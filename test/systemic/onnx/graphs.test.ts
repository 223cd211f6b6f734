/** The batch graphs against the pure functions, run by ONNX Runtime on the CPU in float64; float32 where a GPU would take it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { openGraph } from '../../../src/models/session'
import { clear } from '../../../src/systemic/clearing'
import { debtRank } from '../../../src/systemic/debt-rank'
import { firstRound } from '../../../src/systemic/kernels/first-round'
import { firstRoundPlan } from '../../../src/systemic/kernels/first-round-layout'
import { rowSums, type SparseMatrix } from '../../../src/systemic/network'
import { writeClearing } from '../../../src/systemic/onnx/clearing'
import { writeDebtRank } from '../../../src/systemic/onnx/debt-rank'
import { firstRoundWeights, writeFirstRound } from '../../../src/systemic/onnx/first-round'
import { type Account, planOfAccounts } from '../accounts'
import { rowsFor, sparseNetwork } from '../networks'
import { largestDifference } from '../reference-cases'

function dense(
  { size, rowStart, column, value }: SparseMatrix,
  by: (row: number) => number = () => 1,
): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) matrix[i * size + column[k]!] = value[k]! / by(i)
  return matrix
}

describe('the graphs', () => {
  it.each([
    ['first round', () => writeFirstRound('double')],
    ['DebtRank 2012', () => writeDebtRank(2012, 'double')],
    ['DebtRank 2015', () => writeDebtRank(2015, 'float')],
    ['clearing', () => writeClearing('double')],
  ])('are written alike twice: %s', (_, write) => {
    expect(Buffer.compare(write(), write())).toBe(0)
  })

  it.each(['float', 'double'] as const)('all load as %s', async (type) => {
    for (const bytes of [
      writeFirstRound(type),
      writeDebtRank(2012, type),
      writeDebtRank(2015, type),
      writeClearing(type),
    ])
      await (await openGraph(bytes)).close()
  })
})

describe('the graph of first-round losses', () => {
  const random = seededRandom(3)
  const accounts = Array.from({ length: 200 }, (_, i): Account => {
    const some = (count: number) =>
      Array.from({ length: count }, () => ({ asset: Math.floor(3 * random()), units: 100 * random() }))
    return { collaterals: some(i % 4), debts: some((i >> 2) % 3) }
  })
  const plan = planOfAccounts(accounts)
  const scenarios = 50
  const prices = Float64Array.from({ length: 3 * scenarios }, () => 2 * random())
  const out = { lossUsd: new Float64Array(3 * scenarios), unhealthy: new Int32Array(scenarios) }
  firstRound(firstRoundPlan(plan), { prices, from: 0, to: scenarios, out })
  const { limit, seizable, debt } = firstRoundWeights(plan, { first: 0, count: accounts.length })
  const [wide, tall] = [
    [3, accounts.length],
    [scenarios, 3],
  ]

  it('says what the kernel says', async () => {
    const graph = await openGraph<Float64Array>(writeFirstRound('double'))
    const { lossUsd, unhealthy } = await graph.run({
      prices: { dims: tall!, data: prices },
      // Markets are assets here, each with a price of its own.
      debtPrices: { dims: tall!, data: prices },
      limit: { dims: wide!, data: limit },
      seizable: { dims: wide!, data: seizable },
      debt: { dims: wide!, data: debt },
    })
    await graph.close()
    expect(largestDifference(lossUsd!.data, out.lossUsd)).toBeLessThan(1e-9)
    expect(Array.from(unhealthy!.data)).toEqual(Array.from(out.unhealthy))
  })

  it('says it to float32 as well', async () => {
    const graph = await openGraph(writeFirstRound('float'))
    const one = (dims: readonly number[], data: Float64Array) => ({ dims, data: Float32Array.from(data) })
    const { lossUsd } = await graph.run({
      ...{ prices: one(tall!, prices), debtPrices: one(tall!, prices) },
      ...{ limit: one(wide!, limit), seizable: one(wide!, seizable), debt: one(wide!, debt) },
    })
    await graph.close()
    expect(largestDifference(lossUsd!.data, out.lossUsd)).toBeLessThan(1e-4)
  })
})

describe('the graph of DebtRank', () => {
  it.each([2012, 2015] as const)('says what each shock alone does, form %i', async (variant) => {
    const graph = await openGraph<Float64Array>(writeDebtRank(variant, 'double'))
    // Impacts that settle within the graph's steps; what does not is debt-rank.ts's, as `open` says.
    const drawn = sparseNetwork({ nodes: 8, most: variant === 2012 ? 1 : 0.9 }).chain((impact) =>
      fc.tuple(fc.constant(impact), rowsFor(impact.size, { rows: 9, most: 1 })),
    )
    await fc.assert(
      fc.asyncProperty(drawn, async ([impact, initials]) => {
        const { size } = impact
        const [count, value] = [initials.length / size, new Float64Array(size).fill(1 / size)]
        const { distress, lost, open } = await graph.run({
          impact: { dims: [size, size], data: dense(impact) },
          initial: { dims: [count, size], data: initials },
          value: { dims: [size, 1], data: value },
        })
        expect(open!.data[0]).toBeLessThanOrEqual(1e-17)
        for (let k = 0; k < count; k++) {
          const initial = initials.slice(k * size, (k + 1) * size)
          const alone = debtRank({ impact, value, variant, initial })
          expect(lost!.data[k]).toBeCloseTo(alone.lost, 9)
          const row = distress!.data.subarray(k * size, (k + 1) * size)
          expect(largestDifference(row, alone.distress)).toBeLessThan(1e-9)
        }
      }),
      { numRuns: 40 },
    )
    await graph.close()
  })
})

describe('the graph of clearing', () => {
  it('says what each scenario alone does, with costs of default and seniors or without', async () => {
    const graph = await openGraph<Float64Array>(writeClearing('double'))
    const drawn = sparseNetwork({ nodes: 8, most: 40 }).chain((obligations) =>
      fc.record({
        obligations: fc.constant(obligations),
        external: rowsFor(obligations.size, { rows: 9, most: 40 }),
        seniorClaims: rowsFor(obligations.size, { rows: 1, most: 5 }),
        alpha: fc.constantFrom(1, 0.9, 0.5),
        beta: fc.constantFrom(1, 0.9, 0.5),
      }),
    )
    await fc.assert(
      fc.asyncProperty(drawn, async ({ obligations, external, seniorClaims, alpha, beta }) => {
        const { size } = obligations
        const [count, owed] = [external.length / size, rowSums(obligations)]
        const { paid, isDefault, open } = await graph.run({
          shares: { dims: [size, size], data: dense(obligations, (i) => owed[i]!) },
          owed: { dims: [1, size], data: owed },
          external: { dims: [count, size], data: external },
          senior: { dims: [1, size], data: seniorClaims.slice(0, size) },
          costs: { dims: [1, 2], data: Float64Array.of(alpha, beta) },
        })
        if (open!.data[0]! > 0) return
        for (let s = 0; s < count; s++) {
          const externalAssets = external.slice(s * size, (s + 1) * size)
          const alone = clear({
            obligations,
            externalAssets,
            seniorClaims: seniorClaims.slice(0, size),
            alpha,
            beta,
          })
          const row = paid!.data.subarray(s * size, (s + 1) * size)
          expect(largestDifference(row, alone.paid)).toBeLessThan(1e-8)
          const defaults = isDefault!.data.subarray(s * size, (s + 1) * size)
          expect(Array.from(defaults.keys()).filter((i) => defaults[i] === 1 && owed[i]! > 0)).toEqual(
            alone.defaults,
          )
        }
      }),
      { numRuns: 60 },
    )
    await graph.close()
  })
})
