import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { removeEmbedded, startEmbedded } from '../../src/db/embedded'
import { openPool } from '../../src/db/pool'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-embedded-'))
afterAll(async () => {
  await removeEmbedded(dir)
  rmSync(dir, { recursive: true, force: true })
})

async function query(url: string, text: string): Promise<unknown> {
  const pool = openPool(url, { application: 'test', max: 1 })
  try {
    return (await pool.query(text)).rows
  } finally {
    await pool.end()
  }
}

function postmasterPid(): number {
  return Number(readFileSync(join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data, is taken over while it runs, and survives a kill -9 and a stale pid file', async () => {
    const first = await startEmbedded({ dir })
    expect(first.reused).toBe(false)
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS n')

    const second = await startEmbedded({ dir })
    expect(second).toMatchObject({ reused: true, url: first.url })

    process.kill(postmasterPid(), 'SIGKILL')
    const third = await startEmbedded({ dir })
    expect(await query(third.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    await third.stop()

    // A number that meanwhile belongs to another program: this one.
    writeFileSync(join(dir, 'data', 'postmaster.pid'), `${process.pid}\n${dir}/data\n0\n5432\n\n127.0.0.1\n`)
    const fourth = await startEmbedded({ dir })
    expect(fourth.reused).toBe(false)
    expect(await query(fourth.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    await fourth.stop()
    await fourth.stop()
  })

  it('starts again at the same URL after a kill -9, and over a damaged pid file', async () => {
    const server = await startEmbedded({ dir })
    expect(server.isRunning()).toBe(true)
    process.kill(postmasterPid(), 'SIGKILL')
    await expect.poll(() => server.isRunning()).toBe(false)
    await server.restart()
    expect(server.isRunning()).toBe(true)
    expect(await query(server.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    await server.stop()
    expect(server.isRunning()).toBe(false)

    writeFileSync(join(dir, 'data', 'postmaster.pid'), 'garbage\n\0')
    const again = await startEmbedded({ dir })
    expect(await query(again.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    await again.stop()
  })

  it('says what to do about the data of another version', async () => {
    const version = readFileSync(join(dir, 'data', 'PG_VERSION'), 'utf8')
    writeFileSync(join(dir, 'data', 'PG_VERSION'), '15\n')
    const refused = await startEmbedded({ dir }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ exitCode: 2, message: expect.stringContaining('PostgreSQL 15') })
    expect(refused).toMatchObject({ hint: expect.stringContaining('plimsoll reset') })
    writeFileSync(join(dir, 'data', 'PG_VERSION'), version)
  })

  it('finishes what an interrupted initialisation left undone', async () => {
    const partial = mkdtempSync(join(tmpdir(), 'plimsoll-partial-'))
    execFileSync('mkdir', ['-p', join(partial, 'data.partial', 'base'), join(partial, 'data')])
    const server = await startEmbedded({ dir: partial })
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.stop()
    await removeEmbedded(partial)
  })

  it('binds the loopback alone, and wants its password', async () => {
    const server = await startEmbedded({ dir })
    const url = new URL(server.url)
    expect(url.hostname).toBe('127.0.0.1')
    url.password = 'password'
    await expect(query(url.toString(), 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    await server.stop()
  })
})
