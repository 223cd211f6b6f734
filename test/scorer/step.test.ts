import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { marketDebtsAt, scorePositionsAt } from '../../src/features/score-positions'
import { creditScore } from '../../src/models/credit/score'
import { creditSpec } from '../../src/models/credit/spec'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { debtWeightedRisk } from '../../src/oracle/values'
import { aaveV3Risk } from '../../src/protocols/aave-v3/risk'
import { step } from '../../src/scorer/step'
import { type TestDatabase, testDatabase } from '../support/database'
import { address, chain, createLedger, type Ledger, POOL, quiet, type TestBlock, USDC, WETH } from './ledger'

const BORROWER = address(1)
const SAFE = address(2)

/** Block 1 sets the market up; the borrower stands at a health factor of 1.32, the other at 8.25. */
const opening: TestBlock[] = [
  {},
  {
    prices: [
      { asset: WETH, usd: 2_000 },
      { asset: USDC, usd: 1 },
    ],
    positions: [
      { account: BORROWER, asset: WETH, supply: 10 },
      { account: BORROWER, asset: USDC, debt: 12_500 },
      { account: SAFE, asset: WETH, supply: 10 },
      { account: SAFE, asset: USDC, debt: 2_000 },
    ],
    transactions: [{ from: BORROWER, to: SAFE, ether: 1 }],
  },
]
const crash: TestBlock = { prices: [{ asset: WETH, usd: 1_400 }] }

