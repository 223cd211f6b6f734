/** Backfill and rebuild: whatever way history goes in, the tables equal those of a run that went block by block. */
import { afterEach, describe, expect, it } from 'vitest'
import { backfill } from '../../src/processor/backfill'
import { rebuildStale } from '../../src/processor/rebuild'
import { PROTOCOLS } from '../../src/protocols/registry'
import type { Protocol } from '../../src/protocols/types'
import { growChain, MADE_CHAIN } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { CORE_TABLES, compareDatabases } from '../support/equality'
import { madeSource } from '../support/made-source'
import { commitFinal, commitHot, openTestStore } from '../support/store-driver'

const all = Object.values(PROTOCOLS)
const chain = growChain([], 'history', 60)
const ranges = [{ from: 0, to: undefined }]
const open: TestDatabase[] = []

async function fresh(): Promise<TestDatabase> {
  const db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
  open.push(db)
  return db
}

afterEach(async () => {
  for (const db of open.splice(0)) await db.drop()
})

function fill(
  db: TestDatabase,
  source: ReturnType<typeof madeSource>,
  options: { from?: number; to?: number } = {},
) {
  const store = openTestStore(db)
  const { from = 0, to } = options
  return backfill({
    chain: MADE_CHAIN,
    protocols: all,
    pool: db.pool,
    store,
    source,
    ranges,
    from,
    to,
  }).finally(() => store.close())
}

/** One block a batch, in order. */
async function serial(to: number, protocols: readonly Protocol[] = all): Promise<TestDatabase> {
  const db = await fresh()
  const store = openTestStore(db, { protocols })
  await store.connect()
  for (let height = 0; height <= to; height++)
    await commitFinal(store, chain, { after: height - 1, to: height })
  await store.close()
  return db
}

async function expectSame(a: TestDatabase, b: TestDatabase, also: readonly string[] = []): Promise<void> {
  const { differences, rows } = await compareDatabases(a.pool, b.pool)
  expect(differences).toEqual([])
  for (const table of [
    ...CORE_TABLES,
    'market_version',
    'position_version',
    'quarantine',
    'token_balance',
    ...also,
  ]) {
    expect(rows[table], table).toBeGreaterThan(0)
  }
}

describe('a backfill', () => {
  it.each([1, 7, 25, 100])('in ranges of %i blocks writes what a serial run writes', async (rangeBlocks) => {
    const db = await fresh()
    const source = madeSource(chain, { rangeBlocks, finalized: 48 })
    expect(await fill(db, source)).toMatchObject({ done: { from: 0, to: 48 } })
    await expectSame(db, await serial(48))
  })

  it('resumes where it broke off, and does nothing when nothing is left', async () => {
    const db = await fresh()
    const dying = madeSource(chain, { rangeBlocks: 5, finalized: 48, failAt: 30 })
    await expect(fill(db, dying)).rejects.toThrow('the source died')
    const second = madeSource(chain, { rangeBlocks: 5, finalized: 48 })
    const { done } = await fill(db, second)
    expect(done?.from).toBeGreaterThan(0)
    await expectSame(db, await serial(48))
    expect(await fill(db, second)).toEqual({ done: undefined, rowCount: 0 })
  })

  it('goes on behind blocks that a processor left hot', async () => {
    const db = await fresh()
    const store = openTestStore(db)
    await store.connect()
    await commitFinal(store, chain, { after: -1, to: 10 })
    await commitHot(store, growChain(chain.slice(0, 15), 'orphan', 20), { base: 10, to: 20, finalized: 10 })
    await store.close()
    await fill(db, madeSource(chain, { rangeBlocks: 9, finalized: 48 }))
    await expectSame(db, await serial(48))
  })

  it('refuses blocks that are not final, a gap, and a chain that does not continue', async () => {
    const db = await fresh()
    const source = madeSource(chain, { rangeBlocks: 9, finalized: 20 })
    await expect(fill(db, source, { to: 21 })).rejects.toThrow(/block 21 of made is not final yet/)
    await fill(db, source)
    await expect(
      fill(db, madeSource(chain, { rangeBlocks: 9, finalized: 48 }), { from: 30 }),
    ).rejects.toThrow(/blocks 21 to 29 of made would be missing/)
    const other = growChain(growChain([], 'other', 20), 'other', 48)
    await expect(fill(db, madeSource(other, { rangeBlocks: 9, finalized: 48 }))).rejects.toThrow(
      /does not hold together/,
    )
  })
})

describe('a protocol that is added later', () => {
  const names = ['aave-v3', 'uniswap-v2', 'uniswap-v3', 'chainlink', 'erc20']

  it.each(names)('%s: its history is rebuilt beside the others', async (added) => {
    const db = await serial(
      48,
      all.filter(({ name }) => name !== added),
    )
    const source = madeSource(chain, { rangeBlocks: 11, finalized: 48 })
    const rebuild = () =>
      rebuildStale({
        chain: MADE_CHAIN,
        protocols: all,
        pool: db.pool,
        store: openTestStore(db),
        source,
        from: 0,
      })
    expect(await rebuild()).toEqual([added])
    await expectSame(db, await serial(48))
    expect(await rebuild()).toEqual([])
  })

  it('undoes hot blocks, which are indexed again with everybody', async () => {
    const db = await fresh()
    const some = all.filter(({ name }) => name !== 'aave-v3')
    const store = openTestStore(db, { protocols: some })
    await store.connect()
    await commitFinal(store, chain, { after: -1, to: 48 })
    await commitHot(store, chain, { base: 48, to: 60, finalized: 48 })
    await store.close()
    const source = madeSource(chain, { rangeBlocks: 11, finalized: 48 })
    await rebuildStale({
      ...{ chain: MADE_CHAIN, protocols: all, pool: db.pool, store: openTestStore(db), source, from: 0 },
    })
    await expectSame(db, await serial(48))
  })

  it('resumes a rebuild that broke off', async () => {
    const db = await serial(
      48,
      all.filter(({ name }) => name !== 'aave-v3'),
    )
    const rebuild = (failAt?: number) =>
      rebuildStale({
        ...{ chain: MADE_CHAIN, protocols: all, pool: db.pool, store: openTestStore(db), from: 0 },
        source: madeSource(chain, { rangeBlocks: 6, finalized: 48, ...(failAt ? { failAt } : {}) }),
      })
    await expect(rebuild(30)).rejects.toThrow('the source died')
    expect(await rebuild()).toEqual(['aave-v3'])
    await expectSame(db, await serial(48))
  })

  it('a raised decoder version rebuilds that protocol alone', async () => {
    const db = await serial(48)
    const raised = all.map((protocol) =>
      protocol.name === 'aave-v3' ? { ...protocol, decoderVersion: protocol.decoderVersion + 1 } : protocol,
    )
    const source = madeSource(chain, { rangeBlocks: 11, finalized: 48 })
    const done = await rebuildStale({
      ...{ chain: MADE_CHAIN, protocols: raised, pool: db.pool, store: openTestStore(db), source, from: 0 },
    })
    expect(done).toEqual(['aave-v3'])
    await expectSame(db, await serial(48, raised))
  })
})
