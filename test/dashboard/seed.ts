/**
 * Rows for the page's tests: two chains, three markets, two dozen borrowers with scores over forty rounds, alerts of
 * every severity and three oracle feeds. The rows are made up; what reads them, the API and the page, is real.
 */
import { createHash } from 'node:crypto'
import type { Pool } from '../../src/db/pool'
import { vectorBytes } from '../../src/models/vector-bytes'

export const HARBOR = 31337
export const LAGOON = 31338
export const POOL = `0x${'a1'.repeat(20)}`
/** A symbol that tries to inject markup and to reverse the text around it. */
export const HOSTILE_SYMBOL = '<img src=x onerror="document.title=1">\u202eKO'
const rounds = 40

/** 64 hex digits from any text, for hashes. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function addressOf(index: number): string {
  return `0x${digest(`account ${index}`).slice(0, 40)}`
}

const sha256 = { credit: digest('liquidation model'), illicit: digest('illicit model') }

/** Inputs of the seeded versions, in order: a row holds their numbers, the version their names. */
const inputsOf = {
  credit: ['logHealthFactor', 'volatility', 'distance30d', 'firstPassage30d', 'leverage'],
  illicit: ['totalReceivedEth', 'uniqueSendersCount', 'avgSentGapMin', 'spanMin'],
}

interface Borrower {
  index: number
  chainId: number
  healthFactor: number | null
  debtUsd: number
}

/** Health factors from under water to comfortable; the last account supplies only. */
export const BORROWERS: readonly Borrower[] = [
  0.934, 0.987, 1.012, 1.048, 1.083, 1.118, 1.164, 1.21, 1.236, 1.31, 1.38, 1.42, 1.47, 1.55, 1.62, 1.7, 1.84,
  1.97, 2.2, 2.45, 2.8, 3.4, 5.1,
]
  .map(
    (healthFactor, index): Borrower => ({
      index,
      chainId: index % 3 === 1 ? LAGOON : HARBOR,
      healthFactor,
      debtUsd: 18_000 + ((index * 7919) % 23) * 9_400,
    }),
  )
  .concat([{ index: 23, chainId: HARBOR, healthFactor: null, debtUsd: 0 }])

/** Fills a migrated database. `nowMs` is the time of the newest block. */
export async function seed(pool: Pool, nowMs: number): Promise<void> {
  const time = (secondsAgo: number) => new Date(nowMs - secondsAgo * 1_000).toISOString()
  await seedChains(pool, time)
  for (const model of ['credit', 'illicit'] as const) {
    await insert(pool, 'model_version', {
      ...{
        id: `${model}:${sha256[model]}`,
        name: model,
        version: '1.0.0',
        sha256: sha256[model],
        metrics: {},
      },
      ...{ state: 'active', spec: { inputs: inputsOf[model].map((name) => ({ name, unit: '1' })) } },
    })
  }
  for (const borrower of BORROWERS) await seedBorrower(pool, borrower, time)
  await seedRounds(pool)
  for (const [index, alert] of alerts.entries()) {
    await insertAlert(pool, { ...alert, id: `alert-${index}`, at: time(40 + index * 290) })
  }
  await seedOracle(pool, time)
}

/** The rounds that the scores belong to; what was at risk follows the mean score. */
async function seedRounds(pool: Pool): Promise<void> {
  await pool.query(`
    INSERT INTO risk_round (id, chain_id, height, round_height, block_hash, "timestamp", mean_score, at_risk_debt_usd,
                            debt_usd, bad_debt_usd, positions, at_risk_positions)
    SELECT chain_id || ':' || height, chain_id, height, height, min(block_hash), max("timestamp"), avg(value),
           avg(value) * 1e6, 2e6, 1830, count(*), count(*) FILTER (WHERE (features ->> 'logHealthFactor')::float8 < ln(1.1))
    FROM score WHERE model_name = 'credit' GROUP BY chain_id, height`)
}

type Time = (secondsAgo: number) => string

