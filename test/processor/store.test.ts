/** The store, by the failures it survives. Truth is a second database that only ever saw the surviving chain. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { SourceBlock } from '../../src/processor/block'
import { handleBlocks } from '../../src/processor/handle'
import type { Store } from '../../src/processor/store'
import { growChain, MADE_CHAIN } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { CORE_TABLES, compareDatabases } from '../support/equality'
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

/** A database that indexed the chain calmly, with the same finality. */
async function calm(chain: readonly SourceBlock[], finalized = chain.length - 13): Promise<TestDatabase> {
  const { db, store } = await fresh()
  await commitFinal(store, chain, { after: -1, to: finalized })
  await commitHot(store, chain, { base: finalized, to: chain.length - 1, finalized })
  return db
}

async function expectSame(a: TestDatabase, b: TestDatabase): Promise<void> {
  const { differences, rows } = await compareDatabases(a.pool, b.pool)
  expect(differences).toEqual([])
  for (const table of [
    ...CORE_TABLES,
    'market',
    'position',
    'price',
    'quarantine',
    'journal',
    'hot_block',
    'token_balance',
  ]) {
    expect(rows[table], table).toBeGreaterThan(0)
  }
  expect(await count(a, `market WHERE kind = 'ticks'`)).toBeGreaterThan(0)
}

async function count(db: TestDatabase, sql: string): Promise<number> {
  return Number((await db.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n)
}

describe('the store survives', () => {
  it('fork-deep: every hot block replaced at once', async () => {
    const old = growChain([], 'a', 30)
    const now = growChain(old.slice(0, 19), 'b', 33)
    const { db, store } = await fresh()
    await commitFinal(store, old, { after: -1, to: 18 })
    await commitHot(store, old, { base: 18, to: 30, finalized: 18 })
    await commitHot(store, now, { base: 18, to: 33, finalized: 21 })
    expect(await count(db, 'batch WHERE rollback_to = 18')).toBe(1)
    await expectSame(db, await calm(now, 21))
  })

  it('fork-cascade: forks on forks, shorter and longer', async () => {
    let chain = growChain([], 'a', 20)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 8 })
    await commitHot(store, chain, { base: 8, to: 20 })
    const forks = [
      { base: 19, to: 20 },
      { base: 12, to: 15 },
      { base: 14, to: 22 },
      { base: 10, to: 22 },
      { base: 21, to: 24 },
      { base: 13, to: 26 },
    ]
    let finalized = 8
    for (const [i, { base, to }] of forks.entries()) {
      chain = growChain(chain.slice(0, base + 1), `fork ${i}`, to)
      finalized = Math.max(finalized, to - 12)
      await commitHot(store, chain, { base, to, finalized })
    }
    expect(await count(db, 'batch WHERE rollback_to IS NOT NULL')).toBe(forks.length)
    await expectSame(db, await calm(chain, finalized))
  })

  it('a rollback with nothing in its place', async () => {
    const chain = growChain([], 'a', 20)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 5 })
    await commitHot(store, chain, { base: 5, to: 20, finalized: 5 })
    await commitHot(store, chain, { base: 15, to: 15, finalized: 5 })
    await expectSame(db, await calm(chain.slice(0, 16), 5))
  })

  it('hot blocks given again as final', async () => {
    const chain = growChain([], 'a', 30)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 5 })
    await commitHot(store, chain, { base: 5, to: 12, finalized: 5 })
    await commitFinal(store, chain, { after: 5, to: 17 })
    await commitHot(store, chain, { base: 17, to: 30, finalized: 18 })
    await expectSame(db, await calm(chain, 18))
  })

  it('any grouping of blocks into batches', async () => {
    const chain = growChain([], 'a', 26)
    const truth = await calm(chain, 14)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 27, maxLength: 27 }),
        async (sizes) => {
          const { db, store } = await fresh()
          let head = -1
          for (const size of sizes) {
            if (head >= 26) break
            const to = Math.min(26, head + size)
            if (head < 0) await commitFinal(store, chain, { after: -1, to: Math.min(to, 3) })
            else
              await commitHot(store, chain, {
                base: head,
                to,
                finalized: Math.max(Math.min(3, head), to - 12),
              })
            head = head < 0 ? Math.min(to, 3) : to
          }
          await expectSame(db, truth)
        },
      ),
      { numRuns: 3, seed: 20261122 },
    )
  })

  it('crash mid-transaction: nothing of the batch stays', async () => {
    const chain = growChain([], 'a', 25)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 12 })
    const before = await count(db, 'account_event')
    const crash = commitHot(store, chain, { base: 12, to: 25, finalized: 13 }, async (batch, blocks) => {
      await handleBlocks(batch, blocks)
      expect(
        Number((await batch.tx.query('SELECT count(*) AS n FROM account_event')).rows[0].n),
      ).toBeGreaterThan(before)
      throw new Error('killed')
    })
    await expect(crash).rejects.toThrow('killed')
    expect(await count(db, 'account_event')).toBe(before)
    expect(await count(db, 'batch')).toBe(1)
    await commitHot(store, chain, { base: 12, to: 25, finalized: 13 })
    await expectSame(db, await calm(chain, 13))
  })

  it('a batch that must be run again after a serialization failure', async () => {
    const chain = growChain([], 'a', 25)
    const { db, store } = await fresh()
    let runs = 0
    await commitFinal(store, chain, { after: -1, to: 13 }, async (batch, blocks) => {
      await handleBlocks(batch, blocks)
      if (runs++ === 0) throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    })
    expect(runs).toBe(2)
    await commitHot(store, chain, { base: 13, to: 25, finalized: 13 })
    await expectSame(db, await calm(chain, 13))
  })

  it('its database connections cut in the middle of a batch', async () => {
    const chain = growChain([], 'a', 25)
    const { db, store } = await fresh()
    await commitFinal(store, chain, { after: -1, to: 13 })
    const cut = commitHot(store, chain, { base: 13, to: 25, finalized: 13 }, async (batch, blocks) => {
      await handleBlocks(batch, blocks)
      const { rows } = await batch.tx.query('SELECT pg_backend_pid() AS pid')
      batch.tx.on('error', () => undefined)
      await db.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    })
    await expect(cut).rejects.toThrow()
    const next = openTestStore(db)
    open.at(-1)?.stores.push(next)
    await store.close()
    expect((await next.connect()).height).toBe(13)
    await commitHot(next, chain, { base: 13, to: 25, finalized: 13 })
    await expectSame(db, await calm(chain, 13))
  })
})
