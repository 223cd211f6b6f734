/**
 * `plimsoll start` with nothing configured, from outside: it comes up, whatever is killed comes back and goes on where it
 * was, Ctrl-C leaves nothing behind, and a run that was itself killed is resumed by the next.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWorldClient } from '../../demo/client'
import { LOCAL_ORACLE } from '../../src/chains/local-world'
import { openPool } from '../../src/db/pool'
import { riskOracleAbi } from '../../src/oracle/abi'
import {
  ask,
  build,
  embeddedUrl,
  logsOf,
  postmaster,
  processesByKind,
  processesOf,
  processTree,
  runPlimsoll,
  type Started,
  startPlimsoll,
  temporaryHome,
  until,
  worldReady,
} from '../support/start'

const CHAINS = { harbor: 31337, lagoon: 31338 } as const
type ChainName = keyof typeof CHAINS
const NAMES = Object.keys(CHAINS) as ChainName[]
const UP_LIMIT_MS = 120_000
const BACK_LIMIT_MS = 60_000
const DEFAULT_PORT = 4350

interface Overview {
  chains: { name: string; headHeight: string; finalizedHeight: string }[]
  totals: { scores: number; openAlerts: number }
  oracle: { feed: string; round: string | null }[]
}

interface Final {
  height: number
  hash: string
}

let home: string
let run: Started
let squatter: Server | undefined
/** The page's URL of the run that goes on now. */
let page: string
/** Final blocks of both chains early in the first run: they must never change. */
const anchors = new Map<ChainName, Final>()

async function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}

async function overview(): Promise<Overview> {
  const query = `{ overview(limit: 1) { chains { name headHeight finalizedHeight }
    totals { scores openAlerts } oracle { feed round } } }`
  return (await ask<{ overview: Overview }>(page, query)).overview
}

const headOf = ({ chains }: Overview, name: string) =>
  Number(chains.find((chain) => chain.name === name)?.headHeight ?? -1)

async function rows<Row>(text: string): Promise<Row[]> {
  const pool = openPool(embeddedUrl(home, 'plimsoll'), { application: 'test', max: 1 })
  try {
    return (await pool.query(text)).rows as Row[]
  } finally {
    await pool.end()
  }
}

async function finals(): Promise<Map<ChainName, Final>> {
  const found = await rows<{ name: ChainName; height: string; hash: string }>(
    'SELECT name, finalized_height AS height, finalized_hash AS hash FROM chain',
  )
  return new Map(found.map(({ name, height, hash }) => [name, { height: Number(height), hash }]))
}

async function counts(): Promise<{ scores: number; alerts: number; confirmed: number }> {
  const [found] = await rows<{ scores: string; alerts: string; confirmed: string }>(
    `SELECT (SELECT count(*) FROM score) AS scores, (SELECT count(*) FROM alert) AS alerts,
            (SELECT count(*) FROM oracle_report WHERE status = 'confirmed') AS confirmed`,
  )
  return {
    scores: Number(found?.scores),
    alerts: Number(found?.alerts),
    confirmed: Number(found?.confirmed),
  }
}

/** Rounds by feed as the contract's own log has them, in the order of the chain. */
async function appliedRounds(): Promise<Map<string, number[]>> {
  const client = createWorldClient(worldReady(home, 'harbor').http, CHAINS.harbor)
  const logs = await client.getContractEvents({
    address: LOCAL_ORACLE.riskOracle,
    abi: riskOracleAbi,
    eventName: 'ReportApplied',
    fromBlock: 0n,
  })
  const rounds = new Map<string, number[]>()
  for (const { args } of logs) {
    rounds.set(args.feedId!, [...(rounds.get(args.feedId!) ?? []), Number(args.round)])
  }
  return rounds
}

const total = (rounds: Map<string, number[]>) => [...rounds.values()].flat().length

/** Both chains still hold the blocks that were final early in the first run. */
async function expectSameHistory(): Promise<void> {
  expect(anchors.size).toBe(NAMES.length)
  for (const name of NAMES) {
    const { height, hash } = anchors.get(name)!
    const client = createWorldClient(worldReady(home, name).http, CHAINS[name])
    expect((await client.getBlock({ blockNumber: BigInt(height) })).hash, name).toBe(hash)
  }
}

/** Every feed's rounds are 1, 2, 3 …, each once. */
async function expectNoRoundTwice(): Promise<void> {
  const applied = await appliedRounds()
  expect(applied.size).toBeGreaterThan(0)
  for (const [feed, found] of applied) expect(found, feed).toEqual(found.map((_, index) => index + 1))
}

