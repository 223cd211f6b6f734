/** A shadow scores what the active version scores, and nothing but the comparison knows of it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { promote } from '../../src/models/promote'
import { openServing, type Serving } from '../../src/models/serving'
import { registerModels } from '../../src/models/versions'
import { step } from '../../src/scorer/step'
import { type TestApi, testApi } from '../api/client'
import { makeVersion } from '../models/made-version'
import { type TestDatabase, testDatabase } from '../support/database'
import { address, chain, createLedger, type Ledger, USDC, WETH } from './ledger'

let db: TestDatabase
let ledger: Ledger
let serving: Serving
let served: TestApi
const made = makeVersion({ weight: 0.4 })

beforeAll(async () => {
  db = await testDatabase({ chainIds: [chain.id] })
  ledger = await createLedger(db.pool)
  serving = await openServing(db.pool, { shadows: true })
})
afterAll(async () => {
  await serving?.close()
  await served?.close()
  await db?.drop()
})

const settle = async () => {
  while (!(await serving.use((models) => step(db.pool, { chain, ...models }))).idle);
}
const rows = async (sql: string) => (await db.pool.query(sql)).rows

it('keeps what both said, by subject and round, and takes it back with the block', async () => {
  await ledger.write({
    from: 0,
    blocks: [
      {},
      {
        prices: [
          { asset: WETH, usd: 2_000 },
          { asset: USDC, usd: 1 },
        ],
        positions: [1, 2].flatMap((n) => [
          { account: address(n), asset: WETH, supply: 10 },
          { account: address(n), asset: USDC, debt: 4_000 * n },
        ]),
      },
      ...Array.from({ length: 4 }, () => ({})),
    ],
  })
  await settle()
  expect(await rows('SELECT 1 FROM shadow_score')).toEqual([])
  const before = await rows('SELECT * FROM score ORDER BY id')

  const files = { names: ['credit'], folderOf: () => made.folder, cardOf: () => made.cardPath }
  await registerModels(db.pool, files)
  await promote(db.pool, { name: 'credit', which: made.sha256, by: 'ada', why: 'to compare' })
  await ledger.write({ from: 6, blocks: Array.from({ length: 5 }, () => ({})) })
  await settle()
  const shadows = await rows('SELECT * FROM shadow_score ORDER BY subject_id')
  const active = await rows(
    `SELECT * FROM score WHERE height = 10 AND model_name = 'credit' ORDER BY subject_id`,
  )
  expect(shadows).toHaveLength(2)
  for (const [i, shadow] of shadows.entries()) {
    expect(shadow).toMatchObject({
      ...{ subject_id: active[i].subject_id, height: '10', model_sha256: made.sha256 },
      ...{ active_sha256: active[i].model_sha256, active_value: active[i].value },
    })
    expect(shadow.difference).toBe(shadow.value - shadow.active_value)
    expect(shadow.value).not.toBe(shadow.active_value)
  }
  expect(await rows(`SELECT DISTINCT model_sha256 FROM score WHERE model_name = 'credit'`)).toEqual([
    { model_sha256: before[0].model_sha256 },
  ])

  await ledger.write({ from: 8, blocks: [{}], fork: 1, rollbackTo: 7 })
  await settle()
  expect(await rows('SELECT 1 FROM shadow_score')).toEqual([])
  await ledger.write({ from: 9, blocks: [{}, {}], fork: 1 })
  await settle()
  expect(await rows('SELECT 1 FROM shadow_score')).toHaveLength(2)
})

it('is summed up by GraphQL for a model that has a shadow', async () => {
  served = await testApi()
  const ask = async (name: string) =>
    (
      await served.data(
        `{ modelShadow(name: "${name}") { version sha256 rows meanDifference maxAbsDifference crossed correlation } }`,
      )
    ).modelShadow
  expect(await ask('credit')).toBeNull()
  const { pool } = served.database
  await pool.query(`INSERT INTO model_version (id, name, version, sha256, spec, metrics, state)
    VALUES ('credit:new', 'credit', '2.0.0', 'new', '{}', '{}', 'shadow')`)
  expect(await ask('credit')).toMatchObject({
    version: '2.0.0',
    sha256: 'new',
    rows: 0,
    meanDifference: null,
    crossed: 0,
  })
  await pool.query(`INSERT INTO shadow_score SELECT 's' || n, '31337:0x' || n, 31337, 'account', '31337:0x' || n, 'credit', 5,
    '2.0.0', 'new', 'old', now(), n / 10.0, 0.4, n / 10.0 - 0.4 FROM generate_series(1, 9) AS n`)
  expect(await ask('credit')).toEqual({
    ...{ version: '2.0.0', sha256: 'new', rows: 9, crossed: 5, correlation: null },
    meanDifference: expect.closeTo(0.1, 12),
    maxAbsDifference: expect.closeTo(0.5, 12),
  })
  const { shadowScores } = await served.data(
    '{ shadowScores(orderBy: [difference_DESC], limit: 1) { subjectId value activeValue difference } }',
  )
  expect(shadowScores).toEqual([{ subjectId: '31337:0x9', value: 0.9, activeValue: 0.4, difference: 0.5 }])
})
