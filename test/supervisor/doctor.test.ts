/** `plimsoll doctor`: what it finds, what it says to do, and its exit code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Anvil, startAnvil } from '../../demo/anvil'
import { CHAINS } from '../../src/chains/registry'
import { examine, exitCodeOf, report } from '../../src/supervisor/doctor'
import { type TestDatabase, testDatabase } from '../support/database'
import { type FakeEndpoint, fakeChain, fakeEndpoint, hex, RpcError } from '../support/fake-chain'

describe('doctor', () => {
  let database: TestDatabase
  let good: FakeEndpoint
  let wrong: FakeEndpoint
  let poor: FakeEndpoint

  beforeAll(async () => {
    database = await testDatabase()
    const chain = await fakeChain(400)
    good = await fakeEndpoint(chain)
    wrong = await fakeEndpoint(chain, { chainId: 56 })
    poor = await fakeEndpoint(chain)
    good.twist(({ method }) => (method === 'eth_getBalance' ? '0x0' : undefined))
    poor.twist(({ method, params }) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock: string; toBlock: string }
      if (method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) > 100) {
        throw new RpcError(-32000, 'block range is too wide')
      }
      if (method === 'eth_getBlockByNumber' && params[0] === hex(7)) return null
      return undefined
    })
  })
  afterAll(async () => {
    for (const endpoint of [good, wrong, poor]) await endpoint.close()
    await database.drop()
  })

  const ethereum = (rpc: string): Record<string, string> => ({
    PLIMSOLL_CHAINS: 'ethereum',
    PLIMSOLL_ETHEREUM_RPC: rpc,
    PLIMSOLL_ETHEREUM_FROM: '5',
  })

  it('without any setting, and without a database, all is well: the local world', async () => {
    const sections = await examine({})
    expect(report(sections)).toContain('no DB_URL: `plimsoll start` brings its own PostgreSQL')
    expect(report(sections)).toContain('no chains: the local world')
    expect(exitCodeOf(sections)).toBe(0)
  })

  it('lists every wrong setting, and exits with 1', async () => {
    const sections = await examine({ PLIMSOLL_CHAINS: 'ethereum,atlantis', PLIMSOLL_VERIFY: 'some' })
    expect(report(sections)).toMatch(/fail {2}PLIMSOLL_CHAINS names the unknown chain atlantis/)
    expect(report(sections)).toMatch(/PLIMSOLL_VERIFY=some is neither none nor receipts/)
    expect(exitCodeOf(sections)).toBe(1)
  })

  it('says of a good endpoint what it can do, and of two that they are enough', async () => {
    const env = { ...ethereum(`${good.wsUrl},${good.url}#label=spare`), DB_URL: database.url }
    const sections = await examine(env)
    const text = report(sections)
    for (const words of [
      /PostgreSQL \d+\.\d+, (\d+) of \1 migrations applied/,
      /chain id 1, head 400, \d+ s old/,
      /answers in [\d.]+ ms/,
      /takes subscriptions; no head came/,
      /spare: heads by polling/,
      /archive: has logs and state from block 5/,
      /eth_getLogs takes 337 blocks at once/,
      /gives receipts by block/,
    ]) {
      expect(text).toMatch(words)
    }
    expect(text).not.toContain('nothing stands in for it')
    expect(text).not.toContain('KEY')
    // The made chain is years old.
    expect(text).toContain('→ the node is not in sync')
    expect(exitCodeOf(sections)).toBe(0)
  }, 30_000)

  it('says what is wrong with the others, what to do, and exits with 1', async () => {
    const missing = 'http://127.0.0.1:9/KEY'
    const env = { ...ethereum(`${poor.url},${wrong.url},${missing}`), PLIMSOLL_ETHEREUM_FROM: '7' }
    const sections = await examine({ ...env, DB_URL: 'postgres://nobody:SECRET@127.0.0.1:9/none' })
    const text = report(sections)
    for (const words of [
      /fail {2}.*ECONNREFUSED/,
      /→ check DB_URL/,
      /serves chain id 56, expected 1\n *→ it belongs to another chain/,
      /has no blocks or logs of block 7, where ethereum begins/,
      /warn .*eth_getLogs takes 100 blocks at once/,
      /127\.0\.0\.1:9 \(endpoint 3\): cannot be reached: ECONNREFUSED\n *→ check the address/,
    ]) {
      expect(text).toMatch(words)
    }
    expect(text).not.toMatch(/KEY|SECRET/)
    expect(exitCodeOf(sections)).toBe(1)
  }, 30_000)

  it('verifies receipts where that is asked for, and refuses it where it means nothing', async () => {
    const verified = await examine({ ...ethereum(good.url), PLIMSOLL_VERIFY: 'receipts' })
    expect(report(verified)).toContain('those of block 400 match its root')
    const env = { PLIMSOLL_CHAINS: 'polygon', PLIMSOLL_POLYGON_RPC: good.url, PLIMSOLL_VERIFY: 'receipts' }
    const chain = await fakeChain(20)
    const polygon = await fakeEndpoint(chain, { chainId: 137 })
    const sections = await examine({ ...env, PLIMSOLL_POLYGON_RPC: polygon.url, PLIMSOLL_POLYGON_FROM: '1' })
    expect(report(sections)).toMatch(
      /receipts of polygon cannot be verified: .*\n *→ set PLIMSOLL_POLYGON_VERIFY=none/,
    )
    await polygon.close()
  }, 30_000)
})

describe('doctor on a real anvil', () => {
  let anvil: Anvil
  beforeAll(async () => {
    anvil = await startAnvil({ chainId: CHAINS.harbor!.id, timestampSec: 1_700_000_000 })
  })
  afterAll(() => anvil.stop())

  it('finds it well', async () => {
    const sections = await examine({
      PLIMSOLL_CHAINS: 'harbor',
      PLIMSOLL_HARBOR_RPC: `${anvil.wsUrl},${anvil.rpcUrl}`,
    })
    expect(sections.flatMap(({ findings }) => findings).filter(({ level }) => level !== 'ok')).toEqual([])
  }, 30_000)
})
