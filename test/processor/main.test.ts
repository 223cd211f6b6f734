/** The processor as a process: what it refuses at the start, and what it asks tokens for. */
import { encodeAbiParameters, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Anvil, startAnvil } from '../../demo/anvil'
import { createWorldClient, type WorldClient } from '../../demo/client'
import { topicOf } from '../../src/protocols/log-shape'
import { address, word } from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { startLimitedRpc } from '../support/limited-rpc'
import { type ProcessorProcess, spawnProcessor, testChain, untilHead } from '../support/processor'

const CHAIN_ID = 31337
const chain = testChain({ id: CHAIN_ID, name: 'made', kind: 'local' })
const SELECTORS = { symbol: '95d89b41', name: '06fdde03', decimals: '313ce567' }

type Answers = Partial<Record<keyof typeof SELECTORS, Hex | 'revert'>>

const push2 = (n: number): string => `61${n.toString(16).padStart(4, '0')}`

/**
 * Bytecode of a contract that answers some selectors with given bytes, or reverts, and on any other call emits
 * Transfer(1, 2, 5).
 */
function contractCode(answers: Answers): Hex {
  const entries = Object.entries(answers) as [keyof typeof SELECTORS, Hex | 'revert'][]
  const emit = [
    `60056000527f${word(2n).slice(2)}7f${word(1n).slice(2)}`,
    `7f${topicOf('Transfer(address,address,uint256)').slice(2)}60206000a300`,
  ].join('')
  const headLength = 6 + entries.length * 11 + emit.length / 2
  let dispatch = '60003560e01c'
  let bodies = ''
  let data = ''
  const bodyLength = 18
  const dataStart = headLength + entries.length * bodyLength
  entries.forEach(([name, answer], i) => {
    dispatch += `8063${SELECTORS[name]}14${push2(headLength + i * bodyLength)}57`
    const bytes = answer === 'revert' ? '' : answer.slice(2)
    const length = bytes.length / 2
    const body =
      answer === 'revert'
        ? '5b60006000fd'
        : `5b${push2(length)}${push2(dataStart + data.length / 2)}600039${push2(length)}6000f3`
    bodies += body.padEnd(bodyLength * 2, '0')
    data += bytes
  })
  return `0x${dispatch}${emit}${bodies}${data}`
}

const text = (value: string): Hex => encodeAbiParameters([{ type: 'string' }], [value])
const bytes32 = (value: string): Hex => `0x${Buffer.from(value).toString('hex').padEnd(64, '0')}`

