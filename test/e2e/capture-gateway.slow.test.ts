/**
 * A gateway that is busy, down, cut off, talks garbage or stops short: evm-processor waits and asks again, or ends and
 * is started again by its supervisor. Either way nothing is lost and nothing doubled.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CaptureGateway, startGateway } from '../../src/source/gateway'
import { dataPath, describeWithData } from '../support/data'
import { type TestDatabase, testDatabase } from '../support/database'
import { CORE_TABLES, compareDatabases } from '../support/equality'
import { spawnProcessor, testChain } from '../support/processor'

const FILE = 'captures/ethereum-17686110.ndjson.gz'
const chain = testChain({ id: 1, name: 'ethereum' })

type Fault = 'busy' | 'down' | 'cut' | 'garbage' | 'truncated' | 'gapped' | 'foreign'

/** How the first queries fail, one after the other; later ones are answered. */
const PLAN: (Fault | 'ok')[] = [
  'ok',
  'busy',
  'ok',
  'garbage',
  'ok',
  'down',
  'truncated',
  'cut',
  'ok',
  'gapped',
  'foreign',
  'ok',
]

interface Block {
  header: { number: number; hash: string; parentHash: string }
}

describeWithData('a hostile gateway', [FILE], () => {
  let gateway: CaptureGateway
  let proxy: Server
  let url = ''
  let hostile: TestDatabase
  let calm: TestDatabase
  const seen: Fault[] = []
  let queries = 0

  function spoil(fault: Fault, body: string, request: IncomingMessage, response: ServerResponse): void {
    seen.push(fault)
    const json = { 'content-type': 'application/json' }
    const blocks = (): Block[] => JSON.parse(body)
    if (fault === 'busy') response.writeHead(429).end('slow down')
    else if (fault === 'down') response.writeHead(503).end('back soon')
    else if (fault === 'cut') request.socket.destroy()
    else if (fault === 'garbage') response.writeHead(200, json).end('<html>proxy error</html>')
    else if (fault === 'truncated') response.writeHead(200, json).end(body.slice(0, body.length / 2))
    else if (fault === 'gapped') {
      const kept = blocks().filter((_, i, all) => all.length < 3 || i !== 1)
      response.writeHead(200, json).end(JSON.stringify(kept))
    } else {
      const forged = blocks().map((b) => ({
        ...b,
        header: { ...b.header, parentHash: `0x${'f'.repeat(64)}` },
      }))
      response.writeHead(200, json).end(JSON.stringify(forged))
    }
  }

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let query = ''
    for await (const part of request) query += part
    const init = request.method === 'POST' ? { method: 'POST', body: query } : {}
    const answer = await fetch(`${gateway.url}${request.url}`, init)
    const body = (await answer.text()).replaceAll(gateway.url, url)
    // Asking for a single block is evm-processor's look whether the chain is the same; spoil only the data.
    const isData = request.method === 'POST' && JSON.parse(query).fields !== undefined
    const fault = isData ? PLAN[queries++] : undefined
    if (fault !== undefined && fault !== 'ok') return spoil(fault, body, request, response)
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
      .end(body)
  }

  beforeAll(async () => {
    hostile = await testDatabase({ chainIds: [1] })
    calm = await testDatabase({ chainIds: [1] })
    // Two blocks or so a response, so that there are enough queries to spoil.
    gateway = await startGateway(dataPath(FILE)!, { logsPerResponse: 700 })
    proxy = createServer((request, response) => void relay(request, response).catch(() => response.destroy()))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    proxy.close()
    proxy.closeAllConnections()
    await gateway.close()
    await hostile.drop()
    await calm.drop()
  })

  it('costs time, not rows', async () => {
    const ends: (number | string)[] = []
    while (ends.at(-1) !== 0 && ends.length < 15) {
      const process = spawnProcessor({ chain, databaseUrl: hostile.url, gatewayUrl: url, fromBlock: 0 })
      ends.push(await process.exited)
      if (ends.at(-1) !== 0) expect(process.output(), 'says why it ended').toMatch(/"level":5/)
    }
    const undisturbed = spawnProcessor({
      chain,
      databaseUrl: calm.url,
      gatewayUrl: gateway.url,
      fromBlock: 0,
    })
    expect(await undisturbed.exited).toBe(0)
    expect(ends.at(-1)).toBe(0)
    expect(new Set(ends.slice(0, -1))).toEqual(new Set([1]))
    expect(new Set(seen)).toEqual(new Set(PLAN.filter((step) => step !== 'ok')))

    const { differences, rows } = await compareDatabases(hostile.pool, calm.pool)
    expect(differences).toEqual([])
    for (const table of CORE_TABLES) expect(rows[table], table).toBeGreaterThan(0)
    expect(rows.block).toBe(18)
  })
})
