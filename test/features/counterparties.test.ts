import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { computeCounterparties, counterpartiesColumns, NO_TRANSFERS } from '../../src/features/counterparties'
import { counterparties } from '../../src/features/registry'
import { matrixOf, subjectsOf } from '../../src/features/table'
import type { FeatureTable } from '../../src/features/types'
import { type LabelBook, labelBook } from '../../src/labels/book'
import { address, CHAIN_ID, chain, createLedger, type TestBlock, USDC, WETH } from '../scorer/ledger'
import { storyBlocks } from '../scorer/story'
import { type TestDatabase, testDatabase } from '../support/database'

const [A, MIXER, C, D, E, SANCTIONED] = [1, 2, 3, 4, 5, 6].map(address) as [Hex, Hex, Hex, Hex, Hex, Hex]
const ZERO = address(0)
const idOf = (account: Hex) => `${CHAIN_ID}:${account}`
const labels = labelBook([
  { name: 'all.csv', text: `address,kind\n${MIXER},mixer\n${SANCTIONED},sanctioned\n${E},flagged\n` },
])

const blocks: TestBlock[] = [
  {},
  // D is paid by the mixer only after it paid A.
  { transactions: [{ from: D, to: A, ether: 1 }] },
  {
    transactions: [
      { from: MIXER, to: D, ether: 5 },
      { from: MIXER, to: C, ether: 5 },
    ],
  },
  // Nothing of this is a transfer: to oneself, of nothing, failed, a creation, a mint, of an unknown token.
  {
    transactions: [
      { from: A, to: A, ether: 9 },
      { from: E, to: A, ether: 0 },
      { from: E, to: A, ether: 7, status: 0 },
      { from: A, ether: 1 },
    ],
    transfers: [
      { from: ZERO, to: A, asset: USDC, amount: 5 },
      { from: E, to: A, asset: WETH, amount: 3, verified: false },
      { from: E, to: A, asset: USDC, amount: 0 },
    ],
  },
  {
    transfers: [
      { from: C, to: E, asset: USDC, amount: 10 },
      { from: SANCTIONED, to: C, asset: USDC, amount: 1 },
    ],
  },
  {
    transactions: [
      { from: E, to: A, ether: 3 },
      { from: A, to: C, ether: 2 },
      { from: A, to: C, ether: 2 },
    ],
  },
  { transfers: [{ from: A, to: E, asset: WETH, amount: 1 }] },
  { transactions: [{ from: D, to: A, ether: 1 }] },
]

