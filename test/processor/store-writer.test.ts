import { afterEach, describe, expect, it } from 'vitest'
import type { SourceBlock } from '../../src/processor/block'
import { handleBlocks } from '../../src/processor/handle'
import type { Store } from '../../src/processor/store'
import { growChain, MADE_CHAIN } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { commitFinal, commitHot, openTestStore } from '../support/store-driver'

const open: { db: TestDatabase; stores: Store[] }[] = []

async function fresh(): Promise<{ db: TestDatabase; store: Store }> {
  const db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
  const store = openTestStore(db)
  open.push({ db, stores: [store] })
  await store.connect()
  return { db, store }
}

afterEach(async () => {
  for (const { db, stores } of open.splice(0)) {
    for (const store of stores) await store.close()
    await db.drop()
  }
})

async function count(db: TestDatabase, sql: string): Promise<number> {
  return Number((await db.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n)
}

describe('one writer', () => {
  it('fenced-writer: one that lost its lock writes nothing more', async () => {
    const chain = growChain([], 'a', 10)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 5 })
    await db.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'plimsoll-writer-made'`,
    )
    const successor = openTestStore(db)
    open.at(-1)?.stores.push(successor)
    expect((await successor.connect()).height).toBe(5)
    await expect(commitFinal(store, chain, { after: 5, to: 7 })).rejects.toThrow('fenced out')
    await expect(store.aside((tx) => tx.query('DELETE FROM asset'))).rejects.toThrow('fenced out')
    expect(await count(db, 'block WHERE height > 5')).toBe(0)
    await commitFinal(successor, chain, { after: 5, to: 7 })
    expect(await count(db, 'block WHERE height > 5')).toBe(2)
  })

  it('a writer fenced out while its transaction is open does not commit', async () => {
    const chain = growChain([], 'a', 10)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 5 })
    // The row lock makes the successor wait, so the epoch cannot change under an open batch: it comes after it.
    const order: string[] = []
    let bump: Promise<unknown> = Promise.resolve()
    await commitFinal(store, chain, { after: 5, to: 7 }, async (batch, blocks) => {
      bump = db.pool.query('UPDATE chain_writer SET epoch = epoch + 1').then(() => order.push('epoch'))
      await handleBlocks(batch, blocks)
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push('batch')
    })
    await bump
    expect(order).toEqual(['batch', 'epoch'])
    await expect(commitFinal(store, chain, { after: 7, to: 8 })).rejects.toThrow('fenced out')
  })

  it('a second processor waits, then says who is in the way', async () => {
    const { db } = await fresh()
    const second = openTestStore(db, { lockTimeoutMs: 300 })
    await expect(second.connect()).rejects.toThrow('another processor is writing chain made')
  })

  it('reports the loss of its lock', async () => {
    const { db, store } = await fresh()
    await store.close()
    const lost = new Promise<string>((resolve) => {
      const next = openTestStore(db, { onLost: (error) => resolve(error.message) })
      open.at(-1)?.stores.push(next)
      next.connect().then(() =>
        db.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'plimsoll-writer-made'`,
        ),
      )
    })
    expect(await lost).toContain('writer lock of made was lost')
  })

  it('refuses a batch that does not continue the committed chain', async () => {
    const chain = growChain([], 'a', 10)
    const { store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 5 })
    await expect(commitFinal(store, chain, { after: 4, to: 7 })).rejects.toThrow(
      'not where the processor left it',
    )
    const other = growChain([], 'b', 10)
    await expect(commitHot(store, other, { base: 5, to: 7, finalized: 5 })).rejects.toThrow(
      'neither final nor hot',
    )
  })
})

describe('a source that gives a chain that does not hold together', () => {
  const chain = growChain([], 'a', 10)
  const cases: [string, (blocks: SourceBlock[]) => SourceBlock[], RegExp][] = [
    [
      'skips a block',
      (blocks) => blocks.filter((block) => block.ref.height !== 7),
      /block 8 follows block 6/,
    ],
    ['turns back', (blocks) => [...blocks, ...blocks.slice(0, 1)], /block 6 follows block 9/],
    [
      'names another parent',
      (blocks) =>
        blocks.map((b) => (b.ref.height === 8 ? { ...b, ref: { ...b.ref, parentHash: '0xbad' } } : b)),
      /block 8 names parent 0xbad/,
    ],
    ['does not continue what is committed', () => growChain([], 'b', 9).slice(6), /block 6 names parent/],
  ]
  for (const [name, spoil, message] of cases) {
    it(`and ${name} is stopped before anything is written`, async () => {
      const { db, store } = await fresh()
      await commitFinal(store, chain, { after: -1, to: 5 })
      const spoiled = commitFinal(store, chain, { after: 5, to: 9 }, (batch, blocks) =>
        handleBlocks(batch, spoil([...blocks])),
      )
      await expect(spoiled).rejects.toThrow(message)
      expect(await count(db, 'batch')).toBe(1)
      expect(await count(db, 'block WHERE height > 5')).toBe(0)
    })
  }
})

describe('what consumers follow', () => {
  it('is one batch row a transaction, in sequence, with range, head and rollback', async () => {
    const chain = growChain([], 'a', 20)
    const fork = growChain(chain.slice(0, 16), 'b', 21)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 8 })
    await commitHot(store, chain, { base: 8, to: 20 })
    await commitHot(store, fork, { base: 15, to: 21 })
    const { rows } = await db.pool.query('SELECT * FROM batch ORDER BY seq')
    const brief = rows.map((row) => [
      row.seq,
      row.from_height,
      row.to_height,
      row.rollback_to,
      row.finalized_height,
    ])
    expect(brief).toEqual([
      ['1', '0', '8', null, '8'],
      ['2', '9', '20', null, '8'],
      ['3', '16', '21', '15', '9'],
    ])
    expect(rows[2].head_hash).toBe(fork[21]?.ref.hash)
    expect(await count(db, 'journal WHERE height <= 9')).toBe(0)
    expect(await count(db, 'hot_block')).toBe(12)
  })

  it('a gap in what was seen makes earlier state incomplete', async () => {
    const chain = growChain([], 'a', 20)
    const db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
    const store = openTestStore(db, {
      ranges: [
        { from: 0, to: 8 },
        { from: 15, to: 20 },
      ],
    })
    open.push({ db, stores: [store] })
    await store.connect()
    await commitFinal(store, chain, { after: -1, to: 8 })
    // The made V3 pool loses liquidity that it never had, and is incomplete by itself.
    expect(await count(db, `market WHERE NOT complete AND protocol <> 'uniswap-v3'`)).toBe(0)
    expect(await count(db, 'position WHERE NOT complete')).toBe(0)
    await store.transact({ prevHead: chain[8]!.ref, nextHead: chain[20]!.ref, isOnTop: false }, (batch) =>
      handleBlocks(batch, chain.slice(15)),
    )
    expect(await count(db, 'market WHERE complete AND updated_height < 15')).toBe(0)
    expect(await count(db, 'position WHERE complete')).toBe(0)
    expect(await count(db, 'position_version WHERE valid_from_block = 14 AND NOT complete')).toBeGreaterThan(
      0,
    )
    expect(await count(db, `coverage WHERE protocol = 'erc20'`)).toBe(2)
  })
})
