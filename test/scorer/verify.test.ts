/** A stored score is recomputed from its own row; whatever is changed behind its back is named. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/db/pool'
import { featureTable } from '../../src/features/table'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { batchOf } from '../../src/scorer/score-batch'
import { writeScores } from '../../src/scorer/score-write'
import { verifyScore } from '../../src/scorer/verify'
import { type TestDatabase, testDatabase } from '../support/database'
import { setFeature } from '../support/vectors'
import { CHAIN_ID } from './ledger'

const SUBJECT = `${CHAIN_ID}:0xabc`
const at = {
  chainId: CHAIN_ID,
  height: 10,
  hash: `0x${'cd'.repeat(32)}`,
  timestampSec: 1_700_000_000,
} as const
const ids = {
  illicit: `illicit:${SUBJECT}:10:0xcdcdcdcd`,
  liquidation: `liquidation:${SUBJECT}:10:0xcdcdcdcd`,
}

let db: TestDatabase
let runtime: ModelRuntime
beforeAll(async () => {
  db = await testDatabase({ chainIds: [CHAIN_ID] })
  runtime = await openModels()
  await registerModels(db.pool)
})
afterAll(async () => {
  await runtime?.close()
  await db?.drop()
})

async function scoreAnew(): Promise<void> {
  const batches = (['illicit', 'liquidation'] as const).map((name) => {
    const model = runtime.models[name]!
    const columns = model.spec.inputs.map((input) => input.name)
    const values = columns.map((_, i) =>
      name === 'illicit' ? 3 + i * 1.1 : ([0.3, 0.9, 1.16, 0.25, 0.6][i] ?? 0.5),
    )
    const table = featureTable('made', columns, [{ subjectId: SUBJECT, values }], [])
    return batchOf(model, { kind: name === 'illicit' ? 'account' : 'position', at, table })
  })
  await inTransaction(db.pool, (tx) => writeScores(tx, { chainId: CHAIN_ID, batches, runtime }))
}

describe.each(['illicit', 'liquidation'] as const)('verifying a score of %s', (name) => {
  const id = ids[name]
  /** Changes one thing, verifies, and writes the score again. */
  async function tampered(statement: string): Promise<string[]> {
    await scoreAnew()
    const { rowCount } = await db.pool.query(statement)
    expect(rowCount).toBeGreaterThan(0)
    return (await verifyScore(db.pool, id)).differences
  }

  it('agrees to the bit with what was written', async () => {
    await scoreAnew()
    const found = await verifyScore(db.pool, id)
    expect(found).toMatchObject({ modelName: name, exactness: 'bits', differences: [] })
    expect(Object.is(found.stored, found.recomputed)).toBe(true)
  })

  it('notices a feature: the hash, and what the model says of it', async () => {
    const found = await tampered(`UPDATE score_row SET ${setFeature(3, 'number + 0.75')} WHERE id = '${id}'`)
    expect(found[0]).toMatch(/^the stored features hash to [0-9a-f]{64}, the score names [0-9a-f]{64}/)
    if (name === 'liquidation') expect(found.join('\n')).toContain('recomputed')
  })

  it('notices the smallest change of a feature that float32 can hold', async () => {
    const found = await tampered(
      `UPDATE score_row SET ${setFeature(1, 'number * 1.0000002::real')} WHERE id = '${id}'`,
    )
    expect(found.join('\n')).toContain('a feature or the hash was changed')
  })

  it('notices the hash', async () => {
    const found = await tampered(`UPDATE score_row SET feature_hash = repeat('0', 64) WHERE id = '${id}'`)
    expect(found).toEqual([expect.stringContaining(`the score names ${'0'.repeat(64)}`)])
  })

  it('notices the last bit of the value', async () => {
    const found = await tampered(
      `UPDATE score_row SET value = value + 1.2e-16 * (1 + value) WHERE id = '${id}'`,
    )
    expect(found).toEqual([
      expect.stringMatching(/^the value is 0\.\d+, recomputed 0\.\d+: it should agree to the bit$/),
    ])
  })

  it('notices a reason: its part, its place, one too few', async () => {
    const part = await tampered(
      `UPDATE score_row SET reason_parts[1] = reason_parts[1] + 0.001 WHERE id = '${id}'`,
    )
    expect(part).toEqual([expect.stringMatching(/^reason 1 is \w+ -?[\d.e-]+, recomputed \w+ -?[\d.e-]+$/)])
    const place = await tampered(
      `UPDATE score_row SET reason_inputs[1] = (reason_inputs[1] + 1) % 5 WHERE id = '${id}'`,
    )
    expect(place).toEqual([expect.stringMatching(/^reason 1 is /)])
    const fewer = await tampered(
      `UPDATE score_row SET reason_inputs = '{}', reason_parts = '{}' WHERE id = '${id}'`,
    )
    expect(fewer).toEqual([expect.stringMatching(/^0 reasons are stored, recomputed \d$/)])
  })

  it('notices the method, the version, and a row that was moved', async () => {
    expect(await tampered(`UPDATE score_row SET reasons_method = 'guess' WHERE id = '${id}'`)).toEqual([
      expect.stringMatching(/^reasons are by guess/),
    ])
    expect(await tampered(`UPDATE score_row SET model_version = '7.0.0' WHERE id = '${id}'`)).toEqual([
      expect.stringMatching(/^the score names version 7.0.0/),
    ])
    expect(await tampered(`UPDATE score_row SET block_hash = '0xother' WHERE id = '${id}'`)).toEqual([
      expect.stringContaining("the row's own columns make the id"),
    ])
  })
})

it('notices a changed model file, and still recomputes where the committed file is the one that is named', async () => {
  await scoreAnew()
  const sha256 = runtime.models.illicit!.sha256
  const before = await db.pool.query('SELECT bytes FROM model_file WHERE sha256 = $1', [sha256])
  await db.pool.query(
    `UPDATE model_file SET bytes = set_byte(bytes, 1000, get_byte(bytes, 1000) # 1) WHERE sha256 = $1`,
    [sha256],
  )
  const found = await verifyScore(db.pool, ids.illicit)
  expect(found.differences).toEqual([
    expect.stringMatching(/^the model file [0-9a-f]{64} was changed: .*; the committed file was used$/),
  ])
  expect(found.recomputed).toBe(found.stored)
  await db.pool.query('UPDATE model_file SET bytes = $2 WHERE sha256 = $1', [sha256, before.rows[0].bytes])
  expect((await verifyScore(db.pool, ids.illicit)).differences).toEqual([])
})

it('notices a block that has another hash than the score stands on', async () => {
  await scoreAnew()
  await db.pool.query(
    `INSERT INTO block (id, chain_id, height, hash, parent_hash, "timestamp")
     VALUES ('made', $1, 10, '0xfork', '0x', now())`,
    [CHAIN_ID],
  )
  const { differences } = await verifyScore(db.pool, ids.illicit)
  await db.pool.query(`DELETE FROM block WHERE id = 'made'`)
  expect(differences).toEqual([expect.stringContaining('block 10 is stored with hash 0xfork')])
})

it('says when there is no such score', async () => {
  await expect(verifyScore(db.pool, 'illicit:nobody:1:0x')).rejects.toMatchObject({ exitCode: 2 })
})