async function seedChains(pool: Pool, time: Time): Promise<void> {
  for (const [chainId, name, head] of [
    [HARBOR, 'harbor', 1204],
    [LAGOON, 'lagoon', 1187],
  ] as const) {
    await insert(pool, 'chain', {
      id: String(chainId),
      chain_id: chainId,
      name,
      head_height: head,
      head_hash: `0x${digest(`${name} head`)}`,
      head_timestamp: time(1),
      finalized_height: head - 12,
      finalized_hash: `0x${digest(`${name} final`)}`,
      updated_at: time(0),
    })
    await insert(pool, 'block', {
      ...{ id: `${chainId}:${head}`, chain_id: chainId, height: head, hash: `0x${digest(`${name} head`)}` },
      timestamp: time(1),
    })
    await insert(pool, 'batch', {
      id: `${chainId}:1`,
      chain_id: chainId,
      seq: 1,
      epoch: 1,
      from_height: 0,
      to_height: head,
      head_hash: `0x${digest(`${name} head`)}`,
      finalized_height: head - 12,
      row_count: head * 9,
    })
    await seedMarkets(pool, chainId, time)
  }
}

const assets = [
  ['WETH', 18, 300_000_000_000],
  ['USDC', 6, 100_000_000],
  [HOSTILE_SYMBOL, 18, 250_000_000],
] as const

async function seedMarkets(pool: Pool, chainId: number, time: Time): Promise<void> {
  for (const [index, [symbol, decimals, answer]] of assets.entries()) {
    const address = assetAddress(index)
    const assetId = `${chainId}:${address}`
    const asset = { id: assetId, chain_id: chainId, address, symbol, name: symbol, decimals }
    await insert(pool, 'asset', { ...asset, verified: true, metadata: 'chain-file', first_height: 1 })
    const state = JSON.stringify({
      liquidityIndexRay: `101${'0'.repeat(25)}`,
      borrowIndexRay: `102${'0'.repeat(25)}`,
    })
    const market = { chain_id: chainId, revision: 1, state, complete: true }
    const id = marketId(chainId, index)
    const kind = { protocol: 'aave-v3', kind: 'reserve', pool: POOL, asset_id: assetId, updated_height: 1200 }
    await insert(pool, 'market', { id, ...market, ...kind })
    await insert(pool, 'market_version', { id: `${id}:1`, market_id: id, valid_from_block: 1, ...market })
    const price = {
      chain_id: chainId,
      asset_id: assetId,
      kind: 'protocol',
      source: 'chainlink',
      answer,
      decimals: 8,
    }
    const priceId = `${assetId}:protocol:chainlink`
    await insert(pool, 'price', { id: priceId, ...price, updated_at: time(30), updated_height: 1200 })
    const version = { id: `${priceId}:1`, price_id: priceId, valid_from_block: 1, updated_at: time(30) }
    await insert(pool, 'price_version', { ...version, ...price })
    await insert(pool, 'market_price', {
      ...{ id: assetId, chain_id: chainId, asset_id: assetId, height: 1200, block_hash: '0x01' },
      ...{ timestamp: time(30), answer, decimals: 8, source: 'chainlink', age_sec: 30 },
      ...{ confidence_bps: 9_700, stale: false, single_source: true, sources: JSON.stringify([]) },
    })
  }
}

function assetAddress(index: number): string {
  return `0x${digest(`asset ${index}`).slice(0, 40)}`
}

function marketId(chainId: number, index: number): string {
  return `${chainId}:${POOL}:${assetAddress(index)}`
}

