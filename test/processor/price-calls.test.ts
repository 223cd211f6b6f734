/** Called prices through the real store: undone by reorgs, the same for any grouping, absent where nobody answers. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { CallAnswer, CallAt, Caller } from '../../src/chains/call-at'
import type { ChainSpec, Hex } from '../../src/chains/types'
import type { SourceBlock } from '../../src/processor/block'
import { handleBlocks } from '../../src/processor/handle'
import type { Store } from '../../src/processor/store'
import { PROTOCOLS } from '../../src/protocols/registry'
import type { Protocol } from '../../src/protocols/types'
import { address, FEED, growChain, MADE_CHAIN, TOKEN, word } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { compareDatabases } from '../support/equality'
import { commitFinal, commitHot, openTestStore } from '../support/store-driver'

const ORACLE = address('silent oracle')

/** Aave's reserve asks one silent oracle for its asset, and the listed feed's own contract as well. */
const aave: Protocol = {
  ...PROTOCOLS['aave-v3']!,
  priceCalls: ({ asset, kind }) =>
    kind === 'pool'
      ? []
      : [ORACLE, FEED].map((source) => ({
          asset,
          source,
          to: source,
          data: '0x01' as Hex,
          decimals: 8,
          read: (result: Hex) => (result.length === 66 ? BigInt(result) : undefined),
        })),
}
const protocols = Object.values({ ...PROTOCOLS, 'aave-v3': aave })

/** An endpoint over made chains: the answer follows from the block's hash alone, as a contract's does. */
function endpoint(answer: (call: CallAt) => CallAnswer | undefined = priceOf) {
  const asked: CallAt[] = []
  const caller: Caller = {
    async ask(calls) {
      asked.push(...calls)
      return calls.map(answer)
    },
    header: async () => undefined,
  }
  return { caller, asked }
}

/** Changes every second round or so. */
function priceOf({ hash, to }: CallAt): CallAnswer {
  const salt = Number(BigInt(hash ?? '0x0') % 7n)
  if (to === ORACLE && salt === 6) return { kind: 'refused' }
  return { kind: 'result', result: word(BigInt(100 + (salt % 2)) * 10n ** 8n) }
}

const open: { db: TestDatabase; stores: Store[] }[] = []

