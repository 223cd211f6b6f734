/** `scoreExplanation`: exact where the model is a forest that this installation has, else as stored. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { illicitSpec } from '../../src/models/illicit/spec'
import type { GoldenRow } from '../../src/models/publish'
import { modelFolder } from '../../src/models/registry'
import { type TestApi, testApi } from './client'
import { insert, RISKY, scoreOf } from './seed'

const fileOf = (name: string) => JSON.parse(readFileSync(join(modelFolder('illicit'), name), 'utf8'))
const golden: GoldenRow[] = fileOf('golden.json').rows
const query = (scoreId: string) =>
  `{ scoreExplanation(scoreId: "${scoreId}") { reasonsMethod bias reasons { feature value contribution } } }`

let served: TestApi
beforeAll(async () => {
  served = await testApi()
  const row = golden.at(-1)!
  const features = Object.fromEntries(illicitSpec.inputs.map(({ name }, f) => [name, row.features[f]]))
  const stored = {
    ...scoreOf(RISKY, 110, 0.5, true),
    features,
    model_name: 'illicit',
    reasons_method: 'saabas',
  }
  const own = { id: 'illicit:own', subject_id: 'a', model_sha256: fileOf('metrics.json').modelSha256 }
  await insert(served.database.pool, 'score', { ...stored, ...own })
  await insert(served.database.pool, 'score', {
    ...stored,
    id: 'illicit:other',
    subject_id: 'b',
    model_sha256: 'other',
  })
})
afterAll(() => served?.close())

test('a forest’s score is explained by TreeSHAP over every input, adding up to its margin', async () => {
  const { scoreExplanation } = await served.data(query('illicit:own'))
  expect(scoreExplanation.reasonsMethod).toBe('treeshap')
  const reasons: { value: number | null; contribution: number }[] = scoreExplanation.reasons
  expect(reasons).toHaveLength(illicitSpec.inputs.length)
  const sum = reasons.reduce((total, { contribution }) => total + contribution, scoreExplanation.bias)
  expect(Math.abs(sum - golden.at(-1)!.margin!)).toBeLessThan(1e-9)
  const strengths = reasons.map(({ contribution }) => Math.abs(contribution))
  expect(strengths).toEqual([...strengths].sort((a, b) => b - a))
  expect(reasons.some(({ value }) => value === null)).toBe(true)
})

test('a score of another file keeps the reasons that were stored with it', async () => {
  const { scoreExplanation } = await served.data(query('illicit:other'))
  expect(scoreExplanation).toEqual({
    reasonsMethod: 'saabas',
    bias: null,
    reasons: [{ feature: 'logHealthFactor', value: 0, contribution: 1.5 }],
  })
})

test('an unknown score has no explanation', async () => {
  expect((await served.data(query('nothing'))).scoreExplanation).toBeNull()
})
