/** Drift of what a model is fed and says, and calibration of what it said thirty days ago, over made rows. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { POSITION_MODEL } from '../../src/features/score-positions'
import { seededRandom } from '../../src/math/statistics'
import { referenceOf } from '../../src/models/reference'
import { vectorBytes } from '../../src/models/vector-bytes'
import { watchModels } from '../../src/scorer/watch'
import { type TestApi, testApi } from '../api/client'
import { insert } from '../api/seed'

const DAY_MS = 86_400_000
const ROWS = 600
const CHAIN = 31338
const NOW = new Date('2026-03-01T00:00:00Z')
const random = seededRandom(11)
const spec = {
  inputs: [
    { name: 'calm', unit: '1' },
    { name: 'moved', unit: '1' },
  ],
}

let served: TestApi
let lines: string[]

beforeAll(async () => {
  served = await testApi()
  const { pool } = served.database
  await pool.query('DELETE FROM model_version')
  const training = Float32Array.from({ length: 4_000 }, () => random())
  const scores = Float64Array.from({ length: 2_000 }, () => random())
  const reference = referenceOf({ rows: training, names: ['calm', 'moved'], scores })
  await insert(pool, 'model_version', {
    ...{
      id: `${POSITION_MODEL}:live`,
      name: POSITION_MODEL,
      version: '1.0.0',
      sha256: 'live',
      state: 'active',
    },
    ...{ spec, metrics: {}, manifest: { reference } },
  })
  await pool.query(`UPDATE chain SET head_timestamp = $2 WHERE chain_id = $1`, [CHAIN, NOW])
  for (let n = 0; n < ROWS; n++) await insertScore(n)
  lines = await watchModels(pool, NOW)
})
afterAll(() => served?.close())

/** Old accounts are big; young ones lack an input. The value is right: that share of subjects is liquidated. */
async function insertScore(n: number): Promise<void> {
  const { pool } = served.database
  const accountId = `${CHAIN}:0x${n.toString(16).padStart(40, '0')}`
  const old = n % 2 === 0
  const value = (n % 10) / 10 + 0.05
  const time = new Date(NOW.getTime() - 40 * DAY_MS)
  const subject = `${accountId}:0xpool`
  await insert(pool, 'account', {
    ...{ id: accountId, chain_id: CHAIN, address: accountId.split(':')[1], first_height: 1 },
    first_timestamp: new Date(time.getTime() - (old ? 400 : 5) * DAY_MS),
  })
  await insert(pool, 'position_health', {
    ...{
      id: subject,
      account_id: accountId,
      chain_id: CHAIN,
      pool: '0xpool',
      debt_base: old ? 10n ** 14n : 10n ** 10n,
    },
  })
  await insert(pool, 'score_row', {
    ...{ id: `s${n}`, account_id: accountId, chain_id: CHAIN, subject_kind: 'position', subject_id: subject },
    ...{
      model_name: POSITION_MODEL,
      model_version: '1.0.0',
      model_sha256: 'live',
      feature_hash: `h${(n * 7919) % 997}`,
    },
    features: vectorBytes([random(), old ? 1 + random() : Number.NaN]),
    ...{
      height: 5,
      block_hash: '0xh',
      timestamp: time,
      value,
      reason_inputs: '{}',
      reason_parts: '{}',
      current: true,
    },
  })
  const liquidated = (n * 7919) % ROWS < value * ROWS
  if (!liquidated) return
  await insert(pool, 'lending_event', {
    ...{
      id: `e${n}`,
      chain_id: CHAIN,
      height: 100 + n,
      log_index: 0,
      sub_index: 0,
      kind: 'liquidation',
      verified: true,
    },
    ...{
      account_id: accountId,
      market_id: `${CHAIN}:0xpool:0xasset`,
      timestamp: new Date(time.getTime() + 12 * DAY_MS),
    },
  })
}