async function fresh(
  caller: Caller | undefined,
  chain: ChainSpec = MADE_CHAIN,
): Promise<{ db: TestDatabase; store: Store }> {
  const db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
  const store = openTestStore(db, { protocols, caller, chain })
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

async function calm(chain: readonly SourceBlock[], finalized: number): Promise<TestDatabase> {
  const { db, store } = await fresh(endpoint().caller)
  await commitFinal(store, chain, { after: -1, to: finalized })
  await commitHot(store, chain, { base: finalized, to: chain.length - 1, finalized })
  return db
}

async function expectSame(a: TestDatabase, b: TestDatabase): Promise<void> {
  const { differences, rows } = await compareDatabases(a.pool, b.pool)
  expect(differences).toEqual([])
  for (const table of ['price', 'price_version', 'price_round', 'journal'])
    expect(rows[table], table).toBeGreaterThan(0)
}

async function rowsOf(db: TestDatabase, sql: string): Promise<Record<string, unknown>[]> {
  return (await db.pool.query(sql)).rows
}

describe('called prices', () => {
  it('are asked at due heights only, by hash, from the first market on', async () => {
    const chain = growChain([], 'a', 14)
    const { caller, asked } = endpoint()
    const { db, store } = await fresh(caller)
    await commitFinal(store, chain, { after: -1, to: 14 })
    expect([...new Set(asked.map(({ height }) => height))]).toEqual([4, 8, 12])
    for (const { height, hash } of asked) expect(hash).toBe(chain[height]!.ref.hash)
    const rounds = await rowsOf(db, 'SELECT height::int, asked, block_hash FROM price_round ORDER BY height')
    expect(rounds.map(({ height }) => height)).toEqual([4, 8, 12])
    expect(rounds[0]).toMatchObject({ asked: 2, block_hash: chain[4]!.ref.hash })
  })

  it('make a version where the answer changed, and none where it stayed', async () => {
    const chain = growChain([], 'a', 60)
    const { db, store } = await fresh(endpoint().caller)
    await commitFinal(store, chain, { after: -1, to: 60 })
    const found = await rowsOf(
      db,
      `SELECT valid_from_block::int AS height, answer FROM price_version WHERE source = '${ORACLE}' ORDER BY 1`,
    )
    const expected: { height: number; answer: string }[] = []
    for (let height = 4; height <= 60; height += 4) {
      const answer = priceOf({ height, hash: chain[height]!.ref.hash, to: ORACLE, data: '0x01' })
      if (answer.kind !== 'result') continue
      const text = BigInt(answer.result).toString()
      if (expected.at(-1)?.answer !== text) expected.push({ height, answer: text })
    }
    expect(found).toEqual(expected)
    expect(found.length).toBeGreaterThan(1)
    expect(found.length).toBeLessThan(15)
  })

  it('come after the events of their block where both speak for one source', async () => {
    const chain = growChain([], 'a', 40)
    const { db, store } = await fresh(endpoint().caller)
    await commitFinal(store, chain, { after: -1, to: 40 })
    const rows = await rowsOf(
      db,
      `SELECT v.answer FROM price_version v WHERE v.source = '${FEED}' AND v.valid_from_block % 4 = 0 AND v.valid_from_block > 0`,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const { answer } of rows) expect(['10000000000', '10100000000']).toContain(answer)
    const [now] = await rowsOf(db, `SELECT answer FROM price WHERE source = '${FEED}' AND kind = 'protocol'`)
    const [newest] = await rowsOf(
      db,
      `SELECT answer FROM price_version WHERE source = '${FEED}' AND kind = 'protocol' ORDER BY valid_from_block DESC LIMIT 1`,
    )
    expect(now).toEqual(newest)
  })

  it('are undone by a reorg and asked again on the new chain', async () => {
    const old = growChain([], 'a', 30)
    const now = growChain(old.slice(0, 19), 'b', 33)
    const { db, store } = await fresh(endpoint().caller)
    await commitFinal(store, old, { after: -1, to: 18 })
    await commitHot(store, old, { base: 18, to: 30, finalized: 18 })
    await commitHot(store, now, { base: 18, to: 33, finalized: 21 })
    await expectSame(db, await calm(now, 21))
  })

  it('are the same for any grouping of blocks and after a restart', async () => {
    const chain = growChain([], 'a', 26)
    const truth = await calm(chain, 14)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 27, maxLength: 27 }),
        async (sizes) => {
          const { db, store } = await fresh(endpoint().caller)
          await commitFinal(store, chain, { after: -1, to: 3 })
          await store.close()
          const next = openTestStore(db, { protocols, caller: endpoint().caller })
          open.at(-1)?.stores.push(next)
          await next.connect()
          let head = 3
          for (const size of sizes) {
            const to = Math.min(26, head + size)
            if (head < 26) await commitHot(next, chain, { base: head, to, finalized: Math.max(3, to - 12) })
            head = to
          }
          await expectSame(db, truth)
        },
      ),
      { numRuns: 3, seed: 20261126 },
    )
  })

  it('say who did not answer and since when; the price before stands', async () => {
    const chain = growChain([], 'a', 16)
    const { caller } = endpoint((call) =>
      call.to === ORACLE && call.height > 4 ? { kind: 'refused' } : priceOf({ ...call, hash: '0x1' }),
    )
    const { db, store } = await fresh(caller)
    await commitFinal(store, chain, { after: -1, to: 9 })
    await commitFinal(store, chain, { after: 9, to: 16 })
    const rounds = await rowsOf(db, 'SELECT height::int, answered, missing FROM price_round ORDER BY height')
    const absent = {
      asset: TOKEN,
      source: ORACLE,
      reason: 'the contract refused',
      lastAnswerSec: chain[4]!.ref.timestampSec,
    }
    expect(rounds.map(({ answered }) => answered)).toEqual([2, 1, 1, 1])
    expect(rounds.map(({ missing }) => missing)).toEqual([[], [absent], [absent], [absent]])
    const [price] = await rowsOf(db, `SELECT updated_height::int FROM price WHERE source = '${ORACLE}'`)
    expect(price).toEqual({ updated_height: 4 })
  })

  it('name no oracle that never answered, round after round', async () => {
    const chain = growChain([], 'a', 16)
    const { caller } = endpoint((call) => (call.to === ORACLE ? { kind: 'refused' } : priceOf(call)))
    const { db, store } = await fresh(caller)
    await commitFinal(store, chain, { after: -1, to: 16 })
    const rounds = await rowsOf(db, 'SELECT asked, answered, missing FROM price_round')
    expect(rounds).toHaveLength(4)
    for (const round of rounds) expect(round).toEqual({ asked: 2, answered: 1, missing: [] })
  })

  it('leave no round and no price where the endpoint has no state, and the blocks are indexed all the same', async () => {
    const chain = growChain([], 'a', 16)
    const { db, store } = await fresh(endpoint(() => ({ kind: 'unavailable', reason: 'pruned' })).caller)
    await commitFinal(store, chain, { after: -1, to: 16 })
    expect(await rowsOf(db, 'SELECT 1 FROM price_round')).toEqual([])
    expect(await rowsOf(db, `SELECT 1 FROM price WHERE source = '${ORACLE}'`)).toEqual([])
    expect(await rowsOf(db, 'SELECT head_height::int FROM chain')).toEqual([{ head_height: 16 }])
  })

  it('are not asked without an endpoint', async () => {
    const chain = growChain([], 'a', 16)
    const { db, store } = await fresh(undefined)
    await commitFinal(store, chain, { after: -1, to: 16 })
    expect(await rowsOf(db, 'SELECT 1 FROM price_round')).toEqual([])
  })

  it('reach due blocks that the source left out because nothing happened in them', async () => {
    const whole = growChain([], 'a', 14)
    const gappy = whole.filter(({ ref }) => ref.height !== 8)
    const { caller } = endpoint()
    caller.header = async (height) => whole[height]?.ref
    const { db, store } = await fresh(caller, { ...MADE_CHAIN, blocks: 'relevant' })
    await store.transact(
      {
        prevHead: { height: -1, hash: '0x' },
        nextHead: { height: 14, hash: whole[14]!.ref.hash },
        isOnTop: false,
      },
      async (batch) => {
        await handleBlocks(batch, gappy)
      },
    )
    const rounds = await rowsOf(db, 'SELECT height::int, block_hash FROM price_round ORDER BY height')
    expect(rounds[1]).toEqual({ height: 8, block_hash: whole[8]!.ref.hash })
    expect(rounds).toHaveLength(3)
  })
})