describe('counterparties', () => {
  let db: TestDatabase
  const head = blocks.length - 1

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    const ledger = await createLedger(db.pool)
    await ledger.write({ from: 0, blocks })
  })
  afterAll(() => db.drop())

  async function featuresOf(
    height: number,
    options: { labels?: LabelBook; chain?: ChainSpec } = {},
  ): Promise<FeatureTable> {
    const accountIds = [A, MIXER, C, D, E, SANCTIONED].map(idOf)
    return inTransaction(db.pool, async (tx) => {
      const at = (await blockAt(tx, CHAIN_ID, height))!
      const request = { chain: options.chain ?? chain, at, accountIds, labels: options.labels }
      return counterparties.compute(await counterparties.read(tx, request))
    })
  }
  function valuesOf(features: FeatureTable, account: Hex): Record<string, number> {
    const row = subjectsOf(features).indexOf(idOf(account))
    const width = counterpartiesColumns.length
    const values = matrixOf(features, counterpartiesColumns).slice(row * width, (row + 1) * width)
    return Object.fromEntries(counterpartiesColumns.map((name, i) => [name, values[i]!]))
  }

  it('of nobody: no rows; of a direction without a transfer: counts of zero and missing shares', () => {
    const known = { flagged: true, mixer: true, sanctioned: true }
    const nothing = { incomplete: null, requested: ['x'], known, activity: [] }
    expect(computeCounterparties(nothing).table.numRows).toBe(0)
    const one = {
      accountId: 'x',
      incoming: NO_TRANSFERS,
      outgoing: { ...NO_TRANSFERS, transfers: 1, unique: 1, squares: 1, top: 1 },
    }
    const [inCount, , , , inHhi, outHhi, inTop, , inEth, , flagged, , , hops] = matrixOf(
      computeCounterparties({ ...nothing, activity: [one] }),
      counterpartiesColumns,
    )
    expect([inCount, inHhi, outHhi, inTop, inEth, flagged, hops]).toEqual([
      0,
      Number.NaN,
      1,
      Number.NaN,
      0,
      Number.NaN,
      3,
    ])
  })

  it('count transfers of value, and only those', async () => {
    const values = valuesOf(await featuresOf(head, { labels }), A)
    // Received: D twice, E once. Sent: C twice, E once.
    expect(values).toMatchObject({
      inCount: 3,
      outCount: 3,
      uniqueInCount: 2,
      uniqueOutCount: 2,
      inEth: 5,
      outEth: 4,
    })
    expect(values.inHhi).toBeCloseTo(5 / 9, 6)
    expect(values.outTopShare).toBeCloseTo(2 / 3, 6)
    expect(values.flaggedInShare).toBeCloseTo(1 / 3, 6)
    expect(values.flaggedOutShare).toBeCloseTo(1 / 3, 6)
    expect(values.flaggedInEthShare).toBeCloseTo(3 / 5, 6)
  })

  it('let money reach an account only forward in time', async () => {
    // At block 6 D had been paid by the mixer, but had paid A before that; E had been paid by C, which both had paid.
    const before = await featuresOf(6, { labels })
    expect(valuesOf(before, A).mixerHops).toBe(3)
    expect(valuesOf(before, E)).toMatchObject({ mixerHops: 2, sanctionedHops: 2 })
    expect(valuesOf(before, C)).toMatchObject({ mixerHops: 1, sanctionedHops: 1 })
    expect(valuesOf(await featuresOf(head, { labels }), A)).toMatchObject({ mixerHops: 2, sanctionedHops: 3 })
  })

  it('never use what an account itself is called', async () => {
    const features = await featuresOf(head, { labels })
    expect(valuesOf(features, MIXER)).toMatchObject({ mixerHops: 3, outCount: 2 })
  })

  it('without lists miss what needs them, and nothing else', async () => {
    const values = valuesOf(await featuresOf(head), A)
    for (const name of [
      'flaggedInShare',
      'flaggedOutShare',
      'flaggedInEthShare',
      'mixerHops',
      'sanctionedHops',
    ]) {
      expect(values[name], name).toBeNaN()
    }
    expect(values.inCount).toBe(3)
    const onlyMixers = labelBook([{ name: 'mixer.txt', text: MIXER }])
    const some = valuesOf(await featuresOf(head, { labels: onlyMixers }), A)
    expect([some.mixerHops, some.sanctionedHops, some.flaggedInShare]).toEqual([2, Number.NaN, Number.NaN])
  })

  it('are withheld where not every transaction is indexed', async () => {
    const features = await featuresOf(head, { chain: { ...chain, transactions: 'watched' } })
    expect(features.table.numRows).toBe(0)
    expect(features.withheld[0]?.reason).toContain('without all its transactions')
  })

  it('agree with a plain count over a story', async () => {
    const other = await testDatabase({ chainIds: [chain.id] })
    try {
      const story = storyBlocks(9, { from: 0, to: 60 })
      await (await createLedger(other.pool)).write({ from: 0, blocks: story })
      const features = await inTransaction(other.pool, async (tx) => {
        const at = (await blockAt(tx, CHAIN_ID, 60))!
        const accountIds = Array.from({ length: 8 }, (_, i) => idOf(address(i + 1)))
        return counterparties.compute(await counterparties.read(tx, { chain, at, accountIds }))
      })
      const moves = story.flatMap(({ transactions = [], transfers = [] }) => [
        ...transactions.filter((tx) => Math.round(tx.ether * 1e6) > 0),
        ...transfers.filter((move) => (move.verified ?? true) && Math.round(move.amount * 1e6) > 0),
      ])
      for (let i = 1; i <= 8; i++) {
        const senders = moves
          .filter(({ from, to }) => to === address(i) && from !== to)
          .map(({ from }) => from)
        const times = [...new Set(senders)].map((one) => senders.filter((sender) => sender === one).length)
        const squares = times.reduce((sum, n) => sum + n * n, 0)
        const values = valuesOf(features, address(i))
        expect([values.inCount, values.uniqueInCount]).toEqual([senders.length, times.length])
        expect(values.inHhi).toBe(Math.fround(squares / senders.length ** 2))
      }
    } finally {
      await other.drop()
    }
  })
})
