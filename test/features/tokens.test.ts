import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { tokens } from '../../src/features/registry'
import { matrixOf, subjectsOf } from '../../src/features/table'
import { burstiness, tokensColumns } from '../../src/features/tokens'
import { address, CHAIN_ID, chain, createLedger, POOL, type TestBlock, USDC, WETH } from '../scorer/ledger'
import { type TestDatabase, testDatabase } from '../support/database'

const [A, C, D, STRANGER] = [1, 2, 3, 4].map(address) as [Hex, Hex, Hex, Hex]
const idOf = (account: Hex) => `${CHAIN_ID}:${account}`
const move = (from: Hex, to: Hex, more: { asset?: Hex; amount?: number; verified?: boolean } = {}) => ({
  from,
  to,
  asset: USDC,
  amount: 1,
  ...more,
})

const blocks: TestBlock[] = [
  {},
  { transfers: [move(address(0), A), move(A, C)] },
  { transfers: [move(A, A), move(C, A, { amount: 0 }), move(D, A, { verified: false })] },
  { approvals: [{ owner: A, spender: POOL, asset: USDC, amount: 10 }] },
  {
    approvals: [
      { owner: A, spender: STRANGER, asset: USDC, amount: 5 },
      { owner: A, spender: D, asset: WETH, amount: 1 },
    ],
  },
  { approvals: [{ owner: A, spender: D, asset: WETH, amount: 0 }] },
  { transfers: [move(C, A, { asset: WETH }), move(C, D)] },
]

describe('burstiness', () => {
  it('is missing with fewer than two gaps, or in one block', () => {
    expect(burstiness({ gaps: 0, gapSum: 0, gapSquares: 0 })).toBeNaN()
    expect(burstiness({ gaps: 1, gapSum: 5, gapSquares: 25 })).toBeNaN()
    expect(burstiness({ gaps: 9, gapSum: 0, gapSquares: 0 })).toBeNaN()
  })

  it('is −1 for a clock, and within [−1, 1) always', () => {
    expect(burstiness({ gaps: 4, gapSum: 40, gapSquares: 400 })).toBe(-1)
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2 }), (gaps) => {
        const gapSum = gaps.reduce((a, b) => a + b, 0)
        const found = burstiness({
          gaps: gaps.length,
          gapSum,
          gapSquares: gaps.reduce((a, b) => a + b * b, 0),
        })
        if (gapSum === 0) expect(found).toBeNaN()
        else expect(found >= -1 && found < 1).toBe(true)
      }),
    )
  })
})

describe('token features', () => {
  let db: TestDatabase

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    await (await createLedger(db.pool)).write({ from: 0, blocks })
  })
  afterAll(() => db.drop())

  async function valuesOf(account: Hex, height: number, spec: ChainSpec = chain) {
    const accountIds = [A, C, D, STRANGER].map(idOf)
    const features = await inTransaction(db.pool, async (tx) => {
      const at = (await blockAt(tx, CHAIN_ID, height))!
      return tokens.compute(await tokens.read(tx, { chain: spec, at, accountIds }))
    })
    const row = subjectsOf(features).indexOf(idOf(account))
    if (row < 0) return undefined
    const values = matrixOf(features, tokensColumns).slice(
      row * tokensColumns.length,
      (row + 1) * tokensColumns.length,
    )
    return Object.fromEntries(tokensColumns.map((name, i) => [name, values[i]!]))
  }

  it('count what moved, and apart from it what did not', async () => {
    expect(await valuesOf(A, 6)).toMatchObject({
      inCount: 2,
      outCount: 1,
      selfCount: 1,
      tokensCount: 2,
      topTokenShare: 0.75,
      mintCount: 1,
      zeroCount: 1,
      unverifiedInCount: 1,
      nftCount: 0,
    })
    expect((await valuesOf(A, 6))?.outShare).toBe(Math.fround(1 / 3))
    // Times of the counted transfers: 1, 1, 2 and 6 seconds after genesis.
    expect((await valuesOf(A, 6))?.spanMin).toBe(Math.fround(5 / 60))
    const [mean, deviation] = [5 / 3, Math.sqrt((0 + 1 + 16) / 3 - (5 / 3) ** 2)]
    expect((await valuesOf(A, 6))?.burstiness).toBe(Math.fround((deviation - mean) / (deviation + mean)))
  })

  it('count approvals as they stood at the block', async () => {
    const open = async (height: number) => {
      const values = await valuesOf(A, height)
      return [values?.openApprovalsCount, values?.openUnlistedApprovalsCount]
    }
    expect(await open(2)).toEqual([0, 0])
    expect(await open(3)).toEqual([1, 0])
    expect(await open(4)).toEqual([3, 2])
    expect(await open(6)).toEqual([2, 1])
  })

  it('of somebody who only approved have missing shares; of nobody there is no row', async () => {
    expect(await valuesOf(STRANGER, 6)).toBeUndefined()
    expect(await valuesOf(C, 1)).toMatchObject({ inCount: 1, burstiness: Number.NaN, spanMin: 0 })
  })

  it('miss foreign contracts where those are not indexed', async () => {
    expect((await valuesOf(A, 6, { ...chain, tokenLogs: 'listed' }))?.unverifiedInCount).toBeNaN()
  })
})
