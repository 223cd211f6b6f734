import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FINE_ROUNDS, lastRound, roundsIn } from '../../src/scorer/rounds'

const rounds = (fromHeight: number, toHeight: number, headHeight = toHeight, limit = 1e6) =>
  roundsIn({ fromHeight, toHeight, headHeight, everyBlocks: 5, limit }).map((round) => round.height)

describe('roundsIn', () => {
  it('lists the multiples above the start up to the end', () => {
    expect(rounds(-1, 11)).toEqual([0, 5, 10])
    expect(rounds(5, 15)).toEqual([10, 15])
    expect(rounds(10, 14)).toEqual([])
    expect(rounds(10, 9)).toEqual([])
  })

  it('stops at the limit', () => {
    expect(rounds(0, 100, 100, 2)).toEqual([5, 10])
  })

  it('keeps every round near the head and every 60th far behind it', () => {
    const head = 100_000
    const all = rounds(0, head, head)
    const fine = all.filter((height) => height >= head - FINE_ROUNDS * 5)
    expect(fine).toHaveLength(FINE_ROUNDS + 1)
    expect(all.slice(0, 3)).toEqual([300, 600, 900])
    expect(all.length - fine.length).toBe(Math.floor((head - FINE_ROUNDS * 5 - 1) / 300))
  })

  it('gives the same rounds however the heights are split', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 }),
        (headHeight, everyBlocks, cuts) => {
          const list = (fromHeight: number, toHeight: number) =>
            roundsIn({ fromHeight, toHeight, headHeight, everyBlocks, limit: 1e6 })
          const edges = [-1, ...cuts.filter((cut) => cut < headHeight).sort((a, b) => a - b), headHeight]
          const parts = edges.slice(1).flatMap((edge, i) => list(edges[i]!, edge))
          expect(parts).toEqual(list(-1, headHeight))
        },
      ),
    )
  })
})

describe('lastRound', () => {
  it('is the multiple at or below a height', () => {
    expect([lastRound(-1, 5), lastRound(0, 5), lastRound(4, 5), lastRound(5, 5)]).toEqual([-1, 0, 0, 5])
  })
})
