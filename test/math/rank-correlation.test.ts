import { describe, expect, it } from 'vitest'
import { rankCorrelation } from '../../src/math/rank-correlation'

describe('rankCorrelation', () => {
  it('sees order alone', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1e9])).toBe(1)
    expect(rankCorrelation([1, 2, 3, 4], [-1, -2, -3, -40])).toBe(-1)
  })

  it('gives ties their mean rank: the textbook case', () => {
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / √(4.5 · 5).
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
  })

  it('knows nothing of constants and refuses what is no pair of lists', () => {
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN()
    expect(() => rankCorrelation([1], [1])).toThrow('got 1 and 1')
    expect(() => rankCorrelation([1, 2], [1])).toThrow('got 2 and 1')
  })
})
