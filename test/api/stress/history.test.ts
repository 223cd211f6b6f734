/** What scenarios are fitted from: indexed prices up to the block that is asked about, and no later, by API and command alike. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Api, createApi } from '../../../src/api/server'
import { harbor } from '../../../src/chains/harbor'
import { loadConfig } from '../../../src/config'
import { openPool, type Pool } from '../../../src/db/pool'
import { readFactorHistory } from '../../../src/features/history-read'
import { runStressCommand } from '../../../src/stress-run/command'
import { LEAST_DAYS } from '../../../src/systemic/scenarios/factor-model'
import { STRESS_DEFAULTS } from '../../../src/systemic/stress/request'
import type { TestDatabase } from '../../support/database'
import { indexedLocalWorld } from '../../support/local-world'
import { writePriceDays } from '../../support/price-days'

/** The first block with enough days before it. */
const HEIGHT = LEAST_DAYS
const FITTED = `${LEAST_DAYS} days of the market prices of harbor`

let db: TestDatabase
let pool: Pool
let api: Api
beforeAll(async () => {
  db = await indexedLocalWorld(HEIGHT)
  await writePriceDays(db.pool, { chainId: harbor.id, toBlock: HEIGHT })
  pool = openPool(db.url, { application: 'api', readOnly: true, max: 3 })
  api = await createApi({ pool, databaseUrl: db.url, chains: [] })
})
afterAll(async () => {
  await api?.close()
  await pool?.end()
  await db?.drop()
})

async function ask(query: string, of = api) {
  const response = await of.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'localhost' },
    body: JSON.stringify({ query }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever it asked for
  const { data, errors } = (await response.json()) as any
  expect(errors).toBeUndefined()
  return data
}

const at = (height: number) => `block: { chainId: ${harbor.id}, height: "${height}" }`
const stressAt = (height: number, of = api) =>
  ask(
    `{ stressTest(scenario: "eth-50", scenarios: 50, ${at(height)}) {
      scenario { fittedFrom } modelSha256 total { expectedLiquidatedUsd } } }`,
    of,
  )
const riskAt = (height: number, of = api) =>
  ask(`{ systemicRisk(${at(height)}) { scenarios { fittedFrom total { expectedLiquidatedUsd } } } }`, of)

function commandAt(height: number) {
  const quiet = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) =>
    spy.mockImplementation(() => undefined),
  )
  const command = { ...STRESS_DEFAULTS, scenario: 'eth-50', scenarios: 50, blocks: [`harbor=${height}`] }
  return runStressCommand(() => loadConfig({ DB_URL: db.url }), command).finally(() => {
    for (const spy of quiet) spy.mockRestore()
  })
}

describe('scenarios are fitted', () => {
  it('from indexed prices once these hold enough days, by each stress test, with equal figures', async () => {
    const [{ stressTest }, { systemicRisk }, { parameterRecommendations }] = [
      await stressAt(HEIGHT),
      await riskAt(HEIGHT),
      await ask('{ parameterRecommendations(scenarios: 20, days: 0) { fittedFrom } }'),
    ]
    expect(stressTest.scenario.fittedFrom).toBe(FITTED)
    expect(parameterRecommendations.fittedFrom).toBe(FITTED)
    expect(systemicRisk.scenarios.length).toBeGreaterThan(0)
    for (const { fittedFrom } of systemicRisk.scenarios) expect(fittedFrom).toBe(FITTED)
    const { scenario, modelSha256, total } = await commandAt(HEIGHT)
    expect(scenario.fittedFrom).toBe(FITTED)
    expect(stressTest.modelSha256).toBe(modelSha256)
    expect(stressTest.total.expectedLiquidatedUsd).toBe(total.expectedLiquidatedUsd)
    expect(total.expectedLiquidatedUsd).toBeGreaterThan(0)
  })

  it('from committed figures at a block before that', async () => {
    const { stressTest } = await stressAt(HEIGHT - 1)
    expect(stressTest.scenario.fittedFrom).toBe('committed.ts')
    for (const { fittedFrom } of (await riskAt(HEIGHT - 1)).systemicRisk.scenarios)
      expect(fittedFrom).toBe('committed.ts')
    expect((await commandAt(HEIGHT - 1)).scenario.fittedFrom).toBe('committed.ts')
  })

  it('from nothing later than the block', async () => {
    const history = await readFactorHistory(db.pool, [{ chain: harbor, height: 40 }])
    expect(history.prices.get('ETH')!.filter((price) => !Number.isNaN(price))).toHaveLength(41)
    const [before, newest] = [await stressAt(HEIGHT - 1), await stressAt(HEIGHT)]
    await db.pool.query(
      `UPDATE price_version SET answer = answer * 7 WHERE source = '-days' AND valid_from_block = $1`,
      [HEIGHT],
    )
    await db.pool.query('DELETE FROM stress_run')
    const other = await createApi({ pool, databaseUrl: db.url, chains: [] })
    expect(await stressAt(HEIGHT - 1, other)).toEqual(before)
    const after = await stressAt(HEIGHT, other)
    expect(after.stressTest.scenario.fittedFrom).toBe(FITTED)
    expect(after.stressTest.modelSha256).not.toBe(newest.stressTest.modelSha256)
    expect(after.stressTest.total).not.toEqual(newest.stressTest.total)
    await other.close()
  })
})
