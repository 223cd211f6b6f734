/** `scoreExplanation`: as stored, where this installation cannot explain the file that scored. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from './client'
import { RISKY, scoreOf } from './seed'

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

test('an unknown score has no explanation', async () => {
  expect((await served.data(query('nothing'))).scoreExplanation).toBeNull()
})
