/**
 * `plimsoll start` when something is wrong or not the default: settings, ports, captures, an endpoint of another chain, a
 * database of one's own, an early Ctrl-C, an ordinary user.
 */
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { startAnvil } from '../../demo/anvil'
import { openPool } from '../../src/db/pool'
import {
  ask,
  build,
  embeddedUrl,
  processesOf,
  runPlimsoll,
  type Started,
  startPlimsoll,
  temporaryHome,
  until,
} from '../support/start'

const FIXTURE = join(__dirname, '..', 'fixtures', 'local-world.ndjson.gz')
const LAST_BLOCK = (
  JSON.parse(readFileSync(FIXTURE.replace('.ndjson.gz', '.json'), 'utf8')) as { height: number }
).height

const homes: string[] = []
function newHome(name: string): string {
  const home = temporaryHome(name)
  homes.push(home)
  return home
}

let running: Started | undefined
function start(...options: Parameters<typeof startPlimsoll>): Started {
  running = startPlimsoll(...options)
  return running
}

async function stop(run: Started): Promise<void> {
  expect((await run.interrupt()).code).toBe(0)
  running = undefined
}

beforeAll(build)
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(running?.output())
  if (running) await running.interrupt()
  running = undefined
})
afterAll(async () => {
  for (const home of homes) {
    expect(processesOf(home)).toEqual([])
    if (existsSync(join(home, 'postgres'))) await runPlimsoll(home, { args: ['reset'] })
    rmSync(home, { recursive: true, force: true })
  }
})

/** A folder with a faulty capture of each kind, by name. */
function faultyCaptures(dir: string): Record<string, { path: string; says: RegExp }> {
  const packed = readFileSync(FIXTURE)
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n')
  const stranger = lines.map((line) => line.replace('"chainId":31337', '"chainId":424242'))
  expect(stranger[0]).not.toBe(lines[0])
  const middle = lines.map((line, index) => (index === 30 ? line.slice(0, line.length / 2) : line))
  const write = (name: string, content: Buffer | string) => {
    writeFileSync(join(dir, name), content)
    return join(dir, name)
  }
  return {
    'does not exist': { path: join(dir, 'absent.ndjson.gz'), says: /absent\.ndjson\.gz/ },
    'was cut short': {
      path: write('cut.ndjson.gz', packed.subarray(0, packed.length / 2)),
      says: /cut\.ndjson\.gz/,
    },
    'has half a line in its middle': {
      path: write('half.ndjson', middle.join('\n')),
      says: /half\.ndjson.*31/s,
    },
    'is no capture at all': { path: write('noise.ndjson.gz', 'not gzip'), says: /noise\.ndjson\.gz/ },
    'holds a chain without a chain file': {
      path: write('stranger.ndjson.gz', gzipSync(stranger.join('\n'))),
      says: /424242/,
    },
  }
}

