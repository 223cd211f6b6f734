/** What the committed graph promises: order of horizons, and monotone in health factor and loan to value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { creditRow } from '../../../src/models/credit/features'
import { creditSpec } from '../../../src/models/credit/spec'
import { type ModelRuntime, openModels, type Scores } from '../../../src/models/session'

const WIDTH = creditSpec.inputs.length
/** Probabilities are lines between knots: products of a double rounding may differ in the last bits. */
const ROUNDING = 1e-12

describe('the graph of credit', () => {
  let runtime: ModelRuntime
  beforeAll(async () => {
    runtime = await openModels({ names: ['credit'] })
  })
  afterAll(() => runtime.close())

  const score = (rows: number[][]): Promise<Scores> =>
    runtime.score('credit', Float64Array.from(rows.flat()), rows.length)

  function expectNeverFalls(numbers: Float64Array): void {
    for (let i = 1; i < numbers.length; i++) {
      expect(numbers[i]).toBeGreaterThanOrEqual(numbers[i - 1]! - ROUNDING)
    }
  }

  it('gives 30 days as its value, and no horizon less than a shorter one', async () => {
    const random = seededRandom(5)
    const rows = Array.from({ length: 2000 }, () =>
      creditSpec.inputs.map((_, i) => (i < 2 ? random() * 4.2 - 1 : random())),
    )
    const { values, further } = await score(rows)
    expect(Object.keys(further).sort()).toEqual(['p1d', 'p30d', 'p7d'])
    expect(further.p30d).toEqual(values)
    values.forEach((p30d, i) => {
      expect(further.p1d![i]).toBeLessThanOrEqual(further.p7d![i]! + ROUNDING)
      expect(further.p7d![i]).toBeLessThanOrEqual(p30d + ROUNDING)
    })
    expect(new Set(values).size).toBeGreaterThan(500)
  })

  it('moves each input one way only', async () => {
    const random = seededRandom(6)
    const rising = [-1, -1, 1, 1]
    for (let trial = 0; trial < 40; trial++) {
      const base = Array.from({ length: WIDTH }, (_, i) => (i < 2 ? random() * 3 : random()))
      for (let input = 0; input < WIDTH; input++) {
        const rows = Array.from({ length: 60 }, (_, step) => {
          const at = (rising[input]! > 0 ? step : 59 - step) / 59
          return base.map((x, i) => (i === input ? at * 3 - (i < 2 ? 1 : 0) : x))
        })
        const { values, further } = await score(rows)
        for (const numbers of [values, further.p1d!, further.p7d!]) expectNeverFalls(numbers)
      }
    }
  })

  it('never calls a position safer for a lower health factor or a higher loan to value', async () => {
    const random = seededRandom(7)
    for (let trial = 0; trial < 40; trial++) {
      const threshold = 0.5 + random() * 0.45
      const facts = {
        volatility: 0.1 + random() * 2,
        valueAtLastAction: 0.4 + random() * 1.6,
        ageDays: random() * 500,
      }
      const rows = Array.from({ length: 100 }, (_, step) => {
        const loanToValue = 0.02 + (step / 99) * 1.2
        const healthFactor = threshold / loanToValue
        return creditRow({ ...facts, healthFactor, debtValue: loanToValue * 1000, collateralValue: 1000 })
      })
      const { values, further } = await score(rows)
      for (const numbers of [values, further.p1d!, further.p7d!]) expectNeverFalls(numbers)
      expect(values[99]).toBeGreaterThan(values[0]!)
    }
  })
})
