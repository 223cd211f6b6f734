/** Token metadata beside the batches, with an endpoint that fails for some tokens, for a while or for all. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChainClient } from '../../src/chains/client'
import { inTransaction } from '../../src/db/pool'
import { fetchMetadata, type MetadataJob } from '../../src/processor/metadata'
import { address } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { testChain } from '../support/processor'

const CHAIN_ID = 31337
const chain = testChain({ id: CHAIN_ID, name: 'made' })
const WORD_SIX = `0x${'6'.padStart(64, '0')}` as const

describe('token metadata', () => {
  let db: TestDatabase
  let bad: Set<string>
  let down: boolean
  let asked: string[]
  let openCalls: number
  let mostOpenBad: number
  let queries: number

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [CHAIN_ID] })
  })
  beforeEach(async () => {
    await db.pool.query('DELETE FROM asset')
    ;[bad, down, asked, openCalls, mostOpenBad, queries] = [new Set(), false, [], 0, 0, 0]
  })
  afterAll(() => db.drop())

  /** The chain: answers six to every call, fails for bad tokens in a way that is no refusal, or for all when down. */
  const client = {
    async call({ to }: { to: string }) {
      asked.push(to)
      openCalls++
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (bad.has(to)) mostOpenBad = Math.max(mostOpenBad, openCalls)
      openCalls--
      if (down || bad.has(to)) throw new Error('missing trie node')
      return { data: WORD_SIX }
    },
    async getChainId() {
      if (down) throw new Error('down')
      return CHAIN_ID
    },
  } as unknown as ChainClient

  async function tokens(prefix: string, count: number, height: number): Promise<string[]> {
    const all = Array.from({ length: count }, (_, i) => address(`${prefix} ${i}`))
    await db.pool.query(
      `INSERT INTO asset (id, chain_id, address, verified, metadata, first_height)
       SELECT $1::bigint || ':' || a, $1, a, false, 'pending', $2 FROM unnest($3::text[]) AS a`,
      [CHAIN_ID, height, all],
    )
    return all
  }

  function job(retryMs: number): MetadataJob {
    const store = { aside: <T>(work: Parameters<typeof inTransaction<T>>[1]) => inTransaction(db.pool, work) }
    const pool = Object.create(db.pool, {
      query: {
        value: (...query: Parameters<typeof db.pool.query>) => {
          queries++
          return db.pool.query(...query)
        },
      },
    })
    return fetchMetadata({ chain, client, pool, store, retryMs })
  }

  async function pending(): Promise<string[]> {
    const { rows } = await db.pool.query(`SELECT address FROM asset WHERE metadata = 'pending' ORDER BY 1`)
    return rows.map((row) => row.address)
  }

  async function untilPending(count: number): Promise<void> {
    for (let tries = 0; tries < 200 && (await pending()).length !== count; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    expect(await pending()).toHaveLength(count)
  }

  it('of good tokens is fetched in one go, though more bad ones than a round holds come first', async () => {
    const poison = await tokens('bad', 120, 1)
    bad = new Set(poison)
    const good = await tokens('good', 70, 2)
    const work = job(60_000)
    work.poke()
    await work.idle()
    expect(await pending()).toEqual([...poison].sort())
    for (const to of [...poison, ...good]) expect(asked.filter((one) => one === to).length).toBe(3)
    const { rows } = await db.pool.query(`SELECT DISTINCT decimals FROM asset WHERE metadata = 'fetched'`)
    expect(rows).toEqual([{ decimals: 6 }])
  })

  it('of a token that failed waits for its pause, however often blocks come in', async () => {
    bad = new Set(await tokens('bad', 3, 1))
    const work = job(60_000)
    for (let i = 0; i < 5; i++) {
      work.poke()
      await work.idle()
    }
    expect(asked).toHaveLength(9)
  })

  it('is asked again by itself, with growing pauses, until the token answers', async () => {
    bad = new Set(await tokens('bad', 2, 1))
    const work = job(20)
    work.poke()
    await work.idle()
    mostOpenBad = 0
    await new Promise((resolve) => setTimeout(resolve, 500))
    // 20, 40, 80, 160 and 320 ms: never more than five tries of three calls for either.
    expect(asked.length).toBeGreaterThan(6)
    expect(asked.length).toBeLessThanOrEqual(2 * 3 * 6)
    expect(mostOpenBad).toBeLessThanOrEqual(3)
    bad.clear()
    await untilPending(0)
  })

  it('holds no outage against the tokens', async () => {
    await tokens('good', 60, 1)
    down = true
    const work = job(50)
    work.poke()
    await work.idle()
    work.poke()
    expect(asked).toHaveLength(150)
    expect(await pending()).toHaveLength(60)
    down = false
    await untilPending(0)
    expect(asked).toHaveLength(150 + 180)
    await work.idle()
    const before = queries
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(queries).toBe(before)
  })
})