describe('plimsoll start with wrong settings', () => {
  it('lists every wrong setting at once and exits 2', async () => {
    const { code, output, tookMs } = await runPlimsoll(newHome('settings'), {
      env: {
        PLIMSOLL_CHAINS: 'ethereum,atlantis',
        PLIMSOLL_API_PORT: 'ninety',
        DB_URL: 'mysql://localhost/x',
        PLIMSOLL_ORACLE_CONTRACT: '0x12',
      },
    })
    expect(code).toBe(2)
    expect(output).toContain('5 wrong settings')
    for (const name of [
      'atlantis',
      'PLIMSOLL_API_PORT',
      'DB_URL',
      'PLIMSOLL_ORACLE_CONTRACT',
      'PLIMSOLL_ETHEREUM_RPC',
    ]) {
      expect(output).toContain(name)
    }
    expect(tookMs).toBeLessThan(10_000)
  })

  it('exits 2 before it starts anything when the port that was asked for is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const home = newHome('port')
    const { code, output, tookMs } = await runPlimsoll(home, { env: { PLIMSOLL_API_PORT: String(port) } })
    server.close()
    expect(code).toBe(2)
    expect(output).toContain(`PLIMSOLL_API_PORT=${port} is taken`)
    expect(existsSync(join(home, 'postgres'))).toBe(false)
    expect(tookMs).toBeLessThan(10_000)
  })

  it('exits 1 after 15 s with a database that does not answer, without showing its password', async () => {
    const { code, output } = await runPlimsoll(newHome('nodb'), {
      args: ['start', '--capture', FIXTURE],
      env: { DB_URL: 'postgres://someone:secret@127.0.0.1:1/nothing' },
    })
    expect(code).toBe(1)
    expect(output).toContain('does not answer')
    expect(output).not.toContain('secret')
  })

  it('says that an endpoint serves another chain, and leaves the rest running', async () => {
    const anvil = await startAnvil({ chainId: 424242 })
    const home = newHome('wrong-chain')
    const env = { PLIMSOLL_CHAINS: 'ethereum', PLIMSOLL_ETHEREUM_RPC: anvil.rpcUrl }
    try {
      const run = start(home, { env })
      const page = await run.page(60_000)
      const [view] = await run.prints(/! processor-ethereum stopped for good: .*/, 60_000)
      expect(view).toMatch(/424242/)
      // The page's address is known, and printed, before the API answers there.
      await until(
        'the API answers',
        60_000,
        async () => (await fetch(new URL('health', page))).status === 200,
      )
      expect((await fetch(new URL('ready', page))).status).toBe(503)

      const alone = await runPlimsoll(home, {
        args: ['processor', '--chain', 'ethereum'],
        env: { ...env, DB_URL: embeddedUrl(home, 'plimsoll_chains') },
      })
      expect(alone.code).toBe(2)
      expect(alone.output).toMatch(/424242/)
      await stop(run)
    } finally {
      await anvil.stop()
    }
  })
})

describe('plimsoll start, broken off', () => {
  it.each([[/starting PostgreSQL/], [/starting the chains/]])(
    'ends with 0 and leaves nothing behind when Ctrl-C comes at “%s”',
    async (moment) => {
      const home = newHome('early')
      const run = start(home)
      await run.prints(moment, 60_000)
      const { code, tookMs } = await run.interrupt()
      running = undefined
      expect(code).toBe(0)
      expect(tookMs).toBeLessThan(30_000)
      await until('every process is gone', 5_000, async () => processesOf(home).length === 0)
    },
  )
})

