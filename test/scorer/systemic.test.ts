/** Systemic scores of lending markets, from a round to the row, the alert, the verification and the oracle's value. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { scorePositionsAt } from '../../src/features/score-positions'
import { bookOfScored } from '../../src/features/scored-book'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { openValues } from '../../src/oracle/value-source'
import { SYSTEMIC_RISK } from '../../src/oracle/values'
import { step } from '../../src/scorer/step'
import { registerSystemic, scoreMarkets } from '../../src/scorer/systemic'
import { verifyScore } from '../../src/scorer/verify'
import { marketScores, systemicSha256 } from '../../src/systemic/market-score'
import { type TestDatabase, testDatabase } from '../support/database'
import { setFeature } from '../support/vectors'
import { address, chain, createLedger, type Ledger, POOL, quiet, type TestBlock, USDC, WETH } from './ledger'

const [BORROWER, SAFE] = [address(1), address(2)]
const MARKET = `${chain.id}:${POOL}:${USDC}`

/** A loan of 1,500,000 against 1,000 WETH at 2,000, health 1.1, and a small safe one. */
const opening: TestBlock[] = [
  {},
  {
    prices: [
      { asset: WETH, usd: 2_000 },
      { asset: USDC, usd: 1 },
    ],
    positions: [
      { account: BORROWER, asset: WETH, supply: 1_000 },
      { account: BORROWER, asset: USDC, debt: 1_500_000 },
      { account: SAFE, asset: WETH, supply: 10 },
      { account: SAFE, asset: USDC, debt: 2_000 },
    ],
  },
]
const repaid: TestBlock = {
  positions: [
    { account: BORROWER, asset: USDC, debt: 0 },
    { account: SAFE, asset: USDC, debt: 0 },
  ],
}

