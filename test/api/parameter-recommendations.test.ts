import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi } from '../../src/api/server'
import { harbor } from '../../src/chains/harbor'
import { openPool, type Pool } from '../../src/db/pool'
import type { TestDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'
import { watchLoop } from '../support/loop-watch.cjs'

let db: TestDatabase
let pool: Pool
let api: Api
beforeAll(async () => {
  db = await indexedLocalWorld(60)
  pool = openPool(db.url, { application: 'api', readOnly: true, statementTimeoutMs: 5_000, max: 6 })
  api = await createApi({ pool, databaseUrl: db.url, chains: [] })
})
afterAll(async () => {
  await api?.close()
  await pool?.end()
  await db?.drop()
})

async function ask(args: string, of = api) {
  const query = `{ parameterRecommendations(${args}) {
    asOf { chainId height } scenario about fittedFrom scenarios seed behaviour positions evaluations omittedMarkets
    togetherBeforeUsd togetherAfterUsd togetherSavedIntervalUsd { low high } unpriced { symbol } withheld { reason }
    markets { marketId symbol protocol poolId verdict reason current { ltv threshold bonus supplyCap borrowCap }
      currentCurve { kind } recommendedCurve { kind } curveReason unknown
      frontier { ltv threshold bonus borrowingPowerUsd releveredBadDebtUsd unchangedBadDebtUsd isCurrent isDominated }
      shadow { days liquidatedMore liquidatedFewer avoidedBadDebtUsd summary }
      bundle { id reason rounds changes { parameter from to firstStep } checks { name passed detail }
        badDebtBeforeUsd badDebtAfterUsd badDebtReleveredUsd savedUsd savedIntervalUsd { low high }
        badDebtAtOldCapUsd badDebtAtNewCapUsd before { borrowingPowerUsd utilization } after { borrowingPowerUsd } } } } }`
  const response = await of.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'localhost' },
    body: JSON.stringify({ query }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever it asked for
  return (await response.json()) as any
}

describe('parameterRecommendations', () => {
  it('answers from the newest block, the same each time', async () => {
    const args = `chainId: ${harbor.id}, scenario: "all-40", scenarios: 60, days: 3`
    const { data, errors } = await ask(args)
    expect(errors).toBeUndefined()
    const found = data.parameterRecommendations
    expect(found).toMatchObject({ scenario: 'all-40', scenarios: 60, seed: 1, behaviour: 'unchanged' })
    expect(found.asOf).toEqual([{ chainId: harbor.id, height: '60' }])
    expect(found.markets.length).toBeGreaterThan(0)
    for (const { frontier } of found.markets)
      expect(frontier.filter((point: { isCurrent: boolean }) => point.isCurrent)).toHaveLength(1)
    const { changes } = found.markets.find(({ bundle }: { bundle: unknown }) => bundle !== null).bundle
    expect(changes[0]).toMatchObject({ parameter: expect.any(String), to: expect.any(Number) })
    expect((await ask(args)).data).toEqual(data)
  })

  it('leaves the event loop free', async () => {
    await ask('scenario: "all-40", scenarios: 1, days: 0')
    const watch = watchLoop()
    expect((await ask('scenario: "student-t", scenarios: 3000, seed: 5')).errors).toBeUndefined()
    watch.stop()
    expect(watch.take().ownCpuMaxMs).toBeLessThan(50)
  })

  it.each([
    ['scenario: "sunshine"', /no scenario is called sunshine/],
    ['scenario: ""', /scenario is not the name/],
    ['scenarios: 0', /scenarios is 0: loopback may ask for 1 to 5000/],
    ['scenarios: 5001', /scenarios is 5001/],
    ['days: 31', /days is 31/],
    ['days: -1', /days is -1/],
    ['gasUsd: -1', /gasUsd is -1/],
    ['markets: []', /markets is empty/],
    ['markets: ["1:0xdead"]', /no market 1:0xdead/],
    ['chainId: 4242', /chain 4242 is not indexed/],
  ])('refuses %s', async (args, message) => {
    const { errors } = await ask(args)
    expect(errors).toHaveLength(1)
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT')
    expect(errors[0].message).toMatch(message)
  })

  it('is for whoever may start stress tests', async () => {
    const bare = await createApi({
      pool,
      databaseUrl: db.url,
      chains: [],
      access: { keys: [], isLoopback: false },
    })
    const { errors } = await ask('scenarios: 1', bare)
    expect(errors[0].extensions.code).toBe('UNAUTHENTICATED')
    await bare.close()
  })
})
