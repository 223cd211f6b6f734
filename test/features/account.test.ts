import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { inTransaction } from '../../src/db/pool'
import {
  type AccountActivity,
  accountGap,
  accountQuantities,
  computeAccounts,
} from '../../src/features/account'
import { blockAt } from '../../src/features/blocks'
import { account } from '../../src/features/registry'
import { evaluate } from '../../src/models/derive'
import { illicitSpec } from '../../src/models/illicit/spec'
import { address, CHAIN_ID, chain, createLedger, type TestBlock } from '../scorer/ledger'
import { storyBlocks } from '../scorer/story'
import { type TestDatabase, testDatabase } from '../support/database'

const [A, C] = [address(1), address(2)]
const idOf = (account: Hex) => `${CHAIN_ID}:${account}`

/** The definitions of src/models/illicit/spec.ts again, written for one account over plain transactions in ether. */
function reference(account: Hex, blocks: readonly TestBlock[]): Record<string, number> {
  const all = blocks
    .flatMap((block, height) => (block.transactions ?? []).map((tx) => ({ ...tx, minute: height / 60 })))
    .filter((tx) => tx.from === account || tx.to === account)
  const sent = all.filter((tx) => tx.from === account && tx.to !== undefined)
  const received = all.filter((tx) => tx.to === account)
  const created = all.filter((tx) => tx.from === account && tx.to === undefined)
  const values = (list: typeof all) => list.map((tx) => tx.ether)
  const sum = (list: number[]) => list.reduce((total, value) => total + value, 0)
  const span = (list: typeof all) => (list.length === 0 ? 0 : list.at(-1)!.minute - list[0]!.minute)
  const gap = (list: typeof all) => (list.length < 2 ? 0 : span(list) / list.length)
  const orZero = (value: number) => (Number.isFinite(value) ? value : 0)
  return {
    avgSentGapMin: gap(sent),
    avgReceivedGapMin: gap(received),
    spanMin: span(all),
    sentCount: sent.length,
    receivedCount: received.length,
    createdCount: created.length,
    uniqueSendersCount: new Set(received.map((tx) => tx.from)).size,
    uniqueRecipientsCount: new Set(sent.map((tx) => tx.to)).size,
    minReceivedEth: orZero(Math.min(...values(received))),
    maxReceivedEth: orZero(Math.max(...values(received))),
    avgReceivedEth: orZero(sum(values(received)) / received.length),
    minSentEth: orZero(Math.min(...values(sent))),
    maxSentEth: orZero(Math.max(...values(sent))),
    avgSentEth: orZero(sum(values(sent)) / sent.length),
    transactionCount: sent.length + received.length + created.length,
    totalSentEth: sum(values(sent)),
    totalReceivedEth: sum(values(received)),
    netEth: sum(values(received)) - sum(values(sent)),
  }
}

