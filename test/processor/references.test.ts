/** Whatever a row refers to has a row: markets of tokens that never moved, positions of accounts that did nothing else. */
import { afterEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/server'
import { openPool } from '../../src/db/pool'
import { openModels } from '../../src/models/session'
import type { SourceBlock } from '../../src/processor/block'
import type { Store } from '../../src/processor/store'
import { topicOf } from '../../src/protocols/log-shape'
import { step } from '../../src/scorer/step'
import {
  address,
  answerLog,
  blockOf,
  CONFIGURATOR,
  FACTORY,
  FEED,
  growChain,
  type LogInput,
  MADE_CHAIN,
  POOL,
  pairCreatedLog,
  reserveInitialized,
  TOKEN,
  word,
} from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { commitFinal, commitHot, openTestStore } from '../support/store-driver'

const QUIET = address('token that never moves')
const LOUD = address('another')
const USER = address('a user who only chooses an e-mode')

const eModeSet: LogInput = {
  address: POOL,
  topics: [topicOf('UserEModeSet(address,uint8)'), word(USER)],
  data: word(1n),
}
const HEIGHT = 8
/** Block 8 lists a pair of tokens nobody has seen, and a user chooses an e-mode in a transaction of somebody else. */
function chain(): SourceBlock[] {
  const before = growChain([], 'a', HEIGHT)
  const { ref } = before[HEIGHT]!
  return [
    ...before.slice(0, HEIGHT),
    blockOf(ref, [pairCreatedLog(FACTORY, QUIET, LOUD, address('p')), eModeSet]),
  ]
}

const open: { db: TestDatabase; store: Store }[] = []
afterEach(async () => {
  for (const { db, store } of open.splice(0)) {
    await store.close()
    await db.drop()
  }
})

async function fresh(): Promise<{ db: TestDatabase; store: Store }> {
  const db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
  const store = openTestStore(db)
  open.push({ db, store })
  await store.connect()
  return { db, store }
}

/** Asks the API once. */
async function ask(db: TestDatabase, query: string) {
  const pool = openPool(db.url, { application: 'api', readOnly: true, max: 2 })
  const api = await createApi({ pool, databaseUrl: db.url, chains: [] })
  try {
    const response = await api.yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as { data: Record<string, Record<string, unknown>[]>; errors?: unknown }
  } finally {
    await api.close()
    await pool.end()
  }
}

describe('references', () => {
  it('markets have their assets and positions their accounts, over GraphQL', async () => {
    const { db, store } = await fresh()
    await commitFinal(store, chain(), { after: -1, to: HEIGHT })
    const { data, errors } = await ask(
      db,
      `{ markets(limit: 500) { id asset { address verified metadata firstHeight } asset1 { address firstHeight } }
         positions(limit: 500) { account { address firstHeight firstTimestamp } market { asset { address } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.markets).toContainEqual({
      id: `${MADE_CHAIN.id}:${address('p')}`,
      asset: { address: QUIET, verified: false, metadata: 'pending', firstHeight: String(HEIGHT) },
      asset1: { address: LOUD, firstHeight: String(HEIGHT) },
    })
    expect(data.positions).toContainEqual({
      account: {
        address: USER,
        firstHeight: String(HEIGHT),
        firstTimestamp: new Date((1_700_000_000 + HEIGHT * 12) * 1000)
          .toISOString()
          .replace('.000', '.000000'),
      },
      market: { asset: { address: POOL } },
    })
    const { rows } = await db.pool.query(
      'SELECT id FROM market WHERE asset1_id NOT IN (SELECT id FROM asset)',
    )
    expect(rows).toEqual([])
  })

  it('alerts about contracts that nobody calls have an account', async () => {
    const { db, store } = await fresh()
    const paused: LogInput = {
      address: CONFIGURATOR,
      topics: [topicOf('ReservePaused(address,bool)'), word(TOKEN)],
      data: word(1n),
    }
    const price = (usd: bigint, height: number) =>
      answerLog(FEED, usd * 10n ** 8n, BigInt(height), BigInt(1_700_000_000 + height * 12))
    const logs = [[], [reserveInitialized(), price(100n, 1)], [price(60n, 2), paused]]
    const told = growChain([], 'a', 2).map(({ ref }, i) => blockOf(ref, logs[i]!))
    await commitFinal(store, told, { after: -1, to: 0 })
    await commitHot(store, told, { base: 0, to: 2, finalized: 0 })
    const runtime = await openModels({ providers: ['cpu'], threads: 1 })
    const settle = async () => {
      while (!(await step(db.pool, { chain: MADE_CHAIN, runtime })).idle);
    }
    await settle()
    const { data, errors } = await ask(
      db,
      '{ alerts(orderBy: [detector_ASC]) { detector account { address } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.alerts).toEqual([
      { detector: 'market-paused', account: { address: POOL } },
      { detector: 'price-shock', account: { address: TOKEN } },
    ])
    // A retracted alert outlives the account that its orphaned block introduced.
    const other = growChain(told.slice(0, 1), 'b', 2).map(({ ref }) => blockOf(ref, []))
    await commitHot(store, [told[0]!, ...other.slice(1)], { base: 0, to: 2, finalized: 0 })
    await settle()
    await runtime.close()
    const later = await ask(db, '{ alerts(orderBy: [detector_ASC]) { status account { address } } }')
    expect(later).toEqual({
      data: { alerts: Array(2).fill({ status: 'retracted', account: null }) },
    })
  })

  it('they go with the block that made them, and come back with it', async () => {
    const { db, store } = await fresh()
    const wanted = chain()
    const count = async () =>
      (
        await db.pool.query(
          `SELECT (SELECT count(*)::int FROM asset WHERE address = ANY ($1)) AS assets,
                  (SELECT count(*)::int FROM account WHERE address = $2) AS accounts`,
          [[QUIET, LOUD, POOL], USER],
        )
      ).rows[0]
    await commitFinal(store, wanted, { after: -1, to: HEIGHT - 2 })
    await commitHot(store, wanted, { base: HEIGHT - 2, to: HEIGHT, finalized: HEIGHT - 2 })
    expect(await count()).toEqual({ assets: 3, accounts: 1 })
    const other = growChain(wanted.slice(0, HEIGHT), 'b', HEIGHT)
    await commitHot(store, other, { base: HEIGHT - 1, to: HEIGHT, finalized: HEIGHT - 2 })
    expect(await count()).toEqual({ assets: 0, accounts: 0 })
    await commitHot(store, wanted, { base: HEIGHT - 1, to: HEIGHT, finalized: HEIGHT - 2 })
    expect(await count()).toEqual({ assets: 3, accounts: 1 })
  })
})