describe('plimsoll start --capture', () => {
  it('indexes every block, scores, raises alerts, says that it is done, and resumes', async () => {
    const home = newHome('capture')
    const args = ['start', '--capture', FIXTURE]
    const query = `{ overview(limit: 1) { chains { name headHeight } totals { scores openAlerts } } }`
    type Seen = {
      overview: {
        chains: { name: string; headHeight: string }[]
        totals: { scores: number; openAlerts: number }
      }
    }
    const first = start(home, { args })
    const page = await first.page(60_000)
    await first.prints(/processor-harbor is done: its last block is indexed/, 60_000)
    let seen: Seen['overview'] | undefined
    await until('scores and alerts', 60_000, async () => {
      seen = (await ask<Seen>(page, query)).overview
      return seen.totals.scores > 50 && seen.totals.openAlerts > 0
    })
    expect(seen?.chains).toEqual([{ name: 'harbor', headHeight: String(LAST_BLOCK) }])
    expect(first.output()).toContain('oracle  none: a capture has no chain to write to')
    expect((await fetch(new URL('ready', page))).status).toBe(200)
    await stop(first)

    const second = start(home, { args })
    const again = await second.page(60_000)
    await second.prints(/processor-harbor is done/, 60_000)
    let overview: Seen['overview'] | undefined
    await until('the API answers', 30_000, async () => {
      overview = (await ask<Seen>(again, query)).overview
      return true
    })
    expect(overview?.totals.scores).toBeGreaterThanOrEqual(seen!.totals.scores)
    expect(overview?.chains).toEqual(seen?.chains)
    await stop(second)
  })

  it('exits 2 within seconds and leaves nothing running when the file is faulty', async () => {
    const home = newHome('faulty')
    const faulty = faultyCaptures(home)
    expect(Object.keys(faulty)).toHaveLength(5)
    for (const [what, { path, says }] of Object.entries(faulty)) {
      const { code, output, tookMs } = await runPlimsoll(home, { args: ['start', '--capture', path] })
      expect(code, `${what}\n${output}`).toBe(2)
      expect(output, what).toMatch(says)
      expect(tookMs, what).toBeLessThan(20_000)
      expect(processesOf(home), what).toEqual([])
    }
  })

  it('uses the database of DB_URL and starts no server of its own', async () => {
    const base = new URL(inject('postgresUrl'))
    const admin = openPool(base.toString(), { application: 'test', max: 1 })
    await admin.query('CREATE DATABASE start_external')
    base.pathname = '/start_external'
    const pool = openPool(base.toString(), { application: 'test', max: 1 })
    const home = newHome('external')
    try {
      const run = start(home, { args: ['start', '--capture', FIXTURE], env: { DB_URL: base.toString() } })
      await run.prints(/processor-harbor is done/, 60_000)
      const { rows } = await pool.query('SELECT name, head_height FROM chain')
      expect(rows).toEqual([{ name: 'harbor', head_height: String(LAST_BLOCK) }])
      expect(existsSync(join(home, 'postgres'))).toBe(false)
      expect(processesOf(home).filter(({ command }) => command.includes('postgres -D'))).toEqual([])
      await stop(run)
      expect((await pool.query('SELECT count(*) AS n FROM token_transfer')).rows[0].n).not.toBe('0')
    } finally {
      await pool.end()
      await admin.query('DROP DATABASE start_external WITH (FORCE)')
      await admin.end()
    }
  })
})

/** How to become `nobody`, or why that is not possible here. */
function asNobody(): { through: string[]; uid: number; gid: number } | { reason: string } {
  if (process.getuid?.() !== 0)
    return { reason: 'the tests do not run as root: they are an ordinary user already' }
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'nobody'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    const through = ['setpriv', `--reuid=${id('-u')}`, `--regid=${id('-g')}`, '--clear-groups']
    execFileSync(
      through[0]!,
      [
        ...through.slice(1),
        process.execPath,
        '-e',
        `require(${JSON.stringify(join(dirname(FIXTURE), 'local-world.json'))})`,
      ],
      { stdio: 'ignore' },
    )
    return { through, uid: id('-u'), gid: id('-g') }
  } catch {
    return { reason: 'there is no setpriv, no user nobody, or the checkout cannot be read by others' }
  }
}

const nobody = asNobody()
if ('reason' in nobody) console.log(`skipped: start as an ordinary user (${nobody.reason})`)

describe.skipIf('reason' in nobody)('plimsoll start as an ordinary user', () => {
  it('comes up as `nobody` and leaves nothing behind', async () => {
    if ('reason' in nobody) return
    const home = newHome('nobody')
    for (const dir of ['tmp', 'plimsoll']) mkdirSync(join(home, dir))
    for (const dir of ['.', 'tmp', 'plimsoll']) chownSync(join(home, dir), nobody.uid, nobody.gid)
    accessSync(home, constants.X_OK)
    const data = join(home, 'plimsoll')
    const run = start(data, { through: nobody.through, env: { HOME: home, TMPDIR: join(home, 'tmp') } })
    const page = await run.page(90_000)
    await until('scores and alerts', 90_000, async () => {
      const { overview } = await ask<{ overview: { totals: { scores: number; openAlerts: number } } }>(
        page,
        '{ overview { totals { scores openAlerts } } }',
      )
      return overview.totals.scores > 0 && overview.totals.openAlerts > 0
    })
    expect((await fetch(new URL('ready', page))).status).toBe(200)
    const owner = execFileSync('ps', ['-o', 'user=', '-p', String(run.pid)], { encoding: 'utf8' }).trim()
    expect(owner).toBe('nobody')
    await stop(run)
    await until('every process is gone', 5_000, async () => processesOf(data).length === 0)
  })
})