describe('a processor on anvil', () => {
  let anvil: Anvil
  let client: WorldClient
  let db: TestDatabase
  const processes: ProcessorProcess[] = []

  beforeAll(async () => {
    anvil = await startAnvil({ chainId: CHAIN_ID, timestampSec: 1_700_000_000 })
    client = createWorldClient(anvil.rpcUrl, CHAIN_ID)
    db = await testDatabase({ chainIds: [CHAIN_ID] })
  })

  afterAll(async () => {
    for (const process of processes) await process.kill()
    await anvil.stop()
    await db.drop()
  })

  function start(options: { rpcUrl?: string; id?: number; startTimeoutMs?: number } = {}): ProcessorProcess {
    const process = spawnProcessor({
      chain: { ...chain, id: options.id ?? CHAIN_ID },
      databaseUrl: db.url,
      rpcUrl: options.rpcUrl ?? anvil.wsUrl,
      fromBlock: 0,
      startTimeoutMs: options.startTimeoutMs ?? 30_000,
    })
    processes.push(process)
    return process
  }

  async function token(name: string, answers: Answers): Promise<Hex> {
    const at = address(name)
    await client.setCode({ address: at, bytecode: contractCode(answers) })
    const [from] = await client.getAddresses()
    await client.sendTransaction({ account: from!, chain: null, to: at, data: '0x00', gas: 100_000n })
    return at
  }

  it('refuses the RPC of another chain with exit code 2, before it writes anything', async () => {
    const process = start({ id: 10 })
    expect(await process.exited).toBe(2)
    expect(process.output()).toMatch(/no endpoint of made can be used\n.*serves chain id 31337, expected 10/)
    expect((await db.pool.query('SELECT 1 FROM chain')).rows).toEqual([])
  })

  it('asks tokens for symbol, name and decimals, and believes nothing absurd', async () => {
    const tokens: [string, Answers, unknown[]][] = [
      ['plain', { symbol: text('ABC'), name: text('A B C'), decimals: word(6n) }, ['ABC', 'A B C', 6]],
      [
        'bytes32',
        { symbol: bytes32('MKR'), name: bytes32('Maker'), decimals: word(18n) },
        ['MKR', 'Maker', 18],
      ],
      ['silent', {}, [null, null, null]],
      ['reverting', { symbol: 'revert', name: 'revert', decimals: 'revert' }, [null, null, null]],
      ['absurd', { symbol: text(''), name: text('x'), decimals: word(2n ** 255n) }, [null, 'x', null]],
      [
        'hostile',
        { symbol: text('\u001b[2J\0US\u202eDC'), name: text('y'.repeat(500)), decimals: word(78n) },
        ['\\u{1b}[2J\\u{0}US\\u{202e}DC', `${'y'.repeat(63)}…`, null],
      ],
    ]
    for (const [name, answers] of tokens) await token(name, answers)
    await client.mine({ blocks: 3 })
    const process = start()
    const head = async () => Number(await client.getBlockNumber())
    for (let tries = 0; tries < 60; tries++) {
      await client.mine({ blocks: 1 })
      if (
        await untilHead(db.pool, CHAIN_ID, await head(), { timeoutMs: 1_000, process }).then(
          () => true,
          () => false,
        )
      )
        break
    }
    let pending = 1
    for (let tries = 0; tries < 100 && pending > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      pending = Number(
        (await db.pool.query(`SELECT count(*) FROM asset WHERE metadata = 'pending'`)).rows[0].count,
      )
    }
    for (const [name, , expected] of tokens) {
      const { rows } = await db.pool.query(
        'SELECT symbol, name, decimals, metadata FROM asset WHERE address = $1',
        [address(name)],
      )
      expect([rows[0]?.symbol, rows[0]?.name, rows[0]?.decimals], name).toEqual(expected)
      expect(rows[0]?.metadata).toBe('fetched')
    }
    await process.kill()
  })

  it('refuses a chain whose history is not the one in the database', async () => {
    await client.mine({ blocks: 20 })
    const process = start()
    for (let tries = 0; tries < 60; tries++) {
      await client.mine({ blocks: 1 })
      const height = Number(await client.getBlockNumber())
      if (
        await untilHead(db.pool, CHAIN_ID, height, { timeoutMs: 1_000, process }).then(
          () => true,
          () => false,
        )
      )
        break
    }
    await process.kill()
    const other = await startAnvil({ chainId: CHAIN_ID, timestampSec: 1_600_000_000 })
    await createWorldClient(other.rpcUrl, CHAIN_ID).mine({ blocks: 60 })
    const before = (await db.pool.query('SELECT count(*) FROM batch')).rows
    const refused = start({ rpcUrl: other.wsUrl })
    expect(await refused.exited).toBe(2)
    expect(refused.output()).toContain("but the endpoint's chain does not")
    expect((await db.pool.query('SELECT count(*) FROM batch')).rows).toEqual(before)
    await other.stop()
  })

  it('does not take an endpoint that fails to answer for another chain: exit code 1, and no key shown', async () => {
    const rpc = await startLimitedRpc({
      target: anvil.rpcUrl,
      key: 'SECRETKEY',
      limited: (methods) => methods.includes('eth_getBlockByNumber'),
    })
    const process = start({ rpcUrl: rpc.url, startTimeoutMs: 3_000 })
    expect(await process.exited).toBe(1)
    await rpc.close()
    expect(rpc.refused()).toBeGreaterThan(0)
    expect(process.output()).toMatch(/no endpoint of made can be used\n.*HTTP status 429/)
    expect(process.output()).not.toContain('fresh database')
    expect(process.output()).not.toContain('SECRETKEY')
  })

  it('logs that an endpoint limits it, without its key', async () => {
    let checked = false
    const rpc = await startLimitedRpc({
      target: anvil.rpcUrl,
      key: 'SECRETKEY',
      // The start is answered, everything that evm-processor asks is not.
      limited: (methods) => {
        const limited = checked
        checked ||= methods.includes('eth_getBlockByNumber')
        return limited
      },
    })
    const process = start({ rpcUrl: rpc.url })
    const deadline = Date.now() + 30_000
    while (!process.output().includes('429') && Date.now() < deadline && !process.ended()) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await process.kill()
    await rpc.close()
    const host = `127.0.0.1:${new URL(rpc.url).port}`
    expect(process.output()).toContain(`${host} (endpoint 1) is set aside: HTTP status 429`)
    expect(process.output()).not.toContain('SECRETKEY')
  })

  it('without any endpoint says so', async () => {
    const none = spawnProcessor({ chain, databaseUrl: db.url, fromBlock: 0 })
    expect(await none.exited).toBe(2)
    expect(none.output()).toContain('neither an RPC endpoint nor a gateway')
  })
})