describe('systemic scores', () => {
  let runtime: ModelRuntime
  let db: TestDatabase
  let ledger: Ledger

  beforeAll(async () => {
    runtime = await openModels()
  })
  afterAll(() => runtime.close())
  beforeEach(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    await registerModels(db.pool)
    await registerSystemic(db.pool)
    ledger = await createLedger(db.pool)
    return () => db.drop()
  })

  const settle = async () => {
    for (let i = 0; i < 100; i++) if ((await step(db.pool, { chain, runtime })).idle) return
    throw new Error('the scorer does not come to rest')
  }
  const rows = async (sql: string) => (await db.pool.query(sql)).rows
  const scores = () => rows(`SELECT * FROM score WHERE model_name = 'systemic' ORDER BY height, subject_id`)
  const scoredAt = async (height: number) =>
    (await scorePositionsAt({ pool: db.pool, runtime, chain, height }))!

  it('stand at each round beside the others, with shares, scenarios and block', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(9)] })
    await settle()
    const found = await scores()
    expect(found.map(({ height, current }) => [height, current])).toEqual([
      ['5', false],
      ['10', true],
    ])
    const [expected] = marketScores(bookOfScored(await scoredAt(10), chain))
    const score = found[1]
    expect(score).toMatchObject({
      ...{ account_id: `${chain.id}:${POOL}`, subject_kind: 'market', subject_id: MARKET },
      ...{ model_sha256: systemicSha256, reasons_method: 'weights', value: expected!.value },
      as_of: { [chain.id]: { height: 10, hash: score.block_hash } },
    })
    expect(score.features.market40).toBeCloseTo(expected!.shares[1]!, 7)
    expect(score.reasons[0]).toMatchObject({ feature: 'market40', direction: 'raises' })
    expect(score.value).toBeGreaterThan(0.3)
    expect(score.value).toBeLessThan(0.8)
  })

  it('verify to the bit, and whatever is changed behind their back is named', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    await settle()
    const [{ id }] = await scores()
    expect(await verifyScore(db.pool, id)).toMatchObject({ modelName: 'systemic', differences: [] })
    await db.pool.query(`UPDATE score_row SET ${setFeature(2, 'number / 2')} WHERE id = '${id}'`)
    expect((await verifyScore(db.pool, id)).differences.join()).toMatch(/hash to .*the value is/s)
    await db.pool.query(`INSERT INTO model_version (id, name, version, sha256, spec, metrics)
      SELECT 'systemic:old', name, '0.9.0', 'old', spec, metrics FROM model_version WHERE name = 'systemic'`)
    await db.pool.query(`UPDATE score_row SET model_sha256 = 'old' WHERE id = '${id}'`)
    const old = await verifyScore(db.pool, id)
    expect(old.recomputed).toBeNull()
    expect(old.differences.join()).toContain('the score was made by rule old')
  })

  it('alert once, with money, market and scenario, and a fork takes score and alert back', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(9)] })
    await settle()
    const alerts = () => rows(`SELECT * FROM alert WHERE detector = 'systemic-risk'`)
    expect(await alerts()).toMatchObject([
      {
        ...{ alert_id: 'SYSTEMIC-RISK', severity: 'high', status: 'open', height: '5', occurrences: 1 },
        ...{ account_id: `${chain.id}:${POOL}`, affected_markets: [MARKET], model_sha256: systemicSha256 },
      },
    ])
    const [{ usd_at_risk }] = await alerts()
    const [expected] = marketScores(bookOfScored(await scoredAt(5), chain))
    expect(usd_at_risk).toBeCloseTo(expected!.expectedBadDebtUsd, 2)
    await ledger.write({ from: 3, blocks: [repaid, ...quiet(9)], fork: 1, rollbackTo: 2 })
    await settle()
    expect(await alerts()).toMatchObject([{ status: 'retracted' }])
    expect(await scores()).toEqual([])
  })

  it('are current only of markets in which something is still owed', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(5), repaid, ...quiet(4)] })
    await settle()
    expect((await scores()).map(({ height, current }) => [height, current])).toEqual([['5', false]])
  })

  it('are what a signer computes from the same block', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    await settle()
    const [{ value, block_hash }] = await scores()
    const source = await openValues(db.pool)
    for (const subject of [USDC, POOL]) {
      const feed = { subjectChainId: BigInt(chain.id), subject, metric: SYSTEMIC_RISK }
      expect(await source.values(feed, 5n)).toMatchObject({
        ...{ value: BigInt(Math.floor(value * 1e8)), confidenceBps: 9_700, complete: true },
        ...{ blockHash: block_hash, modelHash: `0x${systemicSha256}` },
      })
    }
    // Nobody owes ether: its value is 0, with nothing to doubt. What is no market has none.
    const ether = { subjectChainId: BigInt(chain.id), subject: WETH, metric: SYSTEMIC_RISK }
    expect(await source.values(ether, 5n)).toMatchObject({ value: 0n, confidenceBps: 10_000 })
    expect(await source.values({ ...ether, subject: address(77) }, 5n)).toBeUndefined()
    await source.close()
  })

  it('are read by the rule of the release that scores; another release’s is retired', async () => {
    await db.pool.query(
      `UPDATE model_version SET id = 'systemic:old', sha256 = 'old' WHERE name = 'systemic'`,
    )
    await registerSystemic(db.pool)
    await registerSystemic(db.pool)
    const versions = await rows(
      `SELECT id, state, jsonb_array_length(history) AS moves FROM model_version WHERE name = 'systemic' ORDER BY id DESC`,
    )
    expect(versions).toEqual([
      { id: 'systemic:old', state: 'retired', moves: 2 },
      { id: `systemic:${systemicSha256}`, state: 'active', moves: 1 },
    ])
  })

  it('that cannot be made are left out, and nothing else is', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    const scored = await scoredAt(5)
    expect(scoreMarkets(scored, chain)).toHaveLength(1)
    // A market that the standings name and the state lacks: no book can be made of them.
    const torn = { ...scored, input: { ...scored.input, markets: new Map() } }
    expect(scoreMarkets(torn, chain)).toEqual([])
  })
})