async function seedBorrower(pool: Pool, borrower: Borrower, time: Time): Promise<void> {
  const { index, chainId, healthFactor, debtUsd } = borrower
  const address = addressOf(index)
  const accountId = `${chainId}:${address}`
  const collateralUsd = healthFactor === null ? 52_000 : (debtUsd * healthFactor) / 0.825
  const first = { first_height: 3, first_timestamp: time(1_190) }
  await insert(pool, 'account', { id: accountId, chain_id: chainId, address, ...first })
  const holdings: [number, bigint, bigint][] = [
    [0, units(collateralUsd / 3_000, 18), 0n],
    [1, 0n, units(debtUsd, 6)],
    ...(index === 0 ? ([[2, units(40, 18), 0n]] as [number, bigint, bigint][]) : []),
  ]
  for (const [market, scaled_supply, scaled_debt] of holdings) {
    const id = `${accountId}:${POOL}:${assetAddress(market)}`
    const position = {
      account_id: accountId,
      chain_id: chainId,
      market_id: marketId(chainId, market),
      protocol: 'aave-v3',
      pool: POOL,
      scaled_supply,
      scaled_debt,
      collateral_enabled: scaled_supply > 0n,
      complete: true,
    }
    await insert(pool, 'position', { id, ...position, updated_height: 1100 })
    await insert(pool, 'position_version', {
      id: `${id}:3`,
      position_id: id,
      valid_from_block: 3,
      ...position,
    })
  }
  await seedHealth(pool, borrower, collateralUsd, time)
  for (let round = 0; round < rounds; round++) await seedScores(pool, borrower, round, time)
  await seedEvents(pool, borrower, time)
}

async function seedHealth(pool: Pool, borrower: Borrower, collateralUsd: number, time: Time): Promise<void> {
  const { index, chainId, healthFactor, debtUsd } = borrower
  const accountId = `${chainId}:${addressOf(index)}`
  const priceE8 = 300_000_000_000
  const weth = {
    assetId: `${chainId}:${assetAddress(0)}`,
    symbol: 'WETH',
    price: String(priceE8),
    liquidationPrice: healthFactor === null ? null : String(Math.round(priceE8 / healthFactor)),
    decimals: 8,
  }
  await insert(pool, 'position_health', {
    id: `${accountId}:${POOL}`,
    account_id: accountId,
    chain_id: chainId,
    protocol: 'aave-v3',
    pool: POOL,
    height: 1200,
    block_hash: `0x${digest('block 1200')}`,
    timestamp: time(5),
    health_factor_wad: healthFactor === null ? null : units(healthFactor, 18),
    collateral_base: units(collateralUsd, 8),
    debt_base: units(debtUsd, 8),
    bad_debt_base: index === 0 ? units(1_830, 8) : 0n,
    liquidation_threshold_bps: 8250,
    ltv_bps: 8000,
    liquidation_prices: JSON.stringify([weth]),
  })
}

async function seedScores(pool: Pool, borrower: Borrower, round: number, time: Time): Promise<void> {
  const { index, healthFactor } = borrower
  if (healthFactor === null) return
  const current = round === rounds - 1
  const earlier = 1 + 0.14 * (1 - round / (rounds - 1)) + 0.012 * Math.sin(round * 1.7 + index)
  const logHealthFactor = Math.log(healthFactor * (current ? 1 : earlier))
  const value = 1 / (1 + Math.exp(7 * logHealthFactor - 1.2))
  const reasons = [
    { feature: 'distance30d', value: logHealthFactor / 0.24, contribution: 0.9 - 4.1 * logHealthFactor },
    { feature: 'logHealthFactor', value: logHealthFactor, contribution: 0.4 - 2 * logHealthFactor },
    { feature: 'firstPassage30d', value: Math.max(0.01, 0.9 - 1.4 * logHealthFactor), contribution: 0.31 },
    { feature: 'volatility', value: 0.84, contribution: 0.22 },
    { feature: 'leverage', value: 0.825 / healthFactor, contribution: -0.12 },
  ]
  await insertScore(pool, borrower, { model: 'credit', round, value, reasons, logHealthFactor, time })
  if (!current || index % 4 !== 0) return
  const illicit = [
    { feature: 'totalReceivedEth', value: 42.5, contribution: -0.08 },
    { feature: 'uniqueSendersCount', value: 3, contribution: 0.06 },
    { feature: 'avgSentGapMin', value: 1.5, contribution: 0.04 },
    { feature: 'spanMin', value: 19, contribution: -0.03 },
  ]
  await insertScore(pool, borrower, {
    model: 'illicit',
    round,
    value: 0.07,
    reasons: illicit,
    logHealthFactor,
    time,
  })
}

