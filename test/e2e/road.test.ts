/**
 * The whole road over the committed capture, without a chain or a data set: gateway → processor → Postgres → features →
 * ONNX → scores → alerts → GraphQL → the value an oracle signer would sign.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadModel } from '@subsquid/openreader/lib/tools'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/server'
import { harbor } from '../../src/chains/harbor'
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { openPool } from '../../src/db/pool'
import { openValues } from '../../src/oracle/value-source'
import { packageRoot } from '../../src/package-root'
import { runScorer } from '../../src/scorer/main'
import { type CaptureGateway, startGateway } from '../../src/source/gateway'
import { SYSTEMIC_MODEL, systemicSha256 } from '../../src/systemic/market-score'
import { type TestDatabase, testDatabase } from '../support/database'
import { spawnProcessor } from '../support/processor'

const fixtures = join(__dirname, '..', 'fixtures')

/** What the Aave pool itself answered at the capture's last block; written by scripts/record-fixture.ts. */
interface Truth {
  height: number
  liquidations: number
  accounts: { address: string; totalCollateralBase: string; totalDebtBase: string; healthFactorWad: string }[]
}
const truth = JSON.parse(readFileSync(join(fixtures, 'local-world.json'), 'utf8')) as Truth

/** Rows of one question, well within what the API answers at once. */
const PAGE = 2_000

type Ask = (query: string) => Promise<{ data: Record<string, unknown>; errors?: unknown }>

/** openreader's name of an entity's list. */
function pluralOf(name: string): string {
  const list = name.charAt(0).toLowerCase() + name.slice(1)
  return list.endsWith('y') ? `${list.slice(0, -1)}ies` : `${list}s`
}

