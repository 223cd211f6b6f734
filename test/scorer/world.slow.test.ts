/**
 * The scorer over a real world: anvil with Aave's own bytecode, a real processor, a crash, incidents whose truth is
 * known, and a reorg. What it finds must be what happened.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { harbor } from '../../src/chains/harbor'
import { runScorer } from '../../src/scorer/main'
import { type TestDatabase, testDatabase } from '../support/database'
import { type ProcessorProcess, spawnProcessor, untilHead } from '../support/processor'
import { reorg } from '../support/reorg'

const TURNS = 90
const DEPTH = 7

describe('the scorer over a real world', () => {
  let world: World
  let db: TestDatabase
  let processor: ProcessorProcess
  const stop = new AbortController()
  let scoring: Promise<void>
  const liquidated = new Map<number, string[]>()
  const incidents = new Set<string>()

  beforeAll(async () => {
    world = await startWorld({ chain: 'harbor', seed: 7, mining: 'manual' })
    db = await testDatabase({ chainIds: [harbor.id] })
    processor = spawnProcessor({ chain: harbor, databaseUrl: db.url, rpcUrl: world.wsUrl, fromBlock: 0 })
    scoring = runScorer({
      dbUrl: db.url,
      chains: [harbor],
      models: { providers: ['cpu'], threads: 1 },
      signal: stop.signal,
    })
    for (let turn = 0; turn < TURNS; turn++) {
      if (turn === 70) world.crash(0.4)
      const block = await world.step()
      liquidated.set(
        Number(block.height),
        block.liquidations.map((one) => one.borrower.toLowerCase()),
      )
      for (const incident of block.incidents) if (incident.phase === 'begins') incidents.add(incident.kind)
    }
    await caughtUp()
  }, 300_000)

  afterAll(async () => {
    stop.abort()
    await scoring
    await processor.kill()
    await world.stop()
    await db.drop()
  })

  const rows = async (text: string, values: unknown[] = []) => (await db.pool.query(text, values)).rows

  /** Waits until processor and scorer have reached the world's head. */
  async function caughtUp(): Promise<void> {
    const { number, hash } = await world.client.getBlock()
    await untilHead(db.pool, harbor.id, Number(number), { hash, process: processor, timeoutMs: 120_000 })
    for (let attempt = 0; attempt < 3_000; attempt++) {
      const [cursor] = await rows(
        'SELECT height, seq = (SELECT max(seq) FROM batch) AS newest FROM consumer_cursor WHERE chain_id = $1',
        [harbor.id],
      )
      if (cursor?.newest && Number(cursor.height) === Number(number)) return
      await sleep(20)
    }
    throw new Error('the scorer does not follow')
  }

  it('tells every liquidation, and no other', async () => {
    const alerts = await rows(`SELECT account_id, occurrences FROM alert WHERE detector = 'liquidation'`)
    const told = new Map<string, number>()
    for (const { account_id, occurrences } of alerts) {
      const address = account_id.split(':')[1]
      told.set(address, (told.get(address) ?? 0) + occurrences)
    }
    const happened = new Map<string, number>()
    for (const borrower of [...liquidated.values()].flat())
      happened.set(borrower, (happened.get(borrower) ?? 0) + 1)
    expect(happened.size).toBeGreaterThan(3)
    expect(told).toEqual(happened)
  })

  it('recalls every kind of incident that was staged', async () => {
    const found = new Set((await rows('SELECT DISTINCT alert_id FROM alert')).map((row) => row.alert_id))
    expect([...incidents].sort()).toEqual(['oracle-deviation', 'ownership-takeover', 'reserve-pause'])
    expect([...found]).toEqual(
      expect.arrayContaining([
        'ADMIN-OWNERSHIP-TRANSFERRED',
        'PRICE-SHOCK-ROSE',
        'PRICE-SHOCK-FELL',
        'MARKET-PAUSED',
      ]),
    )
  })

  it('puts health in the database that the pool itself answers at the round’s block', async () => {
    const health = await rows('SELECT * FROM position_health')
    expect(health.length).toBeGreaterThan(15)
    for (const row of health) {
      const [collateral, debt, , threshold, , healthFactor] = (await world.client.readContract({
        address: world.addresses.aave.pool,
        abi: [
          {
            type: 'function',
            name: 'getUserAccountData',
            stateMutability: 'view',
            inputs: [{ name: 'user', type: 'address' }],
            outputs: Array.from({ length: 6 }, (_, i) => ({ name: `v${i}`, type: 'uint256' as const })),
          },
        ],
        functionName: 'getUserAccountData',
        args: [row.account_id.split(':')[1]],
        blockNumber: BigInt(row.height),
      })) as readonly bigint[]
      expect(row.collateral_base).toBe(collateral!.toString())
      expect(row.debt_base).toBe(debt!.toString())
      expect(row.liquidation_threshold_bps).toBe(threshold!.toString())
      expect(row.health_factor_wad).toBe(debt === 0n ? null : healthFactor!.toString())
    }
  })

  it('takes back what a reorg orphans and ends where a scorer of the surviving chain ends', async () => {
    world.crash(0.5)
    for (let turn = 0; turn < DEPTH; turn++) await world.step()
    await caughtUp()
    const { number } = await world.client.getBlock()
    const born = await rows(`SELECT id FROM alert WHERE status <> 'retracted' AND height > $1`, [
      Number(number) - DEPTH,
    ])
    expect(born.length).toBeGreaterThan(0)

    await reorg(world, DEPTH)
    for (let turn = 0; turn < 3; turn++) await world.step()
    await caughtUp()
    const fate = await rows(
      'SELECT DISTINCT status, retracted_at IS NOT NULL AS told FROM alert WHERE id = ANY ($1)',
      [born.map((row) => row.id)],
    )
    expect(fate).toEqual([{ status: 'retracted', told: true }])

    const survived = await derived()
    expect(survived.score!.length).toBeGreaterThan(300)
    stop.abort()
    await scoring
    await db.pool.query('TRUNCATE score_row, position_health, alert, alert_journal, consumer_cursor')
    const again = new AbortController()
    scoring = runScorer({
      dbUrl: db.url,
      chains: [harbor],
      models: { providers: ['cpu'], threads: 1 },
      signal: again.signal,
    })
    await caughtUp()
    again.abort()
    await scoring
    expect(await derived()).toEqual(survived)
  })

  async function derived(): Promise<Record<string, unknown[]>> {
    const clock = ['detected_at', 'delivered_at', 'retracted_at']
    const read = (table: string, where: string) =>
      rows(`SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} t WHERE ${where} ORDER BY id`, [clock])
    return {
      score: await read('score', 'true'),
      position_health: await read('position_health', 'true'),
      risk_round: await read('risk_round', 'true'),
      alert: await read('alert', `status <> 'retracted'`),
    }
  }
})
