/**
 * The oracle's real processes, killed with SIGKILL at random moments: every report that reaches the chain does so
 * once, in order, with the value its row says, and the work goes on.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { environment } from './processes'
import { type OracleWorld, publisherAccount, startWorld } from './world'

const KILLS = 12
const script = resolve(__dirname, 'processes.ts')
let world: OracleWorld
let ticker: NodeJS.Timeout | undefined
const children = new Map<string, ChildProcess>()

beforeAll(async () => {
  world = await startWorld({ minDelaySec: 1, heartbeatSec: 60 })
  await world.client.setIntervalMining({ interval: 1 })
})
afterAll(async () => {
  clearInterval(ticker)
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
  let height = 900n
  ticker = setInterval(() => {
    height += 4n
    world.setState({}, height).catch(() => undefined)
  }, 500)
  const count = async () => (await world.applied()).length
  /** Resolves when more rounds are applied than before, or after the limit; a machine may be slow to start them. */
  async function progress(before: number, limitMs: number): Promise<boolean> {
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(100)) {
      if ((await count()) > before) return true
    }
    return false
  }
  for (let kill = 0; kill < KILLS; kill++) {
    // Some kills strike as soon as the process is up, most after a round went through, at any point of the next.
    if (kill % 4 !== 3) await progress(await count(), 30_000)
    await sleep(Math.random() * 2_000)
    const signer = kill % 3 === 2 ? 1 + (kill % 4) : undefined
    const [role, index] = signer === undefined ? (['PUBLISHER', 8] as const) : (['SIGNER', signer] as const)
    children.get(`${role}${index}`)?.kill('SIGKILL')
    start(role, index)
  }
  const before = await count()
  expect(before).toBeGreaterThanOrEqual(5)
  expect(await progress(before, 60_000)).toBe(true)
  const applied = await world.applied()
  const rounds = applied.map(({ round }) => round)
  expect(rounds).toEqual([...new Set(rounds)].sort((a, b) => (a < b ? -1 : 1)))
  const reports = (await world.reports()).filter((row) => row.status !== 'dropped')
  const rows = new Map(reports.map((row) => [String(row.round), row]))
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
