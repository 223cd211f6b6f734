import { describe, expect, it } from 'vitest'
import { growthOf, timeAt } from '../../bench/protocols'

/** Batches of 10 rows; the n-th takes `secondsOf(n)`. */
function batches(count: number, secondsOf: (n: number) => number): { rows: number; atSec: number }[] {
  let atSec = 0
  return Array.from({ length: count + 1 }, (_, n) => {
    if (n > 0) atSec += secondsOf(n)
    return { rows: 10, atSec }
  })
}

describe('time per row as tables grow', () => {
  it('is 1 where every row takes the same', () => {
    expect(growthOf(batches(100, () => 0.5))).toBeCloseTo(1)
  })

  it('is 2 where the last tenth takes twice as long', () => {
    expect(growthOf(batches(100, (n) => (n > 90 ? 1 : 0.5)))).toBeCloseTo(2)
  })

  it('leaves out the start-up', () => {
    expect(growthOf(batches(100, (n) => (n <= 5 ? 10 : 0.5)))).toBeCloseTo(1)
  })

  it('reads times between two commits off a straight line', () => {
    expect(
      timeAt(
        batches(2, () => 1),
        0.25,
      ),
    ).toBeCloseTo(0.5)
    expect(
      timeAt(
        batches(2, () => 1),
        1,
      ),
    ).toBeCloseTo(2)
  })
})
