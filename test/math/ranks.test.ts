import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderOf, rank } from '../../src/math/ranks'
import { averagePrecision, calibrationError, pickScored, rocAuc } from '../../src/math/statistics'

const numbers = fc.array(fc.oneof(fc.constantFrom(0, -0, 1, Infinity, -Infinity), fc.double({ noNaN: true })))

it('gives nothing an order, one number the first place, and NaN no rank', () => {
  expect([...orderOf(rank([])!)]).toEqual([])
  expect([...orderOf(rank([7])!)]).toEqual([0])
  expect(rank([1, Number.NaN])).toBeUndefined()
})

it('orders as comparing does, equal numbers by their place', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const compared = [...values.keys()].sort((a, b) => {
        const [x, y] = [values[a]!, values[b]!]
        return x < y ? -1 : x > y ? 1 : a - b
      })
      expect([...orderOf(rank(values)!)]).toEqual(compared)
    }),
  )
})

it('figures of a draw are the same to the bit whether its rows were ranked before or are now', () => {
  const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 1,
  })
  fc.assert(
    fc.property(scores, fc.infiniteStream(fc.nat()), (pairs, random) => {
      const scored = { scores: pairs.map(([score]) => score / 10), labels: pairs.map(([, label]) => label) }
      const rows = Int32Array.from(pairs, () => (random.next().value as number) % pairs.length)
      const ranked = pickScored({ ...scored, ranked: rank(scored.scores) }, rows)
      for (const figure of [rocAuc, averagePrecision, calibrationError])
        expect(figure(ranked)).toBe(figure(pickScored(scored, rows)))
    }),
  )
})
