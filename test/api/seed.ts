/** Rows for the API's tests: two chains, two reserves, three borrowers, their health, scores and alerts. */
import type { Pool } from '../../src/db/pool'
import { vectorBytes } from '../../src/models/vector-bytes'

export const HARBOR = 31337
export const POOL = '0x00000000000000000000000000000000000000aa'
export const WETH = '0x0000000000000000000000000000000000000e01'
export const USDC = '0x0000000000000000000000000000000000000e02'
export const RISKY = '0x1000000000000000000000000000000000000001'
export const SAFE = '0x2000000000000000000000000000000000000002'
export const LENDER = '0x3000000000000000000000000000000000000003'
export const START = new Date('2026-01-01T00:00:00Z')

export const account = (address: string) => `${HARBOR}:${address}`
export const market = (asset: string) => `${HARBOR}:${POOL}:${asset}`

type Row = Record<string, unknown>

const FILLERS: Readonly<Record<string, unknown>> = {
  text: 'filled',
  bigint: 0,
  integer: 0,
  numeric: 0,
  'double precision': 0,
  boolean: false,
  jsonb: {},
  'timestamp with time zone': START,
  ARRAY: '{}',
}

/** Required columns that a test does not care about, by table, with a value that fits their type. */
const required = new Map<string, Row>()

