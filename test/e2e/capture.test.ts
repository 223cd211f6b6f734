/**
 * Real blocks of several chains, replayed from files through the real evm-processor into Postgres. Every row of every
 * fact table is compared with what viem decodes from the same file.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import type { ChainSpec } from '../../src/chains/types'
import { type CaptureGateway, startGateway } from '../../src/source/gateway'
import { dataPath, describeWithData } from '../support/data'
import { type TestDatabase, testDatabase } from '../support/database'
import { captureLines, decodeIndependently, type JsonLine } from '../support/independent-decode'
import { spawnProcessor, testChain } from '../support/processor'

const FACT_TABLES = [
  'token_transfer',
  'token_approval',
  'lending_event',
  'swap',
  'price_update',
  'flash_loan',
  'admin_action',
  'bridge_transfer',
]

interface Replay {
  db: TestDatabase
  lines: JsonLine[]
  spec: ChainSpec
  output: string
}

const open: { db: TestDatabase; gateway: CaptureGateway }[] = []

async function replay(file: string, spec: ChainSpec): Promise<Replay> {
  const path = dataPath(file)
  if (path === undefined) throw new Error(`no ${file}`)
  const db = await testDatabase({ chainIds: [spec.id] })
  const gateway = await startGateway(path)
  open.push({ db, gateway })
  const process = spawnProcessor({ chain: spec, databaseUrl: db.url, gatewayUrl: gateway.url, fromBlock: 0 })
  expect(await process.exited, process.output()).toBe(0)
  return { db, lines: captureLines(path), spec, output: process.output() }
}

afterAll(async () => {
  for (const { db, gateway } of open) {
    await gateway.close()
    await db.drop()
  }
})

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Date ? value.toISOString() : String(value)
}

/** Compares every fact table with the independent decoding; returns rows by table. */
async function expectFactsMatch({ db, lines, spec }: Replay): Promise<Record<string, number>> {
  const underlying = new Map(
    spec.contracts.map(({ address, links }) => [address as string, links?.underlying ?? links?.base]),
  )
  const truth = decodeIndependently(lines, (market) => underlying.get(market) ?? market)
  const counts: Record<string, number> = {}
  for (const table of FACT_TABLES) {
    const expected = truth.get(table) ?? new Map<string, Record<string, string | null>>()
    const all = await db.pool.query(`SELECT * FROM "${table}"`)
    // Maker's notes are calls, not events; test/protocols/maker/capture.test.ts holds them against the ABI.
    const rows = all.rows.filter((row) => !(table === 'lending_event' && row.protocol === 'maker'))
    const found = new Map<string, Record<string, string | null>>()
    for (const row of rows) {
      const key = `${row.height}:${row.log_index}:${row.sub_index}`
      // The form of Withdraw, LiquidationCall and the collateral switches is the same in Aave V2 and V3.
      if (expected.get(key)?.protocol === 'aave') row.protocol = row.protocol.replace(/-v[23]$/, '')
      const columns = Object.keys(expected.get(key) ?? { unexpected: 1 })
      found.set(key, Object.fromEntries(columns.map((column) => [column, asText(row[column])])))
    }
    expect(Object.fromEntries(found), table).toEqual(Object.fromEntries(expected))
    counts[table] = rows.length
  }
  return counts
}

async function expectTransactionsMatch({ db, lines }: Replay): Promise<void> {
  // Within a line: early Cronos put some transactions into two blocks, with a receipt in one.
  const expected = lines.flatMap(({ chainId, block, receipts }) =>
    block.transactions.map((tx) => {
      const receipt = receipts.find((candidate) => candidate.transactionHash === tx.hash)
      const id = (address: string | null | undefined) =>
        address ? `${chainId}:${address.toLowerCase()}` : null
      return [
        tx.hash,
        Number(block.number),
        Number(tx.transactionIndex),
        id(tx.from),
        id(tx.to),
        id(receipt?.contractAddress),
        BigInt(tx.value).toString(),
        receipt ? BigInt(receipt.gasUsed).toString() : null,
        receipt?.status ? Number(receipt.status) : null,
        tx.input.length >= 10 ? tx.input.slice(0, 10) : null,
        BigInt(tx.nonce).toString(),
      ]
    }),
  )
  const { rows } = await db.pool.query('SELECT * FROM transaction ORDER BY height, tx_index')
  const found = rows.map((row) => [
    row.hash,
    Number(row.height),
    row.tx_index,
    row.from_id,
    row.to_id,
    row.created_contract_id,
    row.value_wei,
    row.gas_used,
    row.status,
    row.method_id,
    row.nonce,
  ])
  expect(found).toEqual(expected)
}

