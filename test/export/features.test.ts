import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Table, tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '../../src/config'
import { inTransaction } from '../../src/db/pool'
import { runFeatures } from '../../src/export/command'
import { type ExportResult, exportFeatures } from '../../src/export/features'
import { blockAt } from '../../src/features/blocks'
import { FEATURE_GROUPS } from '../../src/features/registry'
import { subjectsOf } from '../../src/features/table'
import type { FeatureGroup, FeatureTable } from '../../src/features/types'
import { address, CHAIN_ID, chain, createLedger } from '../scorer/ledger'
import { storyBlocks } from '../scorer/story'
import { type TestDatabase, testDatabase } from '../support/database'

const B = 60
const ACCOUNTS = 60
const accountIds = Array.from({ length: ACCOUNTS }, (_, i) => `${CHAIN_ID}:${address(i + 1)}`)
const groups = Object.entries(FEATURE_GROUPS) as unknown as [string, FeatureGroup<unknown>][]

describe('exported features', () => {
  let db: TestDatabase
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-features-'))
  const fileAt = (name: string) => join(folder, name)

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    const ledger = await createLedger(db.pool)
    await ledger.write({ from: 0, blocks: storyBlocks(5, { from: 0, to: B + 20 }) })
    for (const [i, id] of accountIds.entries()) {
      await db.pool.query('INSERT INTO account VALUES ($1, $2, $3, $4, now())', [
        id,
        CHAIN_ID,
        address(i + 1),
        i === 7 ? B + 1 : 1,
      ])
    }
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await db.drop()
  })

  async function batch(group: FeatureGroup<unknown>): Promise<FeatureTable> {
    const seen = group.subject === 'market' ? undefined : accountIds.filter((_, i) => i !== 7)
    return inTransaction(db.pool, async (tx) => {
      const at = (await blockAt(tx, CHAIN_ID, B))!
      return group.compute(await group.read(tx, { chain, at, accountIds: seen }))
    })
  }

  async function write(group: FeatureGroup<unknown>, outFile: string): Promise<ExportResult> {
    const at = await inTransaction(db.pool, async (tx) => (await blockAt(tx, CHAIN_ID, B))!)
    return exportFeatures({ pool: db.pool, chain, at, group, outFile, isFinal: true, pageAccounts: 3 })
  }

  /** Bits of a float32 column, NaN among them. */
  const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)]

  it.each(groups)('%s in pages are those of one computation, in Arrow', async (name, group) => {
    const expected = await batch(group)
    const file = fileAt(`${name}.arrow`)
    const result = await write(group, file)
    expect(result.rows).toBe(expected.table.numRows)
    const table: Table = tableFromIPC(readFileSync(file))
    expect(table.numRows).toBe(expected.table.numRows)
    expect(Array.from(table.getChild('subjectId')!, String)).toEqual(subjectsOf(expected))
    for (const column of group.columns) {
      const found = table.getChild(column)!.toArray() as Float32Array
      expect(bits(found), column).toEqual(bits(expected.table.getChild(column)!.toArray()))
    }
    const { metadata } = table.schema
    expect(metadata.get('plimsoll.group')).toBe(name)
    expect(metadata.get('plimsoll.schemaVersion')).toBe(String(group.version))
    expect(metadata.get('plimsoll.height')).toBe(String(B))
  })

  it.each(groups)('%s in pages are those of one computation, in Parquet', async (name, group) => {
    const expected = await batch(group)
    const file = fileAt(`${name}.parquet`)
    await write(group, file)
    const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet')
    const buffer = await asyncBufferFromFile(file)
    const rows = await parquetReadObjects({ file: buffer })
    expect(rows.map((row) => row.subjectId)).toEqual(subjectsOf(expected))
    for (const column of group.columns) {
      const found = Float32Array.from(rows, (row) => Number(row[column]))
      expect(bits(found), column).toEqual(bits(expected.table.getChild(column)!.toArray()))
    }
    const { key_value_metadata: pairs } = await parquetMetadataAsync(buffer)
    expect(pairs).toContainEqual({ key: 'plimsoll.schemaVersion', value: String(group.version) })
  })

  it('are read by DuckDB as they were written', async () => {
    const file = fileAt('duckdb.parquet')
    await write(FEATURE_GROUPS.account as unknown as FeatureGroup<unknown>, file)
    const expected = await batch(FEATURE_GROUPS.account as unknown as FeatureGroup<unknown>)
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `SELECT "subjectId", "totalSentEth", typeof("netEth") FROM '${file}'`,
    )
    const totals = expected.table.getChild('totalSentEth')!.toArray() as Float32Array
    expect(reader.getRows()).toEqual(subjectsOf(expected).map((id, i) => [id, totals[i], 'FLOAT']))
  })

  describe('as a command', () => {
    const config = (): Config => loadConfig({ DB_URL: db.url })
    const run = (options: { at?: number; out?: string; chain?: string; group?: string }) =>
      runFeatures(config(), { at: B, out: fileAt('command.arrow'), ...options })

    it('write the file of the only chain there is', async () => {
      await run({})
      expect(tableFromIPC(readFileSync(fileAt('command.arrow'))).numRows).toBeGreaterThan(3)
    })

    it.each([
      [
        'a block above the head',
        { at: 1_000 },
        'block 1000 lies above the newest indexed block of harbor, 80',
      ],
      ['an unknown chain', { chain: 'atlantis' }, 'no chain is called atlantis'],
      ['a chain that is not indexed', { chain: 'base' }, 'nothing of base is indexed'],
      ['an unknown group', { group: 'constructor' }, 'no feature group is called constructor'],
      ['another kind of file', { out: '/tmp/features.csv' }, 'ends in neither .arrow nor .parquet'],
      [
        'a path that is not there',
        { out: '/no/such/folder/f.arrow' },
        '/no/such/folder/f.arrow cannot be written',
      ],
    ])('refuse %s, by name', async (_what, options, message) => {
      await expect(run(options)).rejects.toThrow(message)
      await expect(run(options)).rejects.toMatchObject({ exitCode: 2 })
    })

    it('leave nothing behind when they fail', async () => {
      const out = fileAt('failed.parquet')
      const broken = { ...FEATURE_GROUPS.account, read: () => Promise.reject(new Error('the database left')) }
      const at = await inTransaction(db.pool, async (tx) => (await blockAt(tx, CHAIN_ID, B))!)
      const group = broken as unknown as FeatureGroup<unknown>
      await expect(
        exportFeatures({ pool: db.pool, chain, at, group, outFile: out, isFinal: true }),
      ).rejects.toThrow('the database left')
      expect(existsSync(out) || existsSync(`${out}.part`)).toBe(false)
    })

    it('say so when the block was undone meanwhile', async () => {
      const at = await inTransaction(db.pool, async (tx) => (await blockAt(tx, CHAIN_ID, B))!)
      const group = FEATURE_GROUPS.account as unknown as FeatureGroup<unknown>
      const gone = { ...at, hash: '0xdead' as const }
      await expect(
        exportFeatures({ pool: db.pool, chain, at: gone, group, outFile: fileAt('x.arrow'), isFinal: false }),
      ).rejects.toThrow('was undone')
    })
  })
})
