import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveInputs, evaluate } from '../../src/models/derive'
import { illicitSpec } from '../../src/models/illicit/spec'

const columns: Record<string, number> = { a: 3, b: 12, zero: 0, missing: Number.NaN }
const value = (name: string) => columns[name]!

describe('an expression', () => {
  it('keeps what is missing missing, and gives −1 where nothing is divided by', () => {
    expect(evaluate(['/', 'a', 'missing'], value)).toBeNaN()
    expect(evaluate(['/', 'missing', 'a'], value)).toBeNaN()
    expect(evaluate(['/', 'a', 'zero'], value)).toBe(-1)
    expect(evaluate(['/', 'a', ['-', 'a', 'b']], value)).toBe(-1)
  })

  it('does arithmetic', () => {
    expect(evaluate(['/', 'a', 'b'], value)).toBe(0.25)
    expect(evaluate(['-', ['*', 'a', 2], ['+', 'b', 1]], value)).toBe(-7)
    expect(evaluate(['or', 'missing', 5], value)).toBe(5)
    expect(evaluate(['or', 'a', 5], value)).toBe(3)
  })
})

describe('deriving the inputs of illicit', () => {
  const at = (name: string) => illicitSpec.inputs.findIndex((input) => input.name === name)

  it('leaves what is given and fills what follows', () => {
    const row = illicitSpec.inputs.map(() => Number.NaN)
    row[at('sentCount')] = 4
    row[at('receivedCount')] = 12
    row[at('uniqueSendersCount')] = 3
    row[at('receivedShare')] = 0.5
    deriveInputs(illicitSpec, row)
    expect(row[at('transactionCount')]).toBe(16)
    expect(row[at('uniqueSendersPerReceived')]).toBe(0.25)
    expect(row[at('receivedShare')]).toBe(0.5)
    expect(row[at('netEth')]).toBeNaN()
  })

  it('gives shares that do not change when all amounts or all times change their unit', () => {
    const amount = fc.double({ min: 0.001, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 18, maxLength: 18 }),
        fc.constantFrom(2, 64, 1024),
        (given, unit) => {
          const rowIn = (scale: number) => {
            const row = illicitSpec.inputs.map(({ unit: its }, i) =>
              i >= 17 ? Number.NaN : given[i]! * (its === 'ether' || its === 'minutes' ? scale : 1),
            )
            deriveInputs(illicitSpec, row)
            return row
          }
          const [here, there] = [rowIn(1), rowIn(unit)]
          illicitSpec.inputs.forEach(({ unit: its, derived }, i) => {
            if (its === '1' && derived) expect(there[i]).toBeCloseTo(here[i]!, 9)
          })
        },
      ),
    )
  })
})
