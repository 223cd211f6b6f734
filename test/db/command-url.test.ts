import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandDatabaseUrl } from '../../src/db/command-url'
import { type EmbeddedDatabase, removeEmbedded, startEmbedded } from '../../src/db/embedded'
import { openPool, type Pool } from '../../src/db/pool'
import { temporaryHome } from '../support/start'

const dataDir = temporaryHome('command-url')
const dir = join(dataDir, 'postgres')
const asked = () => commandDatabaseUrl({ dbUrl: undefined, dataDir })
const refused = () => asked().then(String, (error: unknown) => error)

describe('the database of a command', () => {
  it('is that of DB_URL, whatever runs', async () => {
    const dbUrl = 'postgres://somewhere/else'
    expect(await commandDatabaseUrl({ dbUrl, dataDir })).toBe(dbUrl)
  })

  it('is not there while no embedded server runs, and then the command says what to do', async () => {
    expect(await refused()).toMatchObject({
      exitCode: 2,
      message: 'no database to ask: DB_URL is not set, and no embedded PostgreSQL runs',
      hint: expect.stringContaining('plimsoll start'),
    })
  })

  describe('beside a `plimsoll start`', () => {
    let server: EmbeddedDatabase
    const pools: Pool[] = []
    beforeAll(async () => {
      server = await startEmbedded({ dir })
    })
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await removeEmbedded(dir)
    })

    /** A process of a run at work in a database of that name. */
    async function work(name: string): Promise<void> {
      const admin = openPool(server.url, { application: 'test', max: 1 })
      await admin.query(`CREATE DATABASE ${name}`)
      await admin.end()
      const url = new URL(server.url)
      url.pathname = `/${name}`
      const pool = openPool(url.toString(), { application: 'scorer', max: 1 })
      pools.push(pool)
      await pool.query('SELECT 1')
    }

    it('is the one in which its processes work, not the empty one that every server has', async () => {
      expect(await refused()).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining('nothing works in the embedded PostgreSQL'),
      })
      await work('local_world')
      const url = new URL(await asked())
      expect(url.pathname).toBe('/local_world')
      expect(url.port).toBe(new URL(server.url).port)
    })

    it('is not guessed where there are several', async () => {
      await work('capture')
      expect(await refused()).toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/several databases are at work: capture, local_world$/),
      })
    })
  })
})
