/** Topic fields over seeded rows: what the dashboard asks for, with the numbers worked out by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from './client'
import { account, HARBOR, insert, LENDER, market, POOL, RISKY, SAFE, scoreOf, USDC } from './seed'

let served: TestApi
beforeAll(async () => {
  served = await testApi()
})
afterAll(() => served?.close())

test('overview counts positions, money and alerts in US dollars', async () => {
  const { overview } = await served.data(`{ overview {
    asOf
    chains { chainId name headHeight headTimestamp finalizedHeight lagSec rows coverageComplete }
    totals { positions atRisk liquidatable debtUsd debtAtRiskUsd badDebtUsd openAlerts scores }
    healthBuckets { label lower upper positions debtUsd }
    oracle { feed subject symbol subjectChainId metric round value updatedAt txHash status stale }
  } }`)
  expect(overview.totals).toEqual({
    positions: 2,
    atRisk: 1,
    liquidatable: 0,
    debtUsd: 2750,
    debtAtRiskUsd: 1650,
    badDebtUsd: 0,
    openAlerts: 1,
    scores: 2,
  })
  expect(overview.chains.map((chain: { name: string }) => chain.name)).toEqual(['harbor', 'lagoon'])
  expect(overview.chains[0]).toMatchObject({
    chainId: HARBOR,
    headHeight: '112',
    rows: '42',
    coverageComplete: false,
  })
  expect(overview.chains[0].lagSec).toBeLessThan(60)
  expect(overview.chains[1].lagSec).toBeGreaterThan(60)
  expect(overview.healthBuckets).toHaveLength(7)
  expect(overview.healthBuckets[1]).toEqual({
    label: '1 – 1.1',
    lower: 1,
    upper: 1.1,
    positions: 1,
    debtUsd: 1650,
  })
  expect(overview.healthBuckets[6]).toMatchObject({ lower: 3, upper: null, positions: 1, debtUsd: 1100 })
  expect(overview.oracle).toEqual([
    {
      feed: 'feed-1',
      subject: account(RISKY),
      symbol: null,
      subjectChainId: HARBOR,
      metric: 'liquidation',
      round: '1',
      value: 0.8,
      updatedAt: '2026-01-01T00:00:00.000Z',
      txHash: '0xoracle',
      status: 'confirmed',
      stale: true,
    },
  ])
})

test('rows are counted on from the last batch, not again', async () => {
  await served.database.pool.query(`INSERT INTO batch (id, chain_id, seq, epoch, from_height, to_height, head_hash,
    finalized_height, row_count) VALUES ('b3', ${HARBOR}, 3, 1, 3, 3, '0xh', 0, 8)`)
  const { overview } = await served.data('{ overview { chains { name rows } } }')
  expect(overview.chains[0]).toEqual({ name: 'harbor', rows: '50' })
})

test('riskiest come first and leave out those without debt; alerts leave out the retracted', async () => {
  const { overview } = await served.data(`{ overview(limit: 10) {
    riskiest { address healthFactor ltv collateralUsd debtUsd liquidationThreshold
      liquidationPrices { assetId symbol price liquidationPrice }
      score { modelName value height reasons { feature value contribution } reasonsMethod } }
    alerts { id severity address chainId reasons detectedAt }
  } }`)
  expect(overview.riskiest.map((row: { address: string }) => row.address)).toEqual([RISKY, SAFE])
  expect(overview.riskiest[0]).toMatchObject({
    healthFactor: 1,
    ltv: 0.825,
    collateralUsd: 2000,
    debtUsd: 1650,
    liquidationThreshold: 0.825,
    liquidationPrices: [{ symbol: 'WETH', price: 2000, liquidationPrice: 1900 }],
    score: { modelName: 'credit', value: 0.8, height: '110', reasonsMethod: 'linear' },
  })
  expect(overview.alerts).toHaveLength(1)
  expect(overview.alerts[0]).toMatchObject({
    id: 'alert-1',
    address: RISKY,
    chainId: HARBOR,
    severity: 'high',
  })
})

test('risk history: mean score and debt at risk of each round, as of its block', async () => {
  const { overview } = await served.data(
    '{ overview { riskHistory(points: 5) { time height chainId meanScore atRiskPositions atRiskDebtUsd } } }',
  )
  expect(overview.riskHistory).toEqual([
    {
      time: '2026-01-01T00:01:40.000Z',
      height: '100',
      chainId: HARBOR,
      meanScore: 0.6,
      atRiskPositions: 1,
      atRiskDebtUsd: 1650,
    },
    {
      time: '2026-01-01T00:01:50.000Z',
      height: '110',
      chainId: HARBOR,
      meanScore: 0.45,
      atRiskPositions: 1,
      atRiskDebtUsd: 1650,
    },
  ])
})

test('positionHealth pages, filters and counts', async () => {
  const query = `query ($chainId: Int, $max: Float, $limit: Int!, $offset: Int!) {
    positionHealth(chainId: $chainId, maxHealthFactor: $max, limit: $limit, offset: $offset) {
      total rows { address healthFactor } } }`
  const ask = async (variables: object) =>
    (await served.data(query, { limit: 50, offset: 0, ...variables })).positionHealth
  expect((await ask({})).rows.map((row: { address: string }) => row.address)).toEqual([RISKY, SAFE, LENDER])
  expect(await ask({ limit: 1, offset: 1 })).toEqual({ total: 3, rows: [{ address: SAFE, healthFactor: 3 }] })
  expect(await ask({ max: 1.1 })).toEqual({ total: 1, rows: [{ address: RISKY, healthFactor: 1 }] })
  expect(await ask({ offset: 10 })).toEqual({ total: 3, rows: [] })
  expect(await ask({ limit: 0 })).toMatchObject({ rows: [] })
  expect(await ask({ chainId: 999_999 })).toEqual({ total: 0, rows: [] })
})

test('debt without collateral has no score, least of all one of another pool, and weighs 1 in its market', async () => {
  const { pool } = served.database
  const address = '0x4000000000000000000000000000000000000004'
  const owned = { account_id: account(address), chain_id: HARBOR, protocol: 'aave-v3', pool: POOL }
  await insert(pool, 'position', {
    ...{ id: 'bare', ...owned, market_id: market(USDC), scaled_supply: 0, scaled_debt: '1000000000' },
    ...{ collateral_enabled: false, complete: true, updated_height: 10 },
  })
  await insert(pool, 'position_health', {
    ...{
      id: `${account(address)}:${POOL}`,
      ...owned,
      height: 110,
      health_factor_wad: '0',
      collateral_base: 0,
    },
    ...{ debt_base: 1100_00000000, bad_debt_base: 1100_00000000, liquidation_prices: [] },
  })
  const elsewhere = { ...scoreOf(address, 110, 0.2, true), subject_id: `${account(address)}:0xelsewhere` }
  await insert(pool, 'score_row', elsewhere)
  const data = await served.data(
    '{ positionHealth(maxHealthFactor: 0.5) { rows { address score { value } } } marketRisk { symbol meanScore } }',
  )
  for (const table of ['position', 'position_health', 'score_row'])
    await pool.query(`DELETE FROM ${table} WHERE account_id = $1`, [account(address)])
  expect(data.positionHealth.rows).toEqual([{ address, score: null }])
  const [usdc] = data.marketRisk.filter((row: { symbol: string }) => row.symbol === 'USDC')
  expect(usdc.meanScore).toBeCloseTo((1650 * 0.8 + 1100 * 0.1 + 1100) / 3850, 9)
})

test('accountRisk tells standing, scores, holdings, alerts and deeds of an account', async () => {
  const { accountRisk } = await served.data(
    `query ($address: String!) { accountRisk(chainId: ${HARBOR}, address: $address) {
      accountId address chainId firstSeen complete incompleteReason
      health { pool healthFactor } scores { value modelName creditScore horizons { p1d p7d p30d } }
      credit { score p1d p7d p30d positions }
      scoreHistory { height value } risky: scoreHistory(model: "credit", points: 1) { height }
      positions { marketId symbol supplied borrowed decimals suppliedUsd borrowedUsd collateralEnabled }
      alerts { id status } recentEvents { kind role txHash counterparty assetId amount timestamp } } }`,
    { address: RISKY.toUpperCase().replace('0X', '0x') },
  )
  expect(accountRisk).toEqual({
    accountId: account(RISKY),
    address: RISKY,
    chainId: HARBOR,
    firstSeen: '2026-01-01T00:00:00.000Z',
    complete: true,
    incompleteReason: null,
    health: [{ pool: POOL, healthFactor: 1 }],
    scores: [
      { value: 0.8, modelName: 'credit', creditScore: 300, horizons: { p1d: 0.1, p7d: 0.4, p30d: 0.8 } },
    ],
    credit: {
      ...{ score: 300, positions: 1, p30d: expect.closeTo(0.8, 9) },
      ...{ p1d: expect.closeTo(0.1, 9), p7d: expect.closeTo(0.4, 9) },
    },
    scoreHistory: [
      { height: '100', value: 0.6 },
      { height: '110', value: 0.8 },
    ],
    risky: [{ height: '110' }],
    positions: [
      {
        ...{ marketId: market(USDC), symbol: 'USDC', decimals: 6, collateralEnabled: false },
        ...{ supplied: '0', borrowed: '1650000000', suppliedUsd: 0, borrowedUsd: 1650 },
      },
      expect.objectContaining({ symbol: 'WETH', supplied: '1000000000000000000', suppliedUsd: 2000 }),
    ],
    alerts: [
      { id: 'alert-0', status: 'retracted' },
      { id: 'alert-1', status: 'open' },
    ],
    recentEvents: [
      {
        ...{ kind: 'tokenTransfer', role: 'to', txHash: '0xtx10', counterparty: LENDER },
        ...{ assetId: `${HARBOR}:${USDC}`, amount: '1500000000', timestamp: '2026-01-01T00:00:00.000Z' },
      },
    ],
  })
})

test('an incomplete account says why; an unknown one is null; a wrong address is refused', async () => {
  const ask = (address: string, chainId = HARBOR) =>
    `{ accountRisk(chainId: ${chainId}, address: "${address}") { complete incompleteReason } }`
  expect((await served.data(ask(LENDER))).accountRisk).toEqual({
    complete: false,
    incompleteReason: 'positions that began before their coverage: USDC on aave-v3',
  })
  expect((await served.data(ask(`0x${'9'.repeat(40)}`))).accountRisk).toBeNull()
  expect((await served.data(ask(RISKY, 424242))).accountRisk).toBeNull()
  for (const address of ['0x12', RISKY.slice(2), `${RISKY}0`, 'nobody', "' OR 1=1 --"]) {
    expect(await served.error(ask(address))).toEqual({
      message: 'address must be 0x and 40 hex digits',
      code: 'BAD_USER_INPUT',
    })
  }
})

test('marketRisk sums positions and weights scores by debt', async () => {
  const { marketRisk } =
    await served.data(`{ marketRisk { marketId chainId protocol pool symbol suppliedUsd borrowedUsd
    utilization priceUsd priceUpdatedAt priceSource priceAgeSec priceConfidence priceStale priceSingleSource
    liquidationThreshold meanScore debtAtRiskUsd positions complete } }`)
  expect(marketRisk.map((row: { symbol: string }) => row.symbol)).toEqual(['USDC', 'WETH'])
  expect(marketRisk[0]).toMatchObject({
    suppliedUsd: 5000,
    borrowedUsd: 2750,
    utilization: 0.55,
    priceUsd: 1,
    priceSource: 'chainlink',
    priceAgeSec: 60,
    priceConfidence: 0.97,
    priceStale: false,
    priceSingleSource: true,
    liquidationThreshold: 0.85,
    debtAtRiskUsd: 1650,
    positions: 3,
    complete: false,
  })
  // (0.8 × 1650 + 0.1 × 1100) / 2750
  expect(marketRisk[0].meanScore).toBeCloseTo(0.52, 12)
  expect(marketRisk[1]).toMatchObject({ borrowedUsd: 0, meanScore: null, utilization: 0, complete: true })
  expect((await served.data('{ marketRisk(chainId: 31338) { marketId } }')).marketRisk).toEqual([])
})

test('entity and topic fields of one operation share one connection', async () => {
  await served.data(`{ a: overview { totals { scores } } alerts(limit: 1) { id } marketRisk { marketId } }`)
  await expect.poll(() => served.pool.idleCount).toBe(served.pool.totalCount)
})