async function fillers(pool: Pool, table: string): Promise<Row> {
  const known = required.get(table)
  if (known) return known
  const { rows } = await pool.query<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL`,
    [table],
  )
  const row = Object.fromEntries(rows.map(({ name, type }) => [name, FILLERS[type]]))
  required.set(table, row)
  return row
}

/** Inserts one row; objects and arrays become JSON, required columns that are not given are filled. */
export async function insert(pool: Pool, table: string, given: Row): Promise<void> {
  const row = { ...(await fillers(pool, table)), ...given }
  const columns = Object.keys(row)
  const values = Object.values(row).map((value) =>
    typeof value === 'object' && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value)
      ? JSON.stringify(value)
      : value,
  )
  const names = columns.map((name) => `"${name}"`).join(', ')
  const places = columns.map((_, index) => `$${index + 1}`).join(', ')
  await pool.query(`INSERT INTO "${table}" (${names}) VALUES (${places})`, values)
}

export function alertOf(overrides: Row = {}): Row {
  return {
    id: 'alert-1',
    account_id: account(RISKY),
    chain_id: HARBOR,
    detector: 'near-liquidation',
    alert_id: 'PLIMSOLL-NEAR-LIQUIDATION',
    name: 'Position near liquidation',
    description: 'Health factor below 1.1',
    severity: 'high',
    type: 'suspicious',
    protocol: 'aave-v3',
    addresses: [RISKY],
    labels: [],
    unique_key: 'near-liquidation:1',
    status: 'open',
    stage: null,
    finality: 'hot',
    height: 110,
    block_hash: '0xhash110',
    tx_hash: null,
    occurrences: 1,
    probability: 0.7,
    precision: null,
    reasons: [{ feature: 'logHealthFactor', value: -0.02, contribution: 2 }],
    model_sha256: null,
    usd_at_risk: 950,
    affected_markets: [],
    block_timestamp: START,
    updated_height: 110,
    detected_at: START,
    delivered_at: null,
    retracted_at: null,
    ...overrides,
  }
}

async function chains(pool: Pool): Promise<void> {
  const common = { updated_at: new Date(), finalized_hash: '0xf', finalized_height: 100 }
  const now = new Date()
  await insert(pool, 'chain', {
    ...{
      id: 'harbor',
      chain_id: HARBOR,
      name: 'harbor',
      head_height: 112,
      head_hash: '0xh',
      head_timestamp: now,
    },
    ...common,
  })
  await insert(pool, 'chain', {
    ...{
      id: 'lagoon',
      chain_id: 31338,
      name: 'lagoon',
      head_height: 50,
      head_hash: '0xl',
      head_timestamp: START,
    },
    ...common,
  })
  for (const seq of [1, 2]) {
    await insert(pool, 'batch', {
      ...{
        id: `b${seq}`,
        chain_id: HARBOR,
        seq,
        epoch: 1,
        from_height: seq,
        to_height: seq,
        head_hash: '0xh',
      },
      ...{ finalized_height: 0, row_count: 21 },
    })
  }
}

async function markets(pool: Pool): Promise<void> {
  const assets = [
    { address: WETH, symbol: 'WETH', decimals: 18, answer: 2000_00000000, threshold: '8250' },
    { address: USDC, symbol: 'USDC', decimals: 6, answer: 1_00000000, threshold: '8500' },
  ]
  for (const { address, symbol, decimals, answer, threshold } of assets) {
    const id = `${HARBOR}:${address}`
    const state = {
      liquidityIndexRay: '1000000000000000000000000000',
      borrowIndexRay: '1100000000000000000000000000',
      liquidationThresholdBps: threshold,
    }
    const owned = { chain_id: HARBOR, revision: 1, state, complete: true }
    const price = { chain_id: HARBOR, asset_id: id, kind: 'protocol', source: 'aave-v3', answer, decimals: 8 }
    const token = {
      address,
      symbol,
      name: symbol,
      decimals,
      verified: true,
      metadata: 'listed',
      first_height: 1,
    }
    await insert(pool, 'asset', { id, chain_id: HARBOR, ...token })
    await insert(pool, 'market', {
      ...{ id: market(address), ...owned, protocol: 'aave-v3', kind: 'reserve', pool: POOL, asset_id: id },
      ...{ asset1_id: null, updated_height: 1 },
    })
    await insert(pool, 'market_version', {
      ...{ id: `${symbol}-1`, market_id: market(address), valid_from_block: 1, ...owned },
    })
    await insert(pool, 'price', { id: `p-${symbol}`, ...price, updated_at: START, updated_height: 1 })
    await insert(pool, 'price_version', {
      ...{ id: `pv-${symbol}`, price_id: `p-${symbol}`, ...price, valid_from_block: 1, updated_at: START },
    })
    await insert(pool, 'market_price', {
      ...{ id, chain_id: HARBOR, asset_id: id, height: 1, block_hash: '0x01', timestamp: START },
      ...{ answer, decimals: 8, source: 'chainlink', age_sec: 60, confidence_bps: 9_700 },
      ...{ stale: false, single_source: true, sources: JSON.stringify([]) },
    })
  }
}

interface Holding {
  address: string
  asset: string
  supply: string
  debt: string
}

async function holdings(pool: Pool): Promise<void> {
  const rows: Holding[] = [
    { address: RISKY, asset: WETH, supply: '1000000000000000000', debt: '0' },
    { address: RISKY, asset: USDC, supply: '0', debt: '1500000000' },
    { address: SAFE, asset: WETH, supply: '2000000000000000000', debt: '0' },
    { address: SAFE, asset: USDC, supply: '0', debt: '1000000000' },
    { address: LENDER, asset: USDC, supply: '5000000000', debt: '0' },
  ]
  for (const address of [RISKY, SAFE, LENDER]) {
    await insert(pool, 'account', {
      ...{ id: account(address), chain_id: HARBOR, address, first_height: 5, first_timestamp: START },
    })
  }
  for (const { address, asset, supply, debt } of rows) {
    const id = `${account(address)}:${POOL}:${asset}`
    const common = {
      ...{
        account_id: account(address),
        chain_id: HARBOR,
        market_id: market(asset),
        protocol: 'aave-v3',
        pool: POOL,
      },
      ...{ scaled_supply: supply, scaled_debt: debt, collateral_enabled: asset === WETH },
    }
    const complete = address !== LENDER
    await insert(pool, 'position', { id, ...common, complete, updated_height: 10 })
    await insert(pool, 'position_version', {
      ...{ id: `${id}:10`, position_id: id, ...common, complete: true, valid_from_block: 10 },
    })
  }
}

async function health(pool: Pool): Promise<void> {
  const rows = [
    { address: RISKY, factor: '1000000000000000000', collateral: 2000_00000000, debt: 1650_00000000, bad: 0 },
    { address: SAFE, factor: '3000000000000000000', collateral: 4000_00000000, debt: 1100_00000000, bad: 0 },
    { address: LENDER, factor: null, collateral: 5000_00000000, debt: 0, bad: 0 },
  ]
  for (const { address, factor, collateral, debt, bad } of rows) {
    await insert(pool, 'position_health', {
      ...{
        id: `${account(address)}:${POOL}`,
        account_id: account(address),
        chain_id: HARBOR,
        protocol: 'aave-v3',
      },
      ...{ pool: POOL, height: 110, block_hash: '0xhash110', timestamp: START, health_factor_wad: factor },
      ...{ collateral_base: collateral, debt_base: debt, bad_debt_base: bad },
      ...{ liquidation_threshold_bps: 8250, ltv_bps: 8000 },
      liquidation_prices: [
        {
          ...{ assetId: `${HARBOR}:${WETH}`, symbol: 'WETH', decimals: 8 },
          ...{ price: '200000000000', liquidationPrice: '190000000000' },
        },
      ],
    })
  }
}

/** One liquidation score. */
export function scoreOf(address: string, height: number, value: number, current: boolean): Row {
  return {
    id: `s:${address}:${height}`,
    ...{ account_id: account(address), chain_id: HARBOR, subject_kind: 'position' },
    ...{ subject_id: `${account(address)}:${POOL}`, model_name: 'credit', model_version: '1.0.0' },
    ...{ model_sha256: 'abc', feature_hash: 'def', height, block_hash: `0xhash${height}` },
    features: vectorBytes([address === RISKY ? 0 : 1.0986]),
    timestamp: new Date(START.getTime() + height * 1000),
    value,
    ...{ credit_score: 300, horizons: `{${value / 8},${value / 2},${value}}` },
    ...{ reason_inputs: '{0}', reason_parts: '{1.5}', reasons_method: 'linear', current },
  }
}

/** One scoring round of harbor. */
function roundOf(height: number, mean_score: number): Row {
  return {
    ...{ id: `r:${height}`, chain_id: HARBOR, height, round_height: height, block_hash: `0xhash${height}` },
    ...{ timestamp: new Date(START.getTime() + height * 1000), mean_score, at_risk_debt_usd: 1650 },
    ...{ debt_usd: 2750, bad_debt_usd: 0, positions: 2, at_risk_positions: 1 },
  }
}

/** Fills an empty migrated database. */
export async function seed(pool: Pool): Promise<void> {
  await chains(pool)
  await markets(pool)
  await holdings(pool)
  await health(pool)
  await insert(pool, 'model_version', {
    ...{ id: 'credit:abc', name: 'credit', version: '1.0.0', sha256: 'abc', state: 'active' },
    ...{ spec: { inputs: [{ name: 'logHealthFactor', unit: '1' }] }, metrics: {} },
  })
  await insert(pool, 'score_row', scoreOf(RISKY, 100, 0.6, false))
  await insert(pool, 'score_row', scoreOf(RISKY, 110, 0.8, true))
  await insert(pool, 'score_row', scoreOf(SAFE, 110, 0.1, true))
  await insert(pool, 'risk_round', roundOf(100, 0.6))
  await insert(pool, 'risk_round', roundOf(110, 0.45))
  await insert(pool, 'alert', alertOf())
  await insert(
    pool,
    'alert',
    alertOf({ id: 'alert-0', status: 'retracted', retracted_at: START, severity: 'low' }),
  )
  await insert(pool, 'token_transfer', {
    ...{ id: 't1', chain_id: HARBOR, height: 10, log_index: 3, sub_index: 0, block_hash: '0xhash10' },
    ...{ timestamp: START, tx_hash: '0xtx10', verified: true, asset_id: `${HARBOR}:${USDC}` },
    ...{ from_id: account(LENDER), to_id: account(RISKY), amount: '1500000000', standard: 'erc20' },
  })
  await insert(pool, 'oracle_feed', {
    ...{ id: 'feed-1', chain_id: HARBOR, contract: '0xc', feed_id: '0xf', subject_id: account(RISKY) },
    ...{ metric: 'liquidation', subject_chain_id: HARBOR, decimals: 8, config: {} },
  })
  await insert(pool, 'oracle_report', {
    ...{ id: 'r1', feed_id: 'feed-1', chain_id: HARBOR, round: 1, status: 'confirmed', value: 80000000 },
    ...{ previous_value: 0, confidence_bps: 9000, model_hash: '0xm', bundle_id: '0xb', observed_at: START },
    ...{ expires_at: new Date('2020-01-01'), as_of: {}, digest: '0xd', tx_hash: '0xoracle' },
  })
}
