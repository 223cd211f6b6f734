/**
 * The oracle's real processes, killed with SIGKILL at random moments: every report that reaches the chain does so
 * once, in order, with the value its row says, and the work goes on.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { environment } from './processes'
import { type OracleWorld, publisherAccount, startWorld } from './world'

const CHAOS_MS = 60_000
const script = resolve(__dirname, 'processes.ts')
let world: OracleWorld
const children = new Map<string, ChildProcess>()

beforeAll(async () => {
  world = await startWorld({ minDelaySec: 1, heartbeatSec: 60 })
  await world.client.setIntervalMining({ interval: 1 })
})
afterAll(async () => {
  for (const child of children.values()) child.kill('SIGKILL')
  await world?.stop()
})

function start(role: 'PUBLISHER' | 'SIGNER', index: number): void {
  const place = { url: world.db.url, rpcUrl: world.anvil.rpcUrl, contract: world.target.contract }
  const env = { ...process.env, ...environment(role, index, place) }
  children.set(
    `${role}${index}`,
    spawn(process.execPath, ['--import', 'tsx', script, role.toLowerCase()], { env, stdio: 'ignore' }),
  )
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

it('survives SIGKILL of publisher and signers', async () => {
  start('PUBLISHER', 8)
  for (const index of [1, 2, 3, 4]) start('SIGNER', index)
  let kills = 0
  let height = 900n
  let nextKillAt = Date.now() + 6_000
  for (const end = Date.now() + CHAOS_MS; Date.now() < end; height++) {
    await world.setState({}, height)
    await sleep(500)
    if (Date.now() < nextKillAt) continue
    const signer = kills % 3 === 2 ? 1 + (kills % 4) : undefined
    const [role, index] = signer === undefined ? (['PUBLISHER', 8] as const) : (['SIGNER', signer] as const)
    children.get(`${role}${index}`)?.kill('SIGKILL')
    start(role, index)
    kills++
    nextKillAt = Date.now() + 3_000 + Math.random() * 3_000
  }
  const before = (await world.applied()).length
  for (const end = Date.now() + 15_000; Date.now() < end; height++) {
    await world.setState({}, height)
    await sleep(500)
  }
  const applied = await world.applied()
  expect(kills).toBeGreaterThanOrEqual(8)
  expect(before).toBeGreaterThanOrEqual(5)
  expect(applied.length).toBeGreaterThan(before)
  const rounds = applied.map(({ round }) => round)
  expect(rounds).toEqual([...new Set(rounds)].sort((a, b) => (a < b ? -1 : 1)))
  const rows = new Map((await world.reports()).map((row) => [String(row.round), row]))
  for (const { round, value } of applied) {
    expect(rows.get(String(round))).toMatchObject({ value: String(value) })
    expect(['sent', 'confirmed']).toContain(rows.get(String(round))?.status)
  }
  const transactions = await world.rows('oracle_transaction')
  expect(transactions.map((row) => row.status)).not.toContain('failed')
  expect(transactions.length).toBeGreaterThanOrEqual(
    await world.client.getTransactionCount({ address: publisherAccount.address }),
  )
})