describe('account features', () => {
  let db: TestDatabase
  let blocks: TestBlock[]

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    const odd: TestBlock[] = [
      {
        transactions: [
          { from: A, to: A, ether: 2 },
          { from: A, ether: 0 },
          { from: A, to: C, ether: 0 },
        ],
      },
      { transactions: [{ from: C, to: A, ether: 0.5 }] },
    ]
    blocks = [...storyBlocks(3, { from: 0, to: 79 }), ...odd]
    const ledger = await createLedger(db.pool)
    await ledger.write({ from: 0, blocks })
  })
  afterAll(() => db.drop())

  it('equal the definitions of the spec, self-transfers, creations and zero values included', async () => {
    const accountIds = Array.from({ length: 8 }, (_, i) => idOf(address(i + 1)))
    const { activity } = await inTransaction(db.pool, async (tx) =>
      account.read(tx, { chain, at: (await blockAt(tx, CHAIN_ID, 81))!, accountIds }),
    )
    expect(activity).toHaveLength(8)
    for (const one of activity) {
      const expected = reference(one.accountId.split(':')[1] as Hex, blocks)
      const found = accountQuantities(one)
      for (const name of Object.keys(expected)) expect(found[name], name).toBeCloseTo(expected[name]!, 4)
      for (const { name, derived } of illicitSpec.inputs) {
        if (name in expected) continue
        if (derived) expect(found[name], name).toBe(evaluate(derived, (column) => found[column]!))
        else expect(found[name], name).toBeNaN()
      }
    }
    expect(activity.find((one) => one.accountId === idOf(A))).toMatchObject({ createdCount: 1 })
  })

  it('are withheld, with the reason, where the chain was not seen whole', async () => {
    await db.pool.query('UPDATE coverage SET from_height = 2')
    const input = await inTransaction(db.pool, async (tx) =>
      account.read(tx, { chain, at: (await blockAt(tx, CHAIN_ID, 81))!, accountIds: [idOf(A)] }),
    )
    const features = computeAccounts(input)
    expect(features.table.numRows).toBe(0)
    expect(features.withheld).toEqual([
      { subjectId: idOf(A), reason: 'coverage of harbor begins at block 2, not at genesis' },
    ])
  })

  describe('with coverage of', () => {
    /** Spans of blocks [protocol, decoder version, from, to], and what block 81 says of its accounts then. */
    async function gapWith(spans: readonly [string, number, number, number][]): Promise<string | null> {
      await db.pool.query('DELETE FROM coverage WHERE chain_id = $1', [CHAIN_ID])
      for (const [protocol, version, from, to] of spans) {
        await db.pool.query('INSERT INTO coverage VALUES ($1, $2, $3, $4, $5, $6)', [
          `${CHAIN_ID}:${protocol}:${version}:${from}`,
          CHAIN_ID,
          protocol,
          version,
          from,
          to,
        ])
      }
      const input = await inTransaction(db.pool, async (tx) =>
        account.read(tx, { chain, at: (await blockAt(tx, CHAIN_ID, 81))!, accountIds: [idOf(A)] }),
      )
      return input.incomplete
    }
    const begins = (height: number) => `coverage of harbor begins at block ${height}, not at genesis`

    it('nothing, or nothing at that block, they are withheld', async () => {
      expect(await gapWith([])).toBe('harbor has no coverage')
      expect(await gapWith([['aave-v3', 1, 0, 80]])).toBe('harbor has no coverage')
      expect(await gapWith([['aave-v3', 1, 82, 100]])).toBe('harbor has no coverage')
    })

    it('two spans with a gap between them, only the one that holds the block counts', async () => {
      const gap = begins(50)
      expect(
        await gapWith([
          ['aave-v3', 1, 0, 5],
          ['aave-v3', 1, 50, 200],
        ]),
      ).toBe(gap)
      expect(
        await gapWith([
          ['aave-v3', 1, 0, 48],
          ['erc20', 1, 50, 200],
        ]),
      ).toBe(gap)
      // A span that began first and ends late, though inside the second run, joins nothing to the first.
      expect(
        await gapWith([
          ['aave-v3', 1, 0, 5],
          ['erc20', 1, 50, 60],
          ['erc20', 2, 55, 200],
          ['aave-v3', 1, 90, 300],
        ]),
      ).toBe(gap)
    })

    it('spans that touch or overlap, they are whole, whichever protocol and decoder saw the blocks', async () => {
      expect(await gapWith([['aave-v3', 1, 1, 81]])).toBeNull()
      expect(
        await gapWith([
          ['aave-v3', 1, 0, 49],
          ['aave-v3', 2, 50, 200],
        ]),
      ).toBeNull()
      expect(
        await gapWith([
          ['erc20', 1, 0, 100],
          ['aave-v3', 1, 10, 20],
          ['uniswap-v2', 1, 60, 70],
        ]),
      ).toBeNull()
    })
  })

  it('exist only with every transaction from genesis on', () => {
    const watched: ChainSpec = { ...chain, transactions: 'watched' }
    expect(accountGap(watched, 0)).toContain('without all its transactions')
    expect(accountGap(chain, null)).toContain('no coverage')
    expect(accountGap(chain, 2)).toContain('block 2')
    expect(accountGap(chain, 1)).toBeNull()
    expect(accountGap(chain, 0)).toBeNull()
  })

  it('subtract before they round', () => {
    const activity: AccountActivity = {
      accountId: 'x',
      sentCount: 1,
      receivedCount: 1,
      createdCount: 0,
      uniqueSenders: 1,
      uniqueRecipients: 1,
      sentWei: 10n ** 30n,
      minSentWei: 10n ** 30n,
      maxSentWei: 10n ** 30n,
      receivedWei: 10n ** 30n + 5n * 10n ** 17n,
      minReceivedWei: 1n,
      maxReceivedWei: 1n,
      firstSentSec: 0,
      lastSentSec: 0,
      firstReceivedSec: 0,
      lastReceivedSec: 0,
      firstSec: 0,
      lastSec: 0,
    }
    expect(accountQuantities(activity).netEth).toBe(0.5)
  })
})
