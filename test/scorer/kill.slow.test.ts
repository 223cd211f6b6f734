/** `kill -9` of the scorer's process in mid-transaction, again and again: the rows are those of one that lived. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { step } from '../../src/scorer/step'
import { registerSystemic } from '../../src/scorer/systemic'
import { type TestDatabase, testDatabase } from '../support/database'
import { chain, createLedger } from './ledger'
import { storyBlocks } from './story'

const SEED = 21
const HEAD = 400
const KILLS = 4

let calm: TestDatabase
let rough: TestDatabase
let child: ChildProcess | undefined

beforeAll(async () => {
  calm = await testDatabase({ chainIds: [chain.id] })
  rough = await testDatabase({ chainIds: [chain.id] })
})
afterAll(async () => {
  child?.kill('SIGKILL')
  await calm.drop()
  await rough.drop()
})

it('loses nothing and doubles nothing', async () => {
  const runtime = await openModels()
  for (const db of [calm, rough]) {
    await registerModels(db.pool)
    await registerSystemic(db.pool)
    const ledger = await createLedger(db.pool)
    await ledger.write({ from: 0, blocks: storyBlocks(SEED, { from: 0, to: HEAD }) })
  }
  while (!(await step(calm.pool, { chain, runtime })).idle);
  await runtime.close()

  let kills = 0
  for (; kills < KILLS; kills++) {
    const reached = await height()
    child = start()
    await until(async () => (await height()) > reached && (await inTransaction()))
    child.kill('SIGKILL')
    await new Promise((resolve) => child!.once('close', resolve))
    expect(await height()).toBeLessThan(HEAD)
  }
  child = start()
  await until(async () => (await height()) === HEAD)
  expect(kills).toBe(KILLS)
  expect(await derived(rough)).toEqual(await derived(calm))
})

function start(): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'scorer-child.ts')], {
    env: { ...process.env, PLIMSOLL_TEST_DATABASE: rough.url },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

async function height(): Promise<number> {
  const { rows } = await rough.pool.query('SELECT height FROM consumer_cursor')
  return Number(rows[0]?.height ?? -1)
}

async function inTransaction(): Promise<boolean> {
  const { rowCount } = await rough.pool.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
     AND application_name = 'plimsoll-scorer' AND xact_start IS NOT NULL`,
  )
  return rowCount !== 0
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the scorer does not come that far')
    await sleep(2)
  }
}

async function derived(db: TestDatabase): Promise<unknown[][]> {
  const read = async (table: string) =>
    (await db.pool.query(`SELECT to_jsonb(t) - 'detected_at' AS row FROM ${table} t ORDER BY id`)).rows
  const tables = await Promise.all(['score', 'position_health', 'risk_round', 'alert'].map(read))
  for (const rows of tables) expect(rows.length).toBeGreaterThan(3)
  return tables
}