/** Heads of both chains grow, more is scored, and another oracle round reaches the chain. */
async function expectItGoesOn(limitMs = BACK_LIMIT_MS): Promise<void> {
  const before = await waitFor('the API answers', limitMs, overview)
  const scoresBefore = (await waitFor('the database answers', limitMs, counts)).scores
  const appliedBefore = total(await waitFor('the node answers', limitMs, appliedRounds))
  await until('both chains go on', limitMs, async () => {
    const now = await overview()
    return NAMES.every((name) => headOf(now, name) >= headOf(before, name) + 3)
  })
  await until('scoring goes on', limitMs, async () => (await counts()).scores > scoresBefore)
  await until('oracle rounds go on', limitMs, async () => total(await appliedRounds()) > appliedBefore)
  await expectSameHistory()
  await expectNoRoundTwice()
}

async function waitFor<T>(what: string, limitMs: number, read: () => Promise<T>): Promise<T> {
  let value: T | undefined
  await until(what, limitMs, async () => {
    value = await read()
    return true
  })
  return value as T
}

async function expectNothingLeft(recorded: readonly number[]): Promise<void> {
  await until('every process is gone', 5_000, async () => processesOf(home).length === 0).catch(
    () => undefined,
  )
  expect(processesOf(home)).toEqual([])
  const alive = recorded.filter((pid) =>
    processTree(pid).some((one) => /anvil|postgres|lib\/cli|demo\/main/.test(one.command)),
  )
  expect(alive).toEqual([])
}

async function start(env: Record<string, string> = {}): Promise<void> {
  run = startPlimsoll(home, { env })
  page = await run.page(UP_LIMIT_MS)
}

beforeAll(() => {
  build()
  home = temporaryHome('start')
})

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(`${run?.output()}\n${logsOf(home)}`)
})

afterAll(async () => {
  squatter?.close()
  if (processTree(run.pid).length > 0) await run.interrupt()
  expect((await runPlimsoll(home, { args: ['reset'] })).code).toBe(0)
  expect(processesOf(home)).toEqual([])
  rmSync(home, { recursive: true, force: true })
})

