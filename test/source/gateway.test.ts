/** The local gateway speaks the protocol that evm-processor expects, and applies its filters. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CaptureGateway, startGateway } from '../../src/source/gateway'
import { captureInfo } from '../../src/source/gateway-client'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-gateway-'))
const hash = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
const addressOf = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`

/** Block with one transaction and one log a number given: log emitter and topic0 are that number. */
function line(height: number, numbers: number[]): string {
  const txHash = (i: number): string => hash(height * 1000 + i)
  const transactions = numbers.map((n, i) => ({
    hash: txHash(i),
    transactionIndex: `0x${i.toString(16)}`,
    from: addressOf(500 + n),
    to: addressOf(600 + n),
    value: '0x0',
    input: '0xa9059cbb0000',
    nonce: '0x1',
  }))
  const receipts = numbers.map((n, i) => ({
    transactionHash: txHash(i),
    blockHash: hash(height),
    gasUsed: '0x1',
    status: '0x1',
    contractAddress: null,
    logs: [
      {
        address: addressOf(n),
        topics: [hash(n)],
        data: '0x',
        blockHash: hash(height),
        transactionHash: txHash(i),
        transactionIndex: `0x${i.toString(16)}`,
        logIndex: `0x${i.toString(16)}`,
      },
    ],
  }))
  const block = {
    number: `0x${height.toString(16)}`,
    hash: hash(height),
    parentHash: hash(height - 1),
    timestamp: '0x64',
    transactions,
  }
  return JSON.stringify({ chainId: 5, block, receipts })
}

interface GatewayBlock {
  header: { number: number; hash: string }
  logs: { address: string; logIndex: number }[]
  transactions: { transactionIndex: number; input?: string; sighash: string }[]
}

let gateway: CaptureGateway

async function query(body: object, from = gateway): Promise<GatewayBlock[]> {
  const worker = await (await fetch(`${from.url}/10/worker`)).text()
  const response = await fetch(worker, { method: 'POST', body: JSON.stringify(body) })
  expect(response.status).toBe(200)
  return (await response.json()) as GatewayBlock[]
}

function file(name: string, lines: string[]): string {
  writeFileSync(join(dir, name), lines.join('\n'))
  return join(dir, name)
}

beforeAll(async () => {
  const lines = [line(10, [1, 2]), line(11, [3]), line(12, [1, 3]), line(20, [2]), line(21, [])]
  gateway = await startGateway(file('a', lines))
})

afterAll(async () => {
  await gateway.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('the gateway over a capture', () => {
  it('says its height, worker, chain and runs of blocks', async () => {
    expect(await (await fetch(`${gateway.url}/height`)).text()).toBe('21')
    expect(gateway.url).toContain('127.0.0.1')
    const ranges = [
      { from: 10, to: 12 },
      { from: 20, to: 21 },
    ]
    expect(await captureInfo(gateway.url)).toEqual({ chainId: 5, ranges })
    expect([gateway.chainId, gateway.blockCount, gateway.logCount]).toEqual([5, 5, 6])
    expect(await gateway.hashAt(12)).toBe(hash(12))
    expect(await gateway.hashAt(19)).toBe(hash(19))
    expect(await gateway.hashAt(15)).toBeUndefined()
  })

  it('filters logs by topic and address, with their transactions, and ends with the last block reached', async () => {
    const found = await query({
      fromBlock: 10,
      toBlock: 12,
      logs: [{ topic0: [hash(1)], transaction: true }],
    })
    expect(found.map((block) => [block.header.number, block.logs.length, block.transactions.length])).toEqual(
      [
        [10, 1, 1],
        [12, 1, 1],
      ],
    )
    const none = await query({ fromBlock: 10, toBlock: 11, logs: [{ address: [addressOf(9)] }] })
    expect(none.map((block) => [block.header.number, block.logs])).toEqual([[11, []]])
    expect(await query({ fromBlock: 10, toBlock: 10, logs: [{ topic0: [] }] })).toHaveLength(1)
  })

  it('gives all blocks and transactions when asked, call data only then', async () => {
    const blocks = await query({ fromBlock: 10, toBlock: 12, includeAllBlocks: true, transactions: [{}] })
    expect(blocks.map((block) => block.transactions.length)).toEqual([2, 1, 2])
    expect(blocks[0]?.transactions[0]).toMatchObject({ sighash: '0xa9059cbb' })
    expect(blocks[0]?.transactions[0]?.input).toBeUndefined()
    const fields = { transaction: { input: true } }
    const [block] = await query({ fromBlock: 10, toBlock: 10, transactions: [{}], fields })
    expect(block?.transactions[0]?.input).toBe('0xa9059cbb0000')
  })

  it('stops early once a response holds enough logs, losing nothing', async () => {
    const small = await startGateway(join(dir, 'a'), { logsPerResponse: 1 })
    const seen: number[] = []
    for (let from = 10; from <= 21; ) {
      const blocks = await query({ fromBlock: from, toBlock: 21, logs: [{}] }, small)
      for (const block of blocks) seen.push(...block.logs.map(() => block.header.number))
      from = (blocks.at(-1)?.header.number ?? 21) + 1
    }
    expect(seen).toEqual([10, 10, 11, 12, 12, 20])
    await small.close()
  })

  it('answers what it does not have or understand with an error, and lives on', async () => {
    const post = (body: string) => fetch(`${gateway.url}/query`, { method: 'POST', body })
    expect((await post(JSON.stringify({ fromBlock: 99 }))).status).toBe(404)
    expect((await post('{')).status).toBe(400)
    expect((await post('{"fromBlock":-1}')).status).toBe(400)
    expect((await fetch(`${gateway.url}/elsewhere`)).status).toBe(404)
    expect((await post(JSON.stringify({ fromBlock: 10 }))).status).toBe(200)
  })

  it('refuses a capture without blocks', async () => {
    await expect(startGateway(file('empty', []))).rejects.toThrow('holds no block')
  })
})
