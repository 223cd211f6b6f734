import { describe, expect, it } from 'vitest'
import { type ChainBlock, makeBlock } from '../../bench/chain/blocks'
import { compareRows, truthOf } from '../../bench/chain/truth'

function grow(count: number, branch = 0, from: readonly ChainBlock[] = []): ChainBlock[] {
  const blocks = [...from]
  for (let i = 0; i < count; i++) blocks.push(makeBlock(blocks.at(-1), { seed: 1, branch, logCount: 5 }))
  return blocks
}

describe('rows held against the truth', () => {
  it('finds nothing where both are empty or equal in another order', () => {
    expect(compareRows([], [])).toEqual({ lost: 0, doubled: 0, wrong: [] })
    expect(compareRows(['a', 'b', 'b'], ['b', 'a', 'b'])).toEqual({ lost: 0, doubled: 0, wrong: [] })
  })

  it('counts a row that is absent as lost', () => {
    expect(compareRows(['a', 'b', 'b'], ['b'])).toMatchObject({ lost: 2, doubled: 0 })
  })

  it('counts a row that occurs twice, or that the truth has not, as doubled', () => {
    expect(compareRows(['a'], ['a', 'a'])).toMatchObject({ lost: 0, doubled: 1 })
    expect(compareRows(['a'], ['a', 'orphan'])).toMatchObject({ lost: 0, doubled: 1 })
  })

  it('counts a row that differs as both', () => {
    expect(compareRows(['account 5'], ['account 6'])).toMatchObject({ lost: 1, doubled: 1 })
  })
})

describe('the truth of a bench chain', () => {
  it('is the same for the same seed, and conserves the token', () => {
    const truth = truthOf(grow(20))
    expect(truthOf(grow(20))).toEqual(truth)
    expect(truth.rows.block).toHaveLength(20)
    expect(truth.rows.token_transfer).toHaveLength(19 * 5)
    const sum = truth.rows.token_balance.reduce((total, row) => total + Number(row.split(' ')[1]), 0)
    expect(sum).toBe(0)
  })

  it('differs above a fork and only there', () => {
    const trunk = grow(10)
    const fork = truthOf(grow(5, 1, trunk.slice(0, 7)))
    const { lost, doubled } = compareRows(truthOf(trunk).rows.block, fork.rows.block)
    expect({ lost, doubled }).toEqual({ lost: 3, doubled: 5 })
  })
})
