import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorldClient } from '../../demo/client'

// Real nodes on a shared machine: slow when others are busy.
vi.setConfig({ testTimeout: 180_000 })

const ROOT = resolve(__dirname, '../..')
type Ready = {
  ready: true
  port: number
  http: string
  rpc: string
  resumed: boolean
  replayedBlocks: number
}

describe('the process of one chain', () => {
  let folder: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-demo-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    await rm(folder, { recursive: true, force: true })
  })

  async function start(port: number): Promise<{ child: ChildProcess; ready: Ready }> {
    const args = [
      '--import',
      'tsx',
      'demo/main.ts',
      '--chain',
      'lagoon',
      '--port',
      String(port),
      '--state-dir',
      folder,
    ]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let stderr = ''
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
    })
    for await (const line of createInterface({ input: child.stdout! })) {
      const message = JSON.parse(line) as Ready
      child.stdout?.resume()
      if (message.ready) return { child, ready: message }
    }
    throw new Error(`the process ended before it was ready: ${stderr}`)
  }

  it('chooses another port when its own is taken, loses no block to a kill, stops cleanly on SIGTERM', async () => {
    const squatter = createServer()
    await new Promise<void>((done) => squatter.listen(0, '127.0.0.1', done))
    const taken = (squatter.address() as { port: number }).port
    const first = await start(taken)
    expect(first.ready.port).not.toBe(taken)
    expect(first.ready.resumed).toBe(false)
    const client = createWorldClient(first.ready.http, 31338)
    while ((await client.getBlockNumber()) < 17n) await delay(100)
    const witness = await client.getBlock({ blockNumber: 16n })
    expect(witness.transactions.length).toBeGreaterThan(0)

    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    await expect.poll(() => answers(first.ready.http), { timeout: 5_000 }).toBe(false)

    const second = await start(0)
    expect(second.ready).toMatchObject({ resumed: true })
    expect(second.ready.replayedBlocks).toBeGreaterThanOrEqual(4)
    const resumed = createWorldClient(second.ready.http, 31338)
    expect((await resumed.getBlock({ blockNumber: 16n })).hash).toBe(witness.hash)
    const height = await resumed.getBlockNumber()
    while ((await resumed.getBlockNumber()) < height + 2n) await delay(100)
    const head = await resumed.getBlock()
    expect(Math.abs(Number(head.timestamp) - Date.now() / 1000)).toBeLessThan(5)

    second.child.kill('SIGTERM')
    const [code] = await once(second.child, 'exit')
    expect(code).toBe(0)
    expect(await answers(second.ready.http)).toBe(false)
    squatter.close()
  })
})

async function answers(url: string): Promise<boolean> {
  try {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return true
  } catch {
    return false
  }
}
