import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config'
import { runPublisher } from '../../src/oracle/publish'
import { runSigner } from '../../src/oracle/signer'
import { environment, valueAtHeight } from './processes'
import { type OracleWorld, startWorld } from './world'

const PUBLISHER = 8
let world: OracleWorld
let place: { url: string; rpcUrl: string; contract: `0x${string}` }
const stops: AbortController[] = []
const running: Promise<void>[] = []

beforeAll(async () => {
  world = await startWorld({ minDelaySec: 1, heartbeatSec: 60 })
  await world.setState({}, 900n)
  await world.client.setIntervalMining({ interval: 1 })
  place = { url: world.db.url, rpcUrl: world.anvil.rpcUrl, contract: world.target.contract }
})
afterAll(async () => {
  for (const stop of stops) stop.abort()
  await Promise.all(running)
  await world?.stop()
})

function start(role: 'PUBLISHER' | 'SIGNER', index: number): AbortController {
  const stop = new AbortController()
  const run = role === 'PUBLISHER' ? runPublisher : runSigner
  running.push(
    run(loadConfig(environment(role, index, place)), { signal: stop.signal, values: valueAtHeight }),
  )
  stops.push(stop)
  return stop
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`timed out: ${what}`)
}

it('publisher and signers bring rounds to the chain by themselves; a second publisher takes over', async () => {
  const first = start('PUBLISHER', PUBLISHER)
  for (const index of [1, 2, 3, 4]) start('SIGNER', index)
  await until('the first round', async () => (await world.applied()).length === 1)
  const lockers = async () =>
    (
      await world.db.pool.query(
        `SELECT granted FROM pg_locks WHERE locktype = 'advisory' AND database =
           (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY granted`,
      )
    ).rows.map((row) => row.granted)
  start('PUBLISHER', PUBLISHER)
  await until('a second publisher waits', async () => (await lockers()).join() === 'false,true')
  first.abort()
  await until('the second publisher has the lock', async () => (await lockers()).join() === 'true')
  await world.setState({}, 904n)
  await until('the second round', async () => (await world.applied()).length === 2)
  expect((await world.applied()).map(({ round, value }) => [round, value])).toEqual([
    [1n, 28_000_000n],
    [2n, 22_000_000n],
  ])
})

it('a publisher that lost its lock ends at once, so that it is started anew', async () => {
  for (const stop of stops) stop.abort()
  await Promise.all(running)
  const outcome = runPublisher(loadConfig(environment('PUBLISHER', PUBLISHER, place)), {
    values: valueAtHeight,
  }).catch((error: unknown) => error)
  const terminated = async () =>
    (
      await world.db.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE locktype = 'advisory' AND granted AND application_name = 'plimsoll-oracle-lock'
            AND datname = current_database()`,
      )
    ).rowCount === 1
  await until('the lock’s connection is terminated', terminated)
  const startedAt = Date.now()
  expect(await outcome).toMatchObject({ message: expect.stringContaining('lock was lost'), exitCode: 1 })
  expect(Date.now() - startedAt).toBeLessThan(3_000)
})

it('refuses to publish with a signer’s key', async () => {
  const config = loadConfig(environment('PUBLISHER', 2, place))
  await expect(runPublisher(config, { values: valueAtHeight })).rejects.toThrow(/one of the report signers/)
})

it('refuses an endpoint of another chain', async () => {
  const config = loadConfig({ ...environment('SIGNER', 1, place), PLIMSOLL_ORACLE_CHAIN: 'lagoon' })
  await expect(runSigner(config, { values: valueAtHeight })).rejects.toThrow(
    /serves chain id 31337, expected 31338/,
  )
})
