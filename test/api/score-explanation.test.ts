/** `scoreExplanation`: as stored, where this installation cannot explain the file that scored. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GoldenRow } from '../../src/models/publish'
import { loadModel, modelFolder } from '../../src/models/registry'
import { vectorBytes } from '../../src/models/vector-bytes'
import { type TestApi, testApi } from './client'
import { insert, RISKY, scoreOf } from './seed'

const query = (scoreId: string) =>
  `{ scoreExplanation(scoreId: "${scoreId}") { reasonsMethod bias reasons { feature contribution } } }`

let served: TestApi
beforeAll(async () => {
  served = await testApi()
})
afterAll(() => served?.close())

test('a score of a file that is not here keeps the reasons that were stored with it', async () => {
  const { id } = scoreOf(RISKY, 110, 0.5, true)
  const { scoreExplanation } = await served.data(query(String(id)))
  expect(scoreExplanation).toEqual({
    reasonsMethod: 'linear',
    bias: null,
    reasons: [{ feature: 'logHealthFactor', contribution: 1.5 }],
  })
})

test('a score of the committed forest is explained by Shapley values that add up to its margin', async () => {
  const { spec, sha256 } = loadModel('illicit')
  const golden: { rows: GoldenRow[] } = JSON.parse(
    readFileSync(join(modelFolder('illicit'), 'golden.json'), 'utf8'),
  )
  await insert(served.database.pool, 'model_version', {
    ...{ id: `illicit:${sha256}`, name: 'illicit', version: spec.version, sha256, state: 'active' },
    ...{ spec: { inputs: spec.inputs.map(({ name, unit }) => ({ name, unit })) }, metrics: {} },
  })
  for (const [i, { features, margin }] of golden.rows.entries()) {
    const id = `illicit:${i}`
    await insert(served.database.pool, 'score_row', {
      ...scoreOf(RISKY, 200 + i, 0.5, false),
      ...{ id, subject_kind: 'account', model_name: 'illicit', model_version: spec.version },
      ...{
        model_sha256: sha256,
        features: vectorBytes(features.map((x) => x ?? Number.NaN)),
        credit_score: null,
      },
      ...{ horizons: null, reasons_method: 'saabas' },
    })
    const { scoreExplanation } = await served.data(query(id))
    expect(scoreExplanation.reasonsMethod).toBe('treeshap')
    expect(scoreExplanation.reasons).toHaveLength(spec.inputs.length)
    const sum = scoreExplanation.reasons.reduce(
      (total: number, { contribution }: { contribution: number }) => total + contribution,
      scoreExplanation.bias,
    )
    expect(Math.abs(sum - margin!)).toBeLessThan(1e-9)
  }
})

test('an unknown score has no explanation', async () => {
  expect((await served.data(query('nothing'))).scoreExplanation).toBeNull()
})
