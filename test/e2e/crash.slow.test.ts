/**
 * The processor killed in mid-batch, forks, lost WebSockets, PostgreSQL restarted under it: afterwards every table is
 * what an undisturbed processor writes. Order and timing of the disturbances come from a seed.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { harbor } from '../../src/chains/harbor'
import { type EmbeddedDatabase, removeEmbedded, startEmbedded } from '../../src/db/embedded'
import { migrate } from '../../src/db/migrate'
import { openPool, type Pool } from '../../src/db/pool'
import { CORE_TABLES, compareDatabases } from '../support/equality'
import { type ProcessorProcess, spawnProcessor, untilHead } from '../support/processor'
import { startProxy, type TcpProxy } from '../support/proxy'
import { reorg } from '../support/reorg'

const SETTINGS = ['fsync=off', 'synchronous_commit=off']

/** One of each in turn, so that the numbers below are known; depths and pauses vary by seed. */
const ROUNDS = 4
const PER_ROUND = { midBatchKill: 2, anyKill: 1, reorg: 2, socketCut: 1, backendsCut: 1, restart: 0.5 }

/** A small seeded generator (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

describe('a processor that is killed, cut off and forked', () => {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-crash-'))
  const random = randomFrom(20261122)
  const seen = {
    midBatchKill: 0,
    anyKill: 0,
    reorg: 0,
    socketCut: 0,
    backendsCut: 0,
    restart: 0,
    restarts: 0,
  }
  let world: World
  let server: EmbeddedDatabase
  let toPostgres: TcpProxy
  let toAnvil: TcpProxy
  let pool: Pool
  let current: ProcessorProcess
  let stopping = false

  const portOf = (url: string): number => Number(new URL(url).port)

  function urlOf(database: string, port: number): string {
    const url = new URL(server.url)
    url.pathname = `/${database}`
    url.port = String(port)
    return url.toString()
  }

  /** Starts a processor, and another whenever it ends, as the supervisor does. */
  function keepRunning(): void {
    const start = (): void => {
      current = spawnProcessor({
        chain: harbor,
        databaseUrl: urlOf('disturbed', toPostgres.port),
        rpcUrl: `ws://127.0.0.1:${toAnvil.port}`,
        fromBlock: 0,
      })
      const started = current
      void started.exited.then((code) => {
        if (stopping) return
        if (code === 2) throw new Error(`the processor gave up:\n${started.output()}`)
        seen.restarts++
        start()
      })
    }
    start()
  }

  /** Mines until the processor has the head. */
  async function caughtUp(): Promise<void> {
    for (let tries = 0; tries < 90; tries++) {
      const { height, hash } = await world.step()
      const reached = untilHead(pool, harbor.id, Number(height), { hash, timeoutMs: 1_500 })
      if (
        await reached.then(
          () => true,
          () => false,
        )
      )
        return
    }
    throw new Error(`the processor does not catch up\n${current.output().slice(-4_000)}`)
  }

  /** Kills it while its transaction waits on a lock that we hold: rows are written, nothing is committed. */
  async function killInMidBatch(): Promise<void> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('LOCK TABLE coverage IN ACCESS EXCLUSIVE MODE')
      for (let waiting = false, tries = 0; !waiting; tries++) {
        if (tries > 200) throw new Error(`no batch came\n${current.output().slice(-4_000)}`)
        if (tries % 10 === 0) await world.step()
        await sleep(50)
        const { rows } = await pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = 'disturbed' AND wait_event_type = 'Lock'
             AND application_name LIKE 'plimsoll-processor%'`,
        )
        waiting = rows.length > 0
      }
      await current.kill()
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
    seen.midBatchKill++
  }

  async function killSometime(): Promise<void> {
    await world.step()
    await sleep(random(400))
    await current.kill()
    seen.anyKill++
  }

  async function fork(): Promise<void> {
    await reorg(world, 1 + random(10))
    seen.reorg++
    await world.step()
  }

  async function restartPostgres(): Promise<void> {
    await server.stop()
    server = await startEmbedded({ dir, settings: SETTINGS })
    toPostgres.pointTo(portOf(server.url))
    await pool.end()
    pool = openPool(urlOf('disturbed', portOf(server.url)), { application: 'test' })
    seen.restart++
  }

  async function cutBackends(): Promise<void> {
    const { rowCount } = await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = 'disturbed' AND application_name LIKE 'plimsoll-%harbor'`,
    )
    expect(rowCount).toBeGreaterThan(0)
    seen.backendsCut++
  }

  beforeAll(async () => {
    server = await startEmbedded({ dir, settings: SETTINGS })
    const admin = openPool(server.url, { application: 'test' })
    for (const name of ['disturbed', 'calm']) {
      await admin.query(`CREATE DATABASE ${name}`)
      await migrate(urlOf(name, portOf(server.url)), [harbor.id])
    }
    await admin.end()
    world = await startWorld({ chain: 'harbor', seed: 23, mining: 'manual' })
    toPostgres = await startProxy(portOf(server.url))
    toAnvil = await startProxy(world.port)
    pool = openPool(urlOf('disturbed', portOf(server.url)), { application: 'test' })
  })

  afterAll(async () => {
    stopping = true
    await current?.kill()
    await pool?.end()
    await toPostgres?.close()
    await toAnvil?.close()
    await world?.stop()
    await server?.stop()
    await removeEmbedded(dir)
  })

  it('writes what an undisturbed one writes', async () => {
    keepRunning()
    for (let turn = 0; turn < 15; turn++) await world.step()
    for (let round = 0; round < ROUNDS; round++) {
      await killInMidBatch()
      await fork()
      await killSometime()
      await caughtUp()
      expect(toAnvil.cut()).toBeGreaterThan(0)
      seen.socketCut++
      await world.step()
      await fork()
      await killInMidBatch()
      await caughtUp()
      await cutBackends()
      if (round % 2 === 0) await restartPostgres()
      await caughtUp()
    }
    const calm = openPool(urlOf('calm', portOf(server.url)), { application: 'test' })
    const undisturbed = spawnProcessor({
      chain: harbor,
      databaseUrl: urlOf('calm', portOf(server.url)),
      rpcUrl: world.wsUrl,
      fromBlock: 0,
    })
    try {
      for (let tries = 0; ; tries++) {
        const { height, hash } = await world.step()
        const both = [pool, calm].map((db) =>
          untilHead(db, harbor.id, Number(height), { hash, timeoutMs: 2_000 }),
        )
        if (
          await Promise.all(both).then(
            () => true,
            () => false,
          )
        )
          break
        if (tries > 60) throw new Error(`${undisturbed.output()}\n${current.output()}`.slice(-6_000))
      }
      const { differences, rows } = await compareDatabases(pool, calm)
      expect(differences).toEqual([])
      for (const table of [
        ...CORE_TABLES,
        'market',
        'token_balance',
        'position_version',
        'price_version',
        'lending_event',
        'swap',
      ]) {
        expect(rows[table], table).toBeGreaterThan(0)
      }
    } finally {
      await undisturbed.kill()
      await calm.end()
    }
    for (const [kind, each] of Object.entries(PER_ROUND)) {
      expect(seen[kind as keyof typeof PER_ROUND], kind).toBe(each * ROUNDS)
    }
    expect(seen.restarts).toBeGreaterThanOrEqual(seen.midBatchKill + seen.anyKill)
    const { rows: forks } = await pool.query(
      'SELECT count(*)::int AS n FROM batch WHERE rollback_to IS NOT NULL',
    )
    expect(forks[0].n).toBeGreaterThan(0)
  })
})