describe.sequential('plimsoll start', () => {
  it('brings up the local world: chains, scores, alerts, a confirmed oracle round, and the page', async () => {
    squatter = await listenOn(DEFAULT_PORT)
    const startedAt = Date.now()
    await start()
    // Somebody holds the usual port, we or another: another is chosen and printed.
    expect(Number(new URL(page).port)).not.toBe(DEFAULT_PORT)
    await until('scores, alerts, and a confirmed round', UP_LIMIT_MS, async () => {
      const { totals, oracle } = await overview()
      return totals.scores > 0 && totals.openAlerts > 0 && oracle.some(({ round }) => Number(round) > 0)
    })
    console.log(`the local world was up with a confirmed oracle round after ${Date.now() - startedAt} ms`)
    await run.prints(/harbor +\d+[\s\S]*lagoon +\d+/, 30_000)
    await run.prints(/oracle {2}market-risk of 3133\d:0x\w{40} = \d\.\d+, round \d+/, 30_000)

    const html = await (await fetch(page)).text()
    expect(html).toMatch(/<!doctype html>[\s\S]*<script type="module"[^>]*src="/)
    const script = /<script type="module"[^>]*src="([^"]+)"/.exec(html)?.[1]
    expect((await fetch(new URL(script!, page))).status).toBe(200)
    const ready = await fetch(new URL('ready', page))
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, problems: [] }])
  })

  it('has blocks that are final, to be compared with for the rest of this test', async () => {
    await until('final blocks of both chains', BACK_LIMIT_MS, async () => {
      for (const [name, final] of await finals()) if (final.height > 20) anchors.set(name, final)
      return anchors.size === NAMES.length
    })
    await expectSameHistory()
    await expectNoRoundTwice()
  })

  it('refuses a second start over the same folder and names the first', async () => {
    const { code, output } = await runPlimsoll(home, {})
    expect(code).toBe(2)
    expect(output).toContain(`process ${run.pid}`)
    expect((await fetch(new URL('health', page))).status).toBe(200)
  })

  it.each(['processor-harbor', 'scorer', 'oracle', 'signer', 'api', 'anvil-lagoon', 'world-harbor'])(
    'starts %s again after kill -9, and everything goes on',
    async (kind) => {
      const before = processesByKind(run.pid)
      const victims = before.get(kind) ?? []
      expect(victims.length).toBe(kind === 'signer' ? 4 : 1)
      process.kill(victims[0]!, 'SIGKILL')
      const tookMs = await until(`${kind} is back`, BACK_LIMIT_MS, async () => {
        const pids = processesByKind(run.pid).get(kind) ?? []
        return pids.length === victims.length && !pids.includes(victims[0]!)
      })
      await expectItGoesOn()
      console.log(`${kind} was back ${tookMs} ms after kill -9`)
      const after = processesByKind(run.pid)
      expect([...after].map(([one, pids]) => [one, pids.length]).sort()).toEqual(
        [...before].map(([one, pids]) => [one, pids.length]).sort(),
      )
    },
  )

  it('starts PostgreSQL again after kill -9 of its postmaster, at the same port, and everything goes on', async () => {
    const before = postmaster(home)
    process.kill(before.pid, 'SIGKILL')
    const tookMs = await until(
      'a new postmaster',
      BACK_LIMIT_MS,
      async () => postmaster(home).pid !== before.pid,
    )
    expect(postmaster(home).port).toBe(before.port)
    await expectItGoesOn()
    console.log(`PostgreSQL was back ${tookMs} ms after kill -9`)
  })

  it('takes everyone along when a killed chain finds its port taken', async () => {
    const before = worldReady(home, 'harbor').port
    process.kill(processesByKind(run.pid).get('world-harbor')![0]!, 'SIGKILL')
    let thief: Server | undefined
    await until('the port is ours', 5_000, async () => {
      thief = await listenOn(before)
      return thief !== undefined
    })
    await until(
      'the chain is elsewhere',
      BACK_LIMIT_MS,
      async () => worldReady(home, 'harbor').port !== before,
    )
    await expectItGoesOn()
    thief?.close()
  })

  it('ends with 0 within 30 s of Ctrl-C and leaves no process behind', async () => {
    const recorded = [...processTree(run.pid).map(({ pid }) => pid), postmaster(home).pid]
    expect(recorded.length).toBeGreaterThan(14)
    const { code, tookMs } = await run.interrupt()
    expect(code).toBe(0)
    // The limit is 30 s; more than 8 means that some process did not end by itself and was killed after 10.
    expect(tookMs).toBeLessThan(8_000)
    console.log(`Ctrl-C took ${tookMs} ms`)
    await expectNothingLeft(recorded)
  })

  it('resumes over what was left by others: same blocks, nothing counted anew', async () => {
    // A run that was killed leaves such files, and its numbers may belong to anybody by now.
    writeFileSync(join(home, 'supervisor.pid'), '999999 1\n')
    writeFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'garbage\n')
    writeFileSync(join(home, 'children.json'), `[{"pid":${process.pid},"mark":"1"}]`)
    const startedAt = Date.now()
    await start()
    await expectItGoesOn(UP_LIMIT_MS)
    console.log(`resumed and going on after ${Date.now() - startedAt} ms`)
    expect(worldReady(home, 'harbor').resumed).toBe(true)
  })

  it('is resumed by the next start after kill -9 of the supervisor; its children end by themselves', async () => {
    const before = await counts()
    const server = postmaster(home)
    const below = processTree(run.pid).filter(({ pid }) => pid !== run.pid)
    expect(below.length).toBeGreaterThan(13)
    process.kill(run.pid, 'SIGKILL')
    await run.exited
    const left = () =>
      below.filter(({ pid, command }) => processTree(pid).some((one) => one.command === command))
    await until('all children have ended', 20_000, async () => left().length === 0)

    await start()
    expect(postmaster(home).pid).toBe(server.pid)
    await expectItGoesOn(UP_LIMIT_MS)
    expect(before.alerts).toBeGreaterThan(0)
    await until('further rounds are confirmed', BACK_LIMIT_MS, async () => {
      const after = await counts()
      expect(after.scores).toBeGreaterThan(before.scores)
      expect(after.alerts).toBeGreaterThanOrEqual(before.alerts)
      return after.confirmed > before.confirmed
    })
  })

  it('says what to do about data of another PostgreSQL', async () => {
    expect((await run.interrupt()).code).toBe(0)
    writeFileSync(join(home, 'postgres', 'data', 'PG_VERSION'), '15\n')
    const { code, output } = await runPlimsoll(home, {})
    expect(code).toBe(2)
    expect(output).toContain('was written by PostgreSQL 15')
    expect(output).toContain('plimsoll reset')
    expect(processesOf(home)).toEqual([])
  })
})