interface ScoreSeed {
  model: 'credit' | 'illicit'
  round: number
  value: number
  reasons: readonly { feature: string; value: number; contribution: number }[]
  logHealthFactor: number
  time: Time
}

async function insertScore(pool: Pool, { index, chainId }: Borrower, score: ScoreSeed): Promise<void> {
  const accountId = `${chainId}:${addressOf(index)}`
  const ofPosition = score.model === 'credit'
  const subjectId = ofPosition ? `${accountId}:${POOL}` : accountId
  const roundsAgo = rounds - 1 - score.round
  const height = 1200 - roundsAgo * 10
  const hash = `0x${digest(`block ${height}`)}`
  await insert(pool, 'score_row', {
    id: `${subjectId}:${score.model}:${height}`,
    account_id: accountId,
    chain_id: chainId,
    subject_kind: ofPosition ? 'position' : 'account',
    subject_id: subjectId,
    model_name: score.model,
    model_version: '1.0.0',
    model_sha256: sha256[score.model],
    feature_hash: digest(`features ${subjectId} ${height}`),
    features: vectorBytes(inputsOf[score.model].map((name) => inputValue(score, name))),
    height,
    block_hash: hash,
    timestamp: score.time(5 + roundsAgo * 10),
    value: score.value,
    reason_inputs: `{${score.reasons.map(({ feature }) => inputsOf[score.model].indexOf(feature)).join()}}`,
    reason_parts: `{${score.reasons.map(({ contribution }) => contribution).join()}}`,
    reasons_method: ofPosition ? 'linear' : 'saabas',
    current: roundsAgo === 0,
  })
}

function inputValue({ reasons, logHealthFactor }: ScoreSeed, input: string): number {
  return reasons.find(({ feature }) => feature === input)?.value ?? logHealthFactor
}

async function seedEvents(pool: Pool, { index, chainId }: Borrower, time: Time): Promise<void> {
  const id = (address: string) => `${chainId}:${address}`
  const [own, ofPool] = [id(addressOf(index)), id(POOL)]
  const parties: Readonly<Record<string, Record<string, string>>> = {
    token_approval: { owner_id: own, spender_id: ofPool, standard: 'erc20' },
    lending_event: { account_id: own, initiator_id: ofPool, protocol: 'aave-v3', kind: 'supply' },
    token_transfer: { from_id: own, to_id: ofPool, standard: 'erc20' },
  }
  for (const [order, [table, columns]] of Object.entries(parties).entries()) {
    await insert(pool, table, {
      id: `${own}:${table}`,
      chain_id: chainId,
      height: 1000 + order,
      log_index: index * 3 + order,
      sub_index: 0,
      block_hash: `0x${digest(`block ${1000 + order}`)}`,
      tx_hash: `0x${digest(`transaction ${1000 + order}`)}`,
      timestamp: time(204 - order),
      verified: true,
      asset_id: id(assetAddress(0)),
      amount: 10n ** 18n,
      ...columns,
    })
  }
}

export interface AlertSeed {
  id: string
  /** ISO-8601; of the block and of the detection. */
  at: string
  name: string
  description: string
  severity: string
  type: string
  detector: string
  borrower: number
  status: string
  usdAtRisk: number | null
}

const alerts: readonly Omit<AlertSeed, 'id' | 'at'>[] = [
  alert('Position can be liquidated', 'high', 'liquidation-risk', 0, 'open', 'degraded', 142_000),
  alert('Position can be liquidated', 'high', 'liquidation-risk', 1, 'updated', 'degraded', 96_500),
  alert('Position is close to liquidation', 'medium', 'liquidation-risk', 3, 'open', 'degraded', 61_200),
  alert(
    'Price fell by 18.4 % within 10 minutes',
    'medium',
    'price-shock',
    2,
    'confirmed',
    'degraded',
    903_000,
  ),
  alert('Approvals are being drained', 'critical', 'approval-drain', 6, 'confirmed', 'exploit', 31_400),
  alert('Ownership moved to a new account', 'low', 'admin-takeover', 8, 'confirmed', 'suspicious', null),
  alert('Large flash loan', 'info', 'flash-loan', 11, 'retracted', 'info', 500_000),
]

