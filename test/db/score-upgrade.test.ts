/** A database of before the compact scores is brought up to date: its scores read the same afterwards. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { migrate } from '../../src/db/migrate'
import { openPool, type Pool } from '../../src/db/pool'
import { vectorBytes } from '../../src/models/vector-bytes'
import { packageRoot } from '../../src/package-root'

const NAME = `t_upgrade_${process.pid}`
const CHAIN = 31337
let admin: Pool
let pool: Pool
let url: string

beforeAll(async () => {
  admin = openPool(inject('postgresUrl'), { application: 'test-admin', max: 1 })
  await admin.query(`CREATE DATABASE ${NAME}`)
  const parsed = new URL(inject('postgresUrl'))
  parsed.pathname = `/${NAME}`
  url = parsed.toString()
  const folder = join(packageRoot, 'db', 'migrations')
  const before = readdirSync(folder).filter((file) => file < '1763800005000')
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: before.map((file) => join(folder, file)),
    migrationsTransactionMode: 'all',
  })
  await source.initialize()
  await source.runMigrations()
  await source.destroy()
  pool = openPool(url, { application: 'test', max: 2 })
  await pool.query('SELECT plimsoll_add_chain($1)', [CHAIN])
})
afterAll(async () => {
  await pool?.end()
  await admin?.query(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`)
  await admin?.end()
})

it('keeps scores with their features, reasons and marks', async () => {
  const spec = { inputs: ['b', 'a', 'c'].map((name) => ({ name, unit: 'ether' })) }
  await pool.query(
    `INSERT INTO model_version (id, name, version, sha256, spec, metrics) VALUES ('m:s', 'm', '1.0.0', 's', $1, '{}')`,
    [JSON.stringify(spec)],
  )
  const features = { a: 0.10000000149011612, b: null, c: -3 }
  const reasons = [
    { feature: 'c', unit: 'ether', value: -3, contribution: -1.5, direction: 'lowers' },
    { feature: 'b', unit: 'ether', value: null, contribution: 0.10000000149011612, direction: 'raises' },
  ]
  await pool.query(
    `INSERT INTO score (id, account_id, chain_id, subject_kind, subject_id, model_name, model_version, model_sha256,
       feature_hash, features, height, block_hash, "timestamp", as_of, value, reasons, reasons_method, current)
     VALUES ('id', 'acc', $1, 'account', 'acc', 'm', '1.0.0', 's', 'f', $2, 7, '0xh', '2026-01-01Z', $3, 0.25, $4, 'saabas', true)`,
    [
      CHAIN,
      JSON.stringify(features),
      JSON.stringify({ [CHAIN]: { height: 7, hash: '0xh' } }),
      JSON.stringify(reasons),
    ],
  )
  const before = (await pool.query('SELECT * FROM score')).rows
  await migrate(url, [CHAIN])
  const after = (await pool.query('SELECT * FROM score')).rows
  expect(after).toEqual(before.map((row) => ({ ...row, credit_score: null, horizons: null })))
  expect((await pool.query('SELECT features, reason_inputs FROM score_row')).rows).toEqual([
    { features: vectorBytes([Number.NaN, 0.1, -3]), reason_inputs: [2, 0] },
  ])
  expect((await pool.query('SELECT state FROM model_version')).rows).toEqual([{ state: 'retired' }])
})
