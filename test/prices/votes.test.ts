/** Medians by weight, and who voted how long. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blocksHeld, medianVote } from '../../src/prices/votes'

const vote = fc.record({ value: fc.bigInt(-1_000n, 1_000n), weight: fc.bigInt(1n, 50n) })

describe('a median by weight', () => {
  it('is nobody’s without votes, and the lower of two that are even', () => {
    expect(medianVote([])).toBeUndefined()
    expect(medianVote([{ value: 5n, weight: 1n }])?.value).toBe(5n)
    const even = [
      { value: 9n, weight: 2n },
      { value: 1n, weight: 2n },
    ]
    expect(medianVote(even)?.value).toBe(1n)
  })

  it('lies among the others’ votes, whatever less than half of the weight says', () => {
    fc.assert(
      fc.property(fc.array(vote, { minLength: 1 }), fc.array(vote), (others, wanted) => {
        const held = others.reduce((sum, { weight }) => sum + weight, 0n)
        let left = held - 1n
        const forged = wanted.flatMap(({ value, weight }) => {
          const taken = weight < left ? weight : left
          left -= taken
          return taken > 0n ? [{ value: value * 10n ** 30n, weight: taken }] : []
        })
        const values = others.map(({ value }) => value).sort((a, b) => (a < b ? -1 : 1))
        const median = medianVote([...forged, ...others])!.value
        expect(median >= values[0]! && median <= values.at(-1)!).toBe(true)
      }),
    )
  })
})

describe('versions', () => {
  it('stand at the block ends from their own until the next version’s', () => {
    const versions = [{ height: 3 }, { height: 10 }, { height: 12 }, { height: 30 }]
    expect(blocksHeld(versions, { afterHeight: 8, toHeight: 20 })).toEqual([
      { version: { height: 3 }, blocks: 1 },
      { version: { height: 10 }, blocks: 2 },
      { version: { height: 12 }, blocks: 9 },
    ])
    expect(blocksHeld(versions, { afterHeight: 0, toHeight: 2 })).toEqual([])
    expect(blocksHeld([], { afterHeight: 0, toHeight: 2 })).toEqual([])
  })
})