describe('step', () => {
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
    ledger = await createLedger(db.pool)
    return () => db.drop()
  })

  async function settle(): Promise<void> {
    for (let i = 0; i < 100; i++) if ((await step(db.pool, { chain, runtime })).idle) return
    throw new Error('the scorer does not come to rest')
  }
  const rows = async (sql: string) => (await db.pool.query(sql)).rows

  it('does nothing on an empty database', async () => {
    await expect(step(db.pool, { chain, runtime })).resolves.toMatchObject({ idle: true, rounds: 0 })
  })

  it('scores complete positions with everything that shows where a score comes from', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    await settle()
    const scores = await rows(`SELECT * FROM score WHERE model_name = 'credit' ORDER BY height, subject_id`)
    expect(scores).toHaveLength(2)
    expect(scores[0]).toMatchObject({
      account_id: `31337:${BORROWER}`,
      subject_kind: 'position',
      height: '5',
      model_sha256: runtime.models.credit!.sha256,
      as_of: { 31337: { height: 5, hash: scores[0].block_hash } },
      reasons_method: 'linear',
      current: true,
    })
    expect(scores[0].feature_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(Object.keys(scores[0].features).sort()).toEqual(
      creditSpec.inputs.map((input) => input.name).sort(),
    )
    expect(scores[0].features.loanToValue).toBeCloseTo(12_500 / 20_000, 6)
    expect(scores[0].horizons.p1d).toBeLessThan(scores[0].horizons.p7d)
    expect(scores[0].horizons.p30d).toBe(scores[0].value)
    expect(scores[0].credit_score).toBe(creditScore(scores[0].value))
    expect(scores[0].credit_score).toBeLessThan(scores[1].credit_score)
    expect(scores[0].reasons.length).toBeGreaterThan(0)
    expect(scores[0].value).toBeGreaterThan(scores[1].value)
    expect(await rows('SELECT id FROM model_version ORDER BY id')).toHaveLength(
      Object.keys(runtime.models).length,
    )
  })

  it('stores the health that the protocol arithmetic gives, and the price at which it ends', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    await settle()
    const [health] = await rows(`SELECT * FROM position_health WHERE account_id = '31337:${BORROWER}'`)
    const scored = await scorePositionsAt({ pool: db.pool, runtime, chain, height: 5 })
    const own = scored!.positions.find(({ standing }) => standing.subjectId === health.id)!
    const data = aaveV3Risk.account(own.standing.input)
    if ('incomplete' in data) throw new Error(data.incomplete)
    expect(health).toMatchObject({
      height: '5',
      health_factor_wad: data.healthFactorWad.toString(),
      debt_base: data.totalDebtBase.toString(),
      collateral_base: '2000000000000',
    })
    expect(Number(health.health_factor_wad) / 1e18).toBeCloseTo(1.32, 4)
    const [ether] = health.liquidation_prices
    expect(ether).toMatchObject({ symbol: 'WETH', price: '200000000000', decimals: 8 })
    expect(Number(ether.liquidationPrice) / 1e8).toBeCloseTo(2_000 / 1.32, 0)
  })

  it('raises alerts in a crash, and drops the health of a closed position', async () => {
    const closing: TestBlock = {
      positions: [
        { account: SAFE, asset: WETH, supply: 0 },
        { account: SAFE, asset: USDC, debt: 0 },
      ],
      liquidations: [{ account: BORROWER, collateral: 0.5 }],
    }
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(6), crash, closing, ...quiet(2)] })
    await settle()
    const alerts = await rows(
      'SELECT alert_id, severity, status, height, usd_at_risk FROM alert ORDER BY alert_id',
    )
    expect(alerts).toMatchObject([
      { alert_id: 'LIQUIDATION', severity: 'low', height: '9', usd_at_risk: 700 },
      { alert_id: 'LIQUIDATION-RISK-NOW', severity: 'high', height: '10', status: 'open' },
      { alert_id: 'PRICE-SHOCK-FELL', severity: 'high', height: '8' },
      { alert_id: 'SYSTEMIC-RISK', severity: 'medium', height: '10', status: 'open' },
    ])
    expect(await rows('SELECT account_id FROM position_health')).toEqual([
      { account_id: `31337:${BORROWER}` },
    ])
  })

  const currentScores = () =>
    rows(
      `SELECT account_id, height::int FROM score WHERE current AND model_name = 'credit' ORDER BY account_id`,
    )
  const [borrower, safe] = [`31337:${BORROWER}`, `31337:${SAFE}`]

  it('keeps no score current that the last round did not give, also after a fork', async () => {
    const repaid: TestBlock = { positions: [{ account: SAFE, asset: USDC, debt: 0 }] }
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(5), repaid, ...quiet(4)] })
    await settle()
    expect(await currentScores()).toEqual([{ account_id: borrower, height: 10 }])
    const cleared: TestBlock = { positions: [{ account: BORROWER, asset: USDC, debt: 0 }] }
    await ledger.write({ from: 12, blocks: [cleared, ...quiet(4)] })
    await settle()
    expect(await currentScores()).toEqual([])
    await ledger.write({ from: 16, blocks: quiet(1), fork: 1, rollbackTo: 15 })
    await settle()
    expect(await currentScores()).toEqual([])
    await ledger.write({ from: 14, blocks: quiet(1), fork: 2, rollbackTo: 13 })
    await settle()
    expect(await currentScores()).toEqual([{ account_id: borrower, height: 10 }])
    await ledger.write({ from: 7, blocks: quiet(1), fork: 3, rollbackTo: 6 })
    await settle()
    expect(await currentScores()).toEqual([
      { account_id: borrower, height: 5 },
      { account_id: safe, height: 5 },
    ])
  })

  it('calls debt without collateral bad debt: no probability, but certain risk to the market', async () => {
    const seized: TestBlock = { positions: [{ account: BORROWER, asset: WETH, supply: 0 }] }
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4), seized, ...quiet(5)] })
    await settle()
    expect(await currentScores()).toEqual([{ account_id: safe, height: 10 }])
    const [health] = await rows(`SELECT * FROM position_health WHERE account_id = '${borrower}'`)
    expect(health).toMatchObject({ health_factor_wad: '0', collateral_base: '0' })
    expect(BigInt(health.bad_debt_base)).toBeGreaterThan(12_500n * 10n ** 8n)
    expect(health.bad_debt_base).toBe(health.debt_base)
    expect(await rows(`SELECT account_id FROM alert WHERE alert_id = 'BAD-DEBT'`)).toEqual([
      { account_id: borrower },
    ])
    const market = await marketDebtsAt({ pool: db.pool, runtime, chain, height: 10, subject: POOL })
    expect(market!.debts).toEqual([
      { debt: BigInt(health.debt_base), score: 1, priceConfidenceBps: 9_700 },
      { debt: expect.any(BigInt), score: expect.any(Number), priceConfidenceBps: 9_700 },
    ])
    expect(market!.debts[1]!.score).toBeLessThan(1)
    const risk = debtWeightedRisk(market!.debts)!
    expect(risk.confidenceBps).toBe(9_700)
    expect(Number(risk.value) / 1e8).toBeGreaterThan(0.86)
  })

  it('sums up every round in a row, and takes back the rows of orphaned rounds', async () => {
    const seized: TestBlock = { positions: [{ account: BORROWER, asset: WETH, supply: 0 }] }
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(5), crash, seized, ...quiet(2)] })
    await settle()
    const rounds = await rows('SELECT * FROM risk_round ORDER BY height')
    expect(rounds.map((row) => Number(row.height))).toEqual([0, 5, 10])
    const [none, first, second] = rounds
    expect(none).toMatchObject({ positions: 0, mean_score: null, debt_usd: 0, at_risk_debt_usd: 0 })
    expect(first).toMatchObject({ positions: 2, at_risk_positions: 0, at_risk_debt_usd: 0, bad_debt_usd: 0 })
    expect(first.debt_usd).toBeCloseTo(14_500, 0)
    const scores = await rows(`SELECT value FROM score WHERE height = 5 AND model_name = 'credit'`)
    expect(first.mean_score).toBe((scores[0].value + scores[1].value) / 2)
    expect(first.timestamp).toEqual(new Date((1_700_000_000 + 5) * 1_000))
    const [sums] = await rows(
      'SELECT (sum(debt_base) / 1e8)::float8 AS debt, (sum(bad_debt_base) / 1e8)::float8 AS bad FROM position_health',
    )
    expect(second).toMatchObject({
      ...{
        chain_id: '31337',
        positions: 2,
        at_risk_positions: 1,
        debt_usd: sums.debt,
        bad_debt_usd: sums.bad,
      },
      at_risk_debt_usd: sums.bad,
    })
    await ledger.write({ from: 8, blocks: quiet(4), fork: 1, rollbackTo: 7 })
    await settle()
    const again = await rows('SELECT * FROM risk_round ORDER BY height')
    expect(again.slice(0, 2)).toEqual([none, first])
    expect(again[2]).toMatchObject({ positions: 2, bad_debt_usd: 0 })
    expect(again[2].block_hash).not.toBe(second.block_hash)
  })

  it('retracts alerts of orphaned blocks, restores current scores and health, and confirms what is final', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(6)] })
    await settle()
    const before = await rows('SELECT * FROM position_health ORDER BY id')
    await ledger.write({ from: 8, blocks: [crash, ...quiet(3)] })
    await settle()
    expect(await rows('SELECT 1 FROM alert')).toHaveLength(3)
    await ledger.write({ from: 8, blocks: quiet(1), fork: 1, rollbackTo: 7 })
    await settle()
    expect(await rows('SELECT * FROM position_health ORDER BY id')).toEqual(before)
    const retracted = await rows('SELECT status, retracted_at FROM alert')
    expect(retracted).toHaveLength(3)
    for (const alert of retracted)
      expect(alert).toMatchObject({ status: 'retracted', retracted_at: expect.any(Date) })
    const heights = await rows(`SELECT height FROM score WHERE current AND model_name = 'credit'`)
    expect(heights).toEqual([{ height: '5' }, { height: '5' }])
    await ledger.write({ from: 9, blocks: [crash, ...quiet(20)], fork: 1 })
    await settle()
    const alive = await rows(
      `SELECT height, status, finality FROM alert WHERE status <> 'retracted' ORDER BY height`,
    )
    expect(alive).toEqual([
      { height: '9', status: 'confirmed', finality: 'final' },
      { height: '10', status: 'confirmed', finality: 'final' },
      { height: '10', status: 'confirmed', finality: 'final' },
    ])
    expect(await rows('SELECT 1 FROM alert_journal WHERE height <= 17')).toEqual([])
  })

  it('says nothing about positions that are not wholly known', async () => {
    const partly = opening.map((block) => ({
      ...block,
      ...(block.positions ? { positions: block.positions.map((one) => ({ ...one, complete: false })) } : {}),
    }))
    await ledger.write({ from: 0, blocks: [...partly, ...quiet(5), crash, ...quiet(5)] })
    await settle()
    expect(await rows(`SELECT 1 FROM score WHERE model_name = 'credit'`)).toEqual([])
    expect(await rows('SELECT 1 FROM position_health')).toEqual([])
    expect(await rows('SELECT alert_id FROM alert')).toEqual([{ alert_id: 'PRICE-SHOCK-FELL' }])
    const scored = await scorePositionsAt({ pool: db.pool, runtime, chain, height: 10 })
    expect(scored!.withheld.map((one) => one.reason)).toEqual([
      expect.stringContaining('began before its coverage'),
      expect.stringContaining('began before its coverage'),
    ])
    expect(scored!.completePools.size).toBe(0)
  })

  it('starts anew when the chain itself was started anew', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(6), crash, ...quiet(3)] })
    await settle()
    for (const table of ['chain', 'chain_writer', 'batch', 'block', 'transaction', 'coverage', 'asset']) {
      await db.pool.query(`DELETE FROM "${table}"`)
    }
    for (const table of ['position_version', 'market_version', 'price_version']) {
      await db.pool.query(`DELETE FROM "${table}"`)
    }
    const again = await createLedger(db.pool)
    await db.pool.query(`UPDATE consumer_cursor SET seq = 7`)
    await again.write({ from: 0, blocks: [...opening, ...quiet(4)], fork: 5 })
    await settle()
    expect(await rows(`SELECT DISTINCT height FROM score`)).toEqual([{ height: '5' }])
    expect(await rows(`SELECT DISTINCT status FROM alert`)).toEqual([{ status: 'retracted' }])
  })

  it('scores the accounts that acted, and none where the chain was not seen from genesis', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(9)] })
    await settle()
    const accounts = await rows(
      `SELECT subject_id, height, as_of, features FROM score WHERE model_name = 'illicit'`,
    )
    expect(accounts).toMatchObject([
      {
        subject_id: `31337:${BORROWER}`,
        height: '5',
        features: { sentCount: 1, totalSentEth: 1, receivedCount: 0 },
      },
    ])
    await db.pool.query(
      'TRUNCATE score_row, risk_round, position_health, alert, alert_journal, consumer_cursor',
    )
    await db.pool.query('UPDATE coverage SET from_height = 2')
    await settle()
    expect(await rows('SELECT DISTINCT model_name FROM score ORDER BY 1')).toEqual([
      { model_name: 'credit' },
      { model_name: 'systemic' },
    ])
  })

  it('goes straight to the first block of a chain that is indexed from its middle', async () => {
    await ledger.write({ from: 17_000_000, blocks: quiet(12) })
    const result = await step(db.pool, { chain, runtime })
    expect(result).toMatchObject({ idle: false, height: 17_000_011 })
    expect((await step(db.pool, { chain, runtime })).idle).toBe(true)
  })

  it('keeps one round in sixty far behind the head, whether it was there in time or came late', async () => {
    const everyBlock = { ...chain, scoreEveryBlocks: 1 }
    const rest = async () => {
      while (!(await step(db.pool, { chain: everyBlock, runtime, fineRounds: 30 })).idle);
    }
    const still = opening.map(({ transactions: _none, ...block }) => block)
    await ledger.write({ from: 0, blocks: still })
    for (let from = 2; from <= 131; from += 10) {
      await ledger.write({ from, blocks: quiet(10) })
      await rest()
    }
    const inTime = await rows('SELECT * FROM score ORDER BY id')
    const history = await rows('SELECT * FROM risk_round ORDER BY height')
    const heights = [...new Set(inTime.map((row) => Number(row.height)))].sort((a, b) => a - b)
    expect(heights).toEqual([60, ...Array.from({ length: 30 }, (_, i) => 102 + i)])
    expect(history.map((row) => Number(row.height))).toEqual([0, ...heights])
    await db.pool.query(
      'TRUNCATE score_row, risk_round, position_health, alert, alert_journal, consumer_cursor',
    )
    await rest()
    expect(await rows('SELECT * FROM score ORDER BY id')).toEqual(inTime)
    expect(await rows('SELECT * FROM risk_round ORDER BY height')).toEqual(history)
  })

  it('keeps the market prices of the newest round beside health, and takes both back with its block', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(4)] })
    await settle()
    const before = await rows('SELECT * FROM market_price ORDER BY id')
    expect(before).toMatchObject([
      {
        ...{
          asset_id: `31337:${WETH}`,
          height: '5',
          answer: '200000000000',
          decimals: 8,
          source: 'chainlink',
        },
        ...{ age_sec: '4', confidence_bps: 9_700, stale: false, single_source: true },
        sources: [{ source: 'chainlink', answer: '200000000000', agrees: true }],
      },
      { asset_id: `31337:${USDC}`, answer: '100000000' },
    ])
    expect(await rows('SELECT DISTINCT price_confidence_bps AS bps FROM position_health')).toEqual([
      { bps: 9_700 },
    ])
    await ledger.write({ from: 6, blocks: [crash, ...quiet(4)] })
    await settle()
    const [weth] = await rows(`SELECT answer, height FROM market_price WHERE asset_id = '31337:${WETH}'`)
    expect(weth).toEqual({ answer: '140000000000', height: '10' })
    await ledger.write({ from: 6, blocks: quiet(1), fork: 1, rollbackTo: 5 })
    await settle()
    expect(await rows('SELECT * FROM market_price ORDER BY id')).toEqual(before)
  })

  it('hands the oracle debts with the scores that are stored, for a pool or for one asset', async () => {
    await ledger.write({ from: 0, blocks: [...opening, ...quiet(6)] })
    await settle()
    const debtsOf = (subject: Hex, height = 5) =>
      marketDebtsAt({ pool: db.pool, runtime, chain, height, subject })
    const market = await debtsOf(POOL)
    const stored =
      await rows(`SELECT s.value, h.debt_base FROM score s JOIN position_health h ON h.id = s.subject_id
      WHERE s.height = 5 ORDER BY s.subject_id`)
    expect(market).toMatchObject({ complete: true, observedAt: 1_700_000_005n })
    expect(market!.modelSha256).toBe(runtime.models.credit!.sha256)
    expect(market!.debts).toEqual(
      stored.map((row) => ({ debt: BigInt(row.debt_base), score: row.value, priceConfidenceBps: 9_700 })),
    )
    expect((await debtsOf(USDC))!.debts).toEqual(market!.debts)
    expect((await debtsOf(WETH))!.debts).toEqual([])
    expect(await debtsOf(address(77))).toBeUndefined()
    expect(await debtsOf(POOL, 0)).toBeUndefined()
    await db.pool.query(`UPDATE position_version SET complete = false WHERE account_id = '31337:${SAFE}'`)
    expect(await debtsOf(POOL)).toMatchObject({ complete: false, debts: [market!.debts[0]] })
  })
})