const drifts = async () =>
  (
    await served.data(
      `{ modelDrifts(limit: 100, where: { chainId_eq: ${CHAIN} }) { cohort feature psi ks missingShare rows referenceRows } }`,
    )
  ).modelDrifts as {
    cohort: string
    feature: string
    psi: number | null
    ks: number | null
    missingShare: number
    rows: number
    referenceRows: number
  }[]

it('tells the input that moved from the one that did not, and how much is missing', async () => {
  const all = new Map(
    (await drifts()).filter(({ cohort }) => cohort === 'all').map((row) => [row.feature, row]),
  )
  expect([...all.keys()].sort()).toEqual(['anyInput', 'calm', 'moved', 'score'])
  expect(all.get('calm')).toMatchObject({ rows: ROWS, referenceRows: 2_000, missingShare: 0 })
  expect(all.get('calm')!.psi).toBeLessThan(0.05)
  expect(all.get('moved')!.psi).toBeGreaterThan(1)
  expect(all.get('moved')!.ks).toBeGreaterThan(0.8)
  expect(all.get('moved')!.missingShare).toBe(0.5)
  expect(all.get('anyInput')).toMatchObject({ psi: null, missingShare: 0.5 })
})

it('tells cohorts by age and size apart', async () => {
  const missing = Object.fromEntries(
    (await drifts())
      .filter(({ feature }) => feature === 'anyInput')
      .map((row) => [row.cohort, row.missingShare]),
  )
  expect(missing).toEqual({
    ...{ all: 0.5, 'age:<30 days': 1, 'age:≥365 days': 0 },
    ...{ 'size:<1000': 1, 'size:≥100000': 0 },
  })
})

it('finds scores that came true calibrated, and counts only liquidations in that pool within the horizon', async () => {
  const { modelCalibrations } = await served.data(
    '{ modelCalibrations { rows positives predicted observed calibrationError auc horizonDays bins } }',
  )
  expect(modelCalibrations).toHaveLength(1)
  const [found] = modelCalibrations
  expect(found).toMatchObject({ rows: ROWS, horizonDays: 30 })
  expect(found.predicted).toBeCloseTo(0.5, 6)
  expect(found.observed).toBeCloseTo(0.5, 1)
  expect(found.calibrationError).toBeLessThan(0.05)
  expect(found.auc).toBeGreaterThan(0.75)
  expect(found.bins).toHaveLength(10)
  const { pool } = served.database
  await pool.query(
    `UPDATE lending_event SET market_id = '${CHAIN}:0xelsewhere:0xasset' WHERE chain_id = ${CHAIN} AND height % 3 = 0`,
  )
  await pool.query(
    `UPDATE lending_event SET "timestamp" = "timestamp" + interval '30 days' WHERE chain_id = ${CHAIN} AND height % 3 = 1`,
  )
  await watchModels(pool, NOW)
  const { rows } = await pool.query(`SELECT positives FROM model_calibration WHERE chain_id = ${CHAIN}`)
  const left = await pool.query(
    `SELECT count(*)::int AS n FROM lending_event WHERE chain_id = ${CHAIN} AND height % 3 = 2`,
  )
  expect(rows).toEqual([{ positives: left.rows[0].n }])
})

it('is shown by /metrics and on a terminal', async () => {
  const response = await served.api.yoga.fetch('http://localhost/metrics')
  const text = await response.text()
  expect(text).toMatch(
    /plimsoll_model_drift\{chain="lagoon",model="\w+",cohort="all",feature="moved",measure="psi"\} [\d.]+/,
  )
  expect(text).toMatch(/plimsoll_model_drift\{[^}]*feature="moved",measure="missing"\} 0\.5/)
  expect(text).toMatch(/plimsoll_model_calibration_error\{chain="lagoon",model="\w+"\} [\d.]+/)
  expect(text).toMatch(/plimsoll_model_matured_scores\{[^}]*outcome="positive"\} \d+/)
  expect(lines.join('\n')).toMatch(/ on lagoon: 600 scores; farthest from training: moved PSI/)
})
