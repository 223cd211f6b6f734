/** Scores as columns → rows → what readers of the view see. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/db/pool'
import { featureTable } from '../../src/features/table'
import { featureHash, reasonsFor } from '../../src/models/reasons'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { batchOf, markCurrent, type ScoreBatch } from '../../src/scorer/score-batch'
import { REASONS, strongest } from '../../src/scorer/score-encode'
import { writeScores } from '../../src/scorer/score-write'
import { type TestDatabase, testDatabase } from '../support/database'
import { CHAIN_ID } from './ledger'

let db: TestDatabase
let runtime: ModelRuntime
beforeAll(async () => {
  db = await testDatabase({ chainIds: [CHAIN_ID] })
  runtime = await openModels({ threads: 2 })
  await registerModels(db.pool)
})
afterAll(async () => {
  await runtime?.close()
  await db?.drop()
})

const atHeight = (height: number) =>
  ({ chainId: CHAIN_ID, height, hash: `0x${'ef'.repeat(32)}`, timestampSec: 1_700_000_000 + height }) as const

function made(height: number, rows: number, first = 0): ScoreBatch {
  const model = runtime.models.illicit!
  const columns = model.spec.inputs.map((input) => input.name)
  const table = featureTable(
    'account',
    columns,
    Array.from({ length: rows }, (_, r) => ({
      subjectId: `${CHAIN_ID}:0x${(first + r).toString(16).padStart(40, '0')}`,
      values: columns.map((name, c) =>
        name === 'createdCount' && r % 7 === 0 ? Number.NaN : 1 + ((r * 31 + c * 7) % 97) / 3,
      ),
    })),
    [],
  )
  return batchOf(model, { kind: 'account', at: atHeight(height), table })
}

const write = (batches: readonly ScoreBatch[]) =>
  inTransaction(db.pool, (tx) => writeScores(tx, { chainId: CHAIN_ID, batches, runtime }))

describe('the strongest contributions', () => {
  it('are those of reasonsFor, whatever the numbers', () => {
    const { spec } = { spec: { ...runtime.models.illicit!.spec } }
    const width = spec.inputs.length
    const number = fc.oneof(
      fc.constantFrom(0, -0, 1, -1, Number.NaN),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(fc.array(number, { minLength: width, maxLength: width }), (numbers) => {
        const contributions = Float32Array.from(numbers)
        const picks = new Int16Array(REASONS)
        const parts = new Float32Array(REASONS)
        const found = strongest(contributions, { offset: 0, width, picks, parts })
        const expected = reasonsFor(spec, new Float32Array(width), contributions, REASONS)
        expect([...picks.subarray(0, found)].map((pick) => spec.inputs[pick]!.name)).toEqual(
          expected.map((r) => r.feature),
        )
        expect([...parts.subarray(0, found)]).toEqual(expected.map((reason) => reason.contribution))
      }),
    )
  })
})

describe('written scores', () => {
  it('read back as the model gave them, with names, units and reasons', async () => {
    const rows = 1_500
    const batch = made(100, rows)
    expect(await write([batch])).toBe(rows)
    const { spec } = batch.model
    const width = spec.inputs.length
    const { values, contributions } = await runtime.score('illicit', batch.features, rows)
    const { rows: stored } = await db.pool.query('SELECT * FROM score WHERE height = 100 ORDER BY subject_id')
    expect(stored).toHaveLength(rows)
    for (const r of [0, 1, 7, 511, 512, 1_023, 1_024, rows - 1]) {
      const row = batch.features.slice(r * width, (r + 1) * width)
      const cells = contributions.slice(r * width, (r + 1) * width)
      const named = spec.inputs.map(({ name }, i) => [name, Number.isNaN(row[i]!) ? null : row[i]])
      expect(stored[r]).toEqual({
        id: `illicit:${batch.subjectIds[r]}:100:0xefefefef`,
        ...{ account_id: batch.subjectIds[r], subject_id: batch.subjectIds[r], subject_kind: 'account' },
        ...{ chain_id: String(CHAIN_ID), model_name: 'illicit', model_version: spec.version, height: '100' },
        ...{
          model_sha256: batch.model.sha256,
          feature_hash: featureHash(spec, row),
          block_hash: batch.at.hash,
        },
        features: Object.fromEntries(named),
        timestamp: new Date((1_700_000_000 + 100) * 1_000),
        as_of: { [CHAIN_ID]: { height: 100, hash: batch.at.hash } },
        value: values[r],
        reasons: reasonsFor(spec, row, cells, REASONS),
        ...{
          reasons_method: batch.model.spec.reasonsMethod,
          current: true,
          credit_score: null,
          horizons: null,
        },
      })
    }
  })

  it('carry what a credit model says beside its value', async () => {
    await db.pool.query('TRUNCATE score_row')
    const horizons = { p1d: 0.001, p7d: 1 / 3, p30d: 0.5 }
    await write([{ ...made(150, 2), credit: [{ score: 335, horizons }, null] }])
    const { rows } = await db.pool.query('SELECT credit_score, horizons FROM score ORDER BY subject_id')
    expect(rows).toEqual([
      { credit_score: 335, horizons },
      { credit_score: null, horizons: null },
    ])
  })

  it('supersede older ones of the same subjects, and replace those of the same height', async () => {
    await db.pool.query('TRUNCATE score_row')
    await write([made(200, 5)])
    await write([made(205, 3, 2)])
    const current = async () =>
      (
        await db.pool.query(
          `SELECT height::int, count(*)::int AS n FROM score WHERE current GROUP BY 1 ORDER BY 1`,
        )
      ).rows
    expect(await current()).toEqual([
      { height: 200, n: 2 },
      { height: 205, n: 3 },
    ])
    await write([made(205, 4, 1)])
    expect(await current()).toEqual([
      { height: 200, n: 1 },
      { height: 205, n: 4 },
    ])
    expect((await db.pool.query('SELECT 1 FROM score')).rowCount).toBe(9)
  })

  it('supersede thousands, all of them', async () => {
    await db.pool.query('TRUNCATE score_row')
    await write([made(200, 4_500)])
    await write([made(205, 4_400, 50)])
    const { rows } = await db.pool.query(
      `SELECT height::int, count(*)::int AS n FROM score_row WHERE current GROUP BY 1 ORDER BY 1`,
    )
    expect(rows).toEqual([
      { height: 200, n: 100 },
      { height: 205, n: 4_400 },
    ])
  })

  it('are marked by the newest of several rounds', () => {
    const marked = markCurrent([made(1, 3), made(2, 2), made(3, 1)], {
      everyRound: ['liquidation'],
      lastHeight: 3,
    })
    expect(marked.map(({ current }) => (current ? [...current] : 'all'))).toEqual([[0, 0, 1], [0, 1], 'all'])
    const always = markCurrent([made(1, 2), made(2, 1)], { everyRound: ['illicit'], lastHeight: 2 })
    expect(always.map(({ current }) => (current ? [...current] : 'all'))).toEqual([[0, 0], 'all'])
  })

  it('leave nothing behind when the model fails in the middle', async () => {
    await db.pool.query('TRUNCATE score_row')
    let asked = 0
    const broken: Pick<ModelRuntime, 'score'> = {
      score: (...given) =>
        ++asked > 2 ? Promise.reject(new Error('the model fell over')) : runtime.score(...given),
    }
    await expect(
      inTransaction(db.pool, (tx) =>
        writeScores(tx, { chainId: CHAIN_ID, batches: [made(300, 3_000)], runtime: broken }),
      ),
    ).rejects.toThrow('the model fell over')
    expect((await db.pool.query('SELECT 1 FROM score_row')).rowCount).toBe(0)
    expect(await write([made(300, 10)])).toBe(10)
  })

  it('are refused where the model gives no number', async () => {
    const silent: Pick<ModelRuntime, 'score'> = {
      score: async (_name, _rows, count) => ({
        values: new Float64Array(count).fill(Number.NaN),
        margins: new Float64Array(count),
        contributions: new Float32Array(count * runtime.models.illicit!.spec.inputs.length),
        bias: 0,
        further: {},
      }),
    }
    await expect(
      inTransaction(db.pool, (tx) =>
        writeScores(tx, { chainId: CHAIN_ID, batches: [made(400, 1)], runtime: silent }),
      ),
    ).rejects.toThrow('illicit gave no number for')
  })
})
