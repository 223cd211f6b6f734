/**
 * Forks of depth 1 to 10 on a real anvil with real Aave and Uniswap: after each, and at the end, the database is what
 * a processor that saw only the surviving chain writes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { harbor } from '../../src/chains/harbor'
import { type TestDatabase, testDatabase } from '../support/database'
import { CORE_TABLES, compareDatabases } from '../support/equality'
import { type ProcessorProcess, spawnProcessor, untilHead } from '../support/processor'
import { reorg } from '../support/reorg'

const DEPTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

describe('reorgs', () => {
  let world: World
  let live: TestDatabase
  let calm: TestDatabase
  const processes: ProcessorProcess[] = []

  beforeAll(async () => {
    world = await startWorld({ chain: 'harbor', seed: 11, mining: 'manual' })
    live = await testDatabase({ chainIds: [harbor.id] })
    calm = await testDatabase({ chainIds: [harbor.id] })
  })

  afterAll(async () => {
    for (const process of processes) await process.kill()
    await world?.stop()
    await live?.drop()
    await calm?.drop()
  })

  function index(db: TestDatabase): ProcessorProcess {
    const process = spawnProcessor({ chain: harbor, databaseUrl: db.url, rpcUrl: world.wsUrl, fromBlock: 0 })
    processes.push(process)
    return process
  }

  /** Mines until the processor follows: a WebSocket tells of new heads only. */
  async function follow(db: TestDatabase, process: ProcessorProcess): Promise<void> {
    for (let tries = 0; tries < 30; tries++) {
      const { height, hash } = await world.step()
      const reached = untilHead(db.pool, harbor.id, Number(height), { hash, timeoutMs: 2_000, process })
      if (
        await reached.then(
          () => true,
          () => false,
        )
      )
        return
      if (process.ended()) break
    }
    throw new Error(`the processor does not follow\n${process.output().slice(-3_000)}`)
  }

  it('leave what an undisturbed run writes', async () => {
    const disturbed = index(live)
    for (let turn = 0; turn < 15; turn++) await world.step()
    await follow(live, disturbed)
    for (const depth of DEPTHS) {
      const before = await world.client.getBlock()
      await reorg(world, depth)
      const after = await world.client.getBlock()
      expect(after.hash).not.toBe(before.hash)
      await world.step()
      const { height, hash } = await world.step()
      await untilHead(live.pool, harbor.id, Number(height), { hash, process: disturbed })
    }
    const undisturbed = index(calm)
    await follow(calm, undisturbed)
    const head = await world.client.getBlock()
    await untilHead(live.pool, harbor.id, Number(head.number), { hash: head.hash!, process: disturbed })

    const { differences, rows } = await compareDatabases(live.pool, calm.pool)
    expect(differences).toEqual([])
    for (const table of [
      ...CORE_TABLES,
      'market',
      'position',
      'position_version',
      'price',
      'journal',
      'hot_block',
    ]) {
      expect(rows[table], table).toBeGreaterThan(0)
    }
    const { rows: forks } = await live.pool.query(
      'SELECT count(*)::int AS n FROM batch WHERE rollback_to IS NOT NULL',
    )
    expect(forks[0].n).toBeGreaterThanOrEqual(DEPTHS.length)
    const { rows: none } = await calm.pool.query(
      'SELECT count(*)::int AS n FROM batch WHERE rollback_to IS NOT NULL',
    )
    expect(none[0].n).toBe(0)
  }, 180_000)
})