describe('the road over the committed capture', () => {
  let db: TestDatabase
  let gateway: CaptureGateway
  const stop = new AbortController()
  let scoring: Promise<void>

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [harbor.id] })
    gateway = await startGateway(join(fixtures, 'local-world.ndjson.gz'))
    const processor = spawnProcessor({
      chain: harbor,
      databaseUrl: db.url,
      gatewayUrl: gateway.url,
      fromBlock: 0,
      toBlock: truth.height,
    })
    expect(await processor.exited, processor.output()).toBe(0)
    const models = { providers: ['cpu'], threads: 1 }
    scoring = runScorer({ dbUrl: db.url, chains: [harbor], models, signal: stop.signal })
    await scored()
  })

  afterAll(async () => {
    stop.abort()
    await scoring
    await gateway.close()
    await db.drop()
  })

  async function scored(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const { rows } = await db.pool.query('SELECT height FROM consumer_cursor WHERE chain_id = $1', [
        harbor.id,
      ])
      if (Number(rows[0]?.height) === truth.height) return
      await sleep(100)
    }
    throw new Error('the scorer did not reach the end of the capture')
  }

  it('knows every debtor’s health to the last digit', async () => {
    const { rows } = await db.pool.query(
      `SELECT split_part(account_id, ':', 2) AS address, collateral_base AS "totalCollateralBase",
              debt_base AS "totalDebtBase", health_factor_wad AS "healthFactorWad"
         FROM position_health WHERE debt_base > 0 AND height = $1 ORDER BY address`,
      [truth.height],
    )
    const debtors = truth.accounts.filter((account) => account.totalDebtBase !== '0')
    expect(debtors.length).toBeGreaterThan(10)
    expect(rows).toEqual(debtors.sort((a, b) => (a.address < b.address ? -1 : 1)))
  })

  it('tells every liquidation in an alert', async () => {
    const events = await db.pool.query(
      `SELECT count(*)::int AS n FROM lending_event WHERE kind = 'liquidation'`,
    )
    const alerts = await db.pool.query(
      `SELECT sum(occurrences)::int AS n FROM alert WHERE detector = 'liquidation'`,
    )
    expect(truth.liquidations).toBeGreaterThan(0)
    expect(events.rows[0].n).toBe(truth.liquidations)
    expect(alerts.rows[0].n).toBe(truth.liquidations)
  })

  it('stores with every score the model, its hash, the features, the block and the reasons', async () => {
    const { rows } = await db.pool.query(
      'SELECT s.*, b.hash FROM score s JOIN block b USING (chain_id, height)',
    )
    expect(new Set(rows.map((row) => row.model_name))).toEqual(new Set(['credit', 'illicit', 'systemic']))
    const file = (name: string) => readFileSync(join(__dirname, '../../src/models', name, 'model.onnx'))
    const hashOf = (name: string) =>
      name === SYSTEMIC_MODEL ? systemicSha256 : createHash('sha256').update(file(name)).digest('hex')
    for (const row of rows) {
      expect(row.model_sha256).toBe(hashOf(row.model_name))
      expect(row.feature_hash).toMatch(/^[0-9a-f]{64}$/)
      expect(row.block_hash).toBe(row.hash)
      expect(row.value).toBeGreaterThanOrEqual(0)
      expect(row.value).toBeLessThanOrEqual(1)
      // A market that loses nothing in any scenario has nothing to give as a reason.
      if (row.value > 0) expect(row.reasons.length).toBeGreaterThan(0)
    }
  })

  /** Asks the API, started for these questions alone. */
  async function asking(questions: (ask: Ask) => Promise<void>): Promise<void> {
    const pool = openPool(db.url, { application: 'api', readOnly: true })
    const api = await createApi({ pool, databaseUrl: db.url, chains: [] })
    try {
      await questions(async (query) => {
        const response = await api.yoga.fetch('http://127.0.0.1/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
        return (await response.json()) as Awaited<ReturnType<Ask>>
      })
    } finally {
      await api.close()
      await pool.end()
    }
  }

  it('answers over GraphQL what it knows of the riskiest account', () =>
    asking(async (ask) => {
      const { data, errors } = await ask(`{
      overview { totals { scores openAlerts } riskiest { address healthFactor score { value reasons { feature } } } }
      positions(where: { scaledDebt_gt: "0" }, limit: 3) { account { address scores(where: { current_eq: true }) { value } } }
    }`)
      expect(errors).toBeUndefined()
      const { riskiest, totals } = data.overview as {
        riskiest: { address: string; healthFactor: number; score: { value: number; reasons: unknown[] } }[]
        totals: { scores: number; openAlerts: number }
      }
      expect(totals.scores).toBeGreaterThan(0)
      expect(totals.openAlerts).toBeGreaterThan(0)
      const worst = truth.accounts
        .filter((account) => account.totalDebtBase !== '0')
        .sort((a, b) => (BigInt(a.healthFactorWad) < BigInt(b.healthFactorWad) ? -1 : 1))[0]
      expect(riskiest[0]?.address).toBe(worst?.address)
      expect(riskiest[0]?.healthFactor).toBeCloseTo(Number(worst?.healthFactorWad) / 1e18, 9)
      // Debt without collateral has health factor 0 and no score: there is nothing left to liquidate.
      const owing = riskiest.filter((row) => row.healthFactor > 0)
      expect(owing.length).toBeGreaterThan(0)
      for (const row of owing) expect(row.score.reasons.length).toBeGreaterThan(0)
      for (const row of riskiest.filter((one) => one.healthFactor === 0)) expect(row.score).toBeNull()
    }))

  it('finds over GraphQL whatever a row refers to', () =>
    asking(async (ask) => {
      const nested = await ask(`{
      markets { asset { address } asset1 { address } positions { account { address } } }
      positions { account { address firstHeight } market { asset { address } } }
      scores(where: { current_eq: true }) { account { address } }
      alerts { detector account { address firstHeight } }
    }`)
      expect(nested.errors).toBeUndefined()
      for (const list of ['markets', 'positions', 'scores', 'alerts'])
        expect((nested.data[list] as unknown[]).length, list).toBeGreaterThan(0)

      let asked = 0
      for (const [name, entity] of Object.entries(loadModel(join(packageRoot, 'schema.graphql')))) {
        if (entity.kind !== 'entity') continue
        const list = pluralOf(name)
        const references = Object.entries(entity.properties).filter(([, prop]) => prop.type.kind === 'fk')
        for (const [field, { nullable }] of references) {
          if (nullable) continue
          for (let offset = 0, rows = PAGE; rows === PAGE; offset += PAGE) {
            const { data, errors } = await ask(
              `{ rows: ${list}(limit: ${PAGE}, offset: ${offset}, orderBy: [id_ASC]) { id ${field} { id } } }`,
            )
            expect(errors, `${name}.${field}`).toBeUndefined()
            rows = (data.rows as unknown[]).length
          }
          asked++
        }
      }
      expect(asked).toBeGreaterThan(25)
    }))

  it('gives the same market risk to two signers that compute it by themselves', async () => {
    const feed = {
      subjectChainId: BigInt(harbor.id),
      subject: LOCAL_WORLD.aave.pool,
      metric: 'market-risk',
    }
    const measured = []
    for (const _ of [0, 1]) {
      const { values, close } = await openValues(db.pool)
      measured.push(await values(feed, BigInt(truth.height)))
      await close()
    }
    expect(measured[0]).toMatchObject({ complete: true, confidenceBps: expect.any(Number) })
    expect(measured[0]?.value).toBeGreaterThan(0n)
    expect(measured[1]).toEqual(measured[0])
  })
})