async function count(db: TestDatabase, sql: string): Promise<number> {
  return Number((await db.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n)
}

/** Every referenced account and asset has a row, and every role an account event. */
async function expectIdentities({ db }: Replay): Promise<void> {
  const orphan = await db.pool.query(
    `SELECT account_id FROM account_event e WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = e.account_id)
     UNION ALL SELECT asset_id FROM account_event e
       WHERE asset_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM asset a WHERE a.id = e.asset_id)
     UNION ALL SELECT from_id FROM token_transfer t
       WHERE NOT EXISTS (SELECT 1 FROM account_event e WHERE e.account_id = t.from_id AND e.fact_id = t.id AND e.role = 'from')`,
  )
  expect(orphan.rows).toEqual([])
}

const ETHEREUM = 'captures/ethereum-17686110.ndjson.gz'

describeWithData('18 blocks of Ethereum', [ETHEREUM], () => {
  let run: Replay
  const spec = {
    ...(CHAINS.ethereum as ChainSpec),
    transactions: 'all',
    blocks: 'all',
    tokenLogs: 'all',
  } as const

  beforeAll(async () => {
    run = await replay(ETHEREUM, spec)
  })

  it('are decoded exactly: every row of every fact table', async () => {
    const counts = await expectFactsMatch(run)
    expect(counts.token_transfer).toBeGreaterThan(3_000)
    for (const table of [
      'token_approval',
      'lending_event',
      'swap',
      'price_update',
      'flash_loan',
      'admin_action',
    ]) {
      expect(counts[table], table).toBeGreaterThan(0)
    }
    const { rows } = await run.db.pool.query(
      'SELECT protocol, count(*)::int AS n FROM swap GROUP BY 1 ORDER BY 1',
    )
    expect(rows.map((row) => row.protocol)).toEqual(['uniswap-v2', 'uniswap-v3'])
    expect(await count(run.db, `token_transfer WHERE standard = 'erc721'`)).toBe(59)
  })

  it('have all their transactions and blocks', async () => {
    await expectTransactionsMatch(run)
    const { rows } = await run.db.pool.query(
      'SELECT height, hash, parent_hash, "timestamp" FROM block ORDER BY height',
    )
    expect(
      rows.map((row) => [Number(row.height), row.hash, row.parent_hash, row.timestamp.getTime() / 1000]),
    ).toEqual(
      run.lines.map(({ block }) => [
        Number(block.number),
        block.hash,
        block.parentHash,
        Number(block.timestamp),
      ]),
    )
    await expectIdentities(run)
  })

  it('believe only whom the chain file or a listed factory vouches for', async () => {
    const created = await run.db.pool.query('SELECT pool FROM market')
    const vouched = new Set<string>([
      ...spec.tokens.map((token) => token.address),
      ...spec.contracts.map((contract) => contract.address),
      ...spec.feeds.map((feed) => feed.address),
      ...created.rows.map((row) => row.pool),
    ])
    const { rows } = await run.db.pool.query(
      'SELECT asset_id, bool_and(verified) AS every, bool_or(verified) AS any FROM token_transfer GROUP BY 1',
    )
    for (const row of rows) {
      const believed = vouched.has(row.asset_id.slice(2))
      expect([row.any, row.every], row.asset_id).toEqual([believed, believed])
    }
    expect(rows.some((row) => row.any)).toBe(true)
    expect(await count(run.db, 'price')).toBe(
      (await count(run.db, `(SELECT DISTINCT asset_id, feed_id FROM price_update WHERE verified) AS p`)) * 2,
    )
  })

  it('mark state that began before the capture incomplete, and say what was covered', async () => {
    const { rows } = await run.db.pool.query(
      `SELECT protocol, from_height, to_height FROM coverage ORDER BY protocol`,
    )
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) expect([row.from_height, row.to_height]).toEqual(['17686110', '17686127'])
    expect(await count(run.db, `market WHERE kind = 'reserve'`)).toBeGreaterThan(0)
    expect(await count(run.db, `position WHERE complete`)).toBe(0)
    expect(await count(run.db, `market WHERE complete AND kind = 'reserve'`)).toBe(0)
  })

  it('end on purpose and start again without doing anything', async () => {
    expect(run.output).toContain('"finished":true')
    const batches = await count(run.db, 'batch')
    const again = spawnProcessor({
      chain: spec,
      databaseUrl: run.db.url,
      gatewayUrl: open[0]!.gateway.url,
      fromBlock: 0,
    })
    expect(await again.exited, again.output()).toBe(0)
    expect(await count(run.db, 'batch')).toBe(batches)
  })
})

const SINGLE: [string, number][] = [
  ['polygon', 137],
  ['arbitrum', 42161],
  ['cronos', 25],
]

for (const [name, id] of SINGLE) {
  const file = `captures/${name}-single-blocks.ndjson.gz`
  describeWithData(`single blocks of ${name}`, [file], () => {
    it('are decoded exactly, and blocks between them are not claimed', async () => {
      const run = await replay(file, testChain({ id, name }))
      const counts = await expectFactsMatch(run)
      expect(counts.token_transfer).toBeGreaterThan(0)
      await expectTransactionsMatch(run)
      await expectIdentities(run)
      const { rows } = await run.db.pool.query(
        `SELECT from_height AS f, to_height AS t FROM coverage WHERE protocol = 'erc20' ORDER BY 1`,
      )
      const covered = rows.flatMap(({ f, t }) =>
        Array.from({ length: Number(t) - Number(f) + 1 }, (_, i) => Number(f) + i),
      )
      expect(covered).toEqual(run.lines.map(({ block }) => Number(block.number)))
    })
  })
}

describe('a capture of another chain', () => {
  it('is refused before anything is written', async () => {
    const path = join(__dirname, '..', 'fixtures', 'local-world.ndjson.gz')
    const db = await testDatabase({ chainIds: [137] })
    const gateway = await startGateway(path)
    open.push({ db, gateway })
    const process = spawnProcessor({
      chain: testChain({ id: 137, name: 'polygon' }),
      databaseUrl: db.url,
      gatewayUrl: gateway.url,
      fromBlock: 0,
    })
    expect(await process.exited).toBe(2)
    expect(process.output()).toContain('the capture holds chain 31337, not polygon (137)')
    expect(await count(db, 'chain')).toBe(0)
  })
})