function alert(
  name: string,
  severity: string,
  detector: string,
  borrower: number,
  status: string,
  type: string,
  usdAtRisk: number | null,
): Omit<AlertSeed, 'id' | 'at'> {
  const description = `${addressOf(borrower)} is concerned: ${name.toLowerCase()}.`
  return { name, severity, detector, borrower, status, type, usdAtRisk, description }
}

/** Writes an alert as the scorer would; the table's trigger tells the API. */
export async function insertAlert(pool: Pool, row: AlertSeed): Promise<void> {
  const chainId = BORROWERS[row.borrower]?.chainId ?? HARBOR
  const address = addressOf(row.borrower)
  const reasons = [
    { feature: 'healthFactor', value: 0.934, contribution: null },
    { feature: 'debtUsd', value: row.usdAtRisk, contribution: null },
    { feature: 'distance30d', value: -0.4, contribution: 1.13 },
    { feature: 'leverage', value: 0.88, contribution: -0.12 },
  ]
  await insert(pool, 'alert', {
    id: row.id,
    account_id: `${chainId}:${address}`,
    chain_id: chainId,
    detector: row.detector,
    alert_id: row.detector.toUpperCase(),
    name: row.name,
    description: row.description,
    severity: row.severity,
    type: row.type,
    protocol: 'aave-v3',
    addresses: JSON.stringify([address, POOL]),
    labels: '[]',
    unique_key: row.id,
    status: row.status,
    finality: row.status === 'confirmed' ? 'finalized' : 'latest',
    height: 1190,
    block_hash: `0x${digest('block 1190')}`,
    tx_hash: `0x${digest(`tx ${row.id}`)}`,
    occurrences: row.status === 'updated' ? 3 : 1,
    probability: row.detector === 'liquidation-risk' ? 0.71 : null,
    precision: null,
    reasons: JSON.stringify(reasons),
    model_sha256: sha256.credit,
    usd_at_risk: row.usdAtRisk,
    affected_markets: '[]',
    block_timestamp: row.at,
    updated_height: 1190,
    updated_timestamp: row.at,
    detected_at: row.at,
    retracted_at: row.status === 'retracted' ? row.at : null,
  })
}

async function seedOracle(pool: Pool, time: Time): Promise<void> {
  const feeds = [
    [POOL, 0.41230187, 9, 75, 'confirmed'],
    [assetAddress(1), 0.38811002, 7, 140, 'confirmed'],
    [assetAddress(0), 0.3, 1, 20, 'proposed'],
  ] as const
  for (const [subject, value, round, ageSec, status] of feeds) {
    const id = `${HARBOR}:${digest(subject).slice(0, 16)}`
    await insert(pool, 'oracle_feed', {
      id,
      chain_id: HARBOR,
      contract: `0x${'c0'.repeat(20)}`,
      feed_id: `0x${digest(subject)}`,
      subject_id: `${HARBOR}:${subject}`,
      metric: 'market-risk',
      subject_chain_id: HARBOR,
      decimals: 8,
      config: '{}',
    })
    await insert(pool, 'oracle_report', {
      id: `${id}:${round}`,
      feed_id: id,
      chain_id: HARBOR,
      round,
      status,
      value: units(value, 8),
      previous_value: 0,
      confidence_bps: 9_000,
      model_hash: `0x${sha256.credit}`,
      bundle_id: `0x${digest('bundle')}`,
      observed_at: time(ageSec),
      expires_at: time(ageSec - 3_600),
      as_of: '{}',
      digest: `0x${digest(id)}`,
      tx_hash: `0x${digest(`report ${id}`)}`,
      block_number: 1_180,
    })
  }
}

/** One row; the names of columns are this file's own, never input. */
async function insert(pool: Pool, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row).map((name) => `"${name}"`)
  const places = names.map((_, index) => `$${index + 1}`)
  await pool.query(
    `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row),
  )
}

/** A float as integer base units. */
function units(value: number, decimals: number): bigint {
  return (BigInt(Math.round(value * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n
}
