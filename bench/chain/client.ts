/** Starts a bench chain in a process of its own and drives it. */
import { join } from 'node:path'
import { askRpc } from '../ask-rpc'
import { startChild } from '../children'
import type { Truth } from './truth'

export interface ChainSettings {
  seed: number
  chainId: number
  /** Height of the chain when it starts. */
  blocks: number
  /** Transfers a block. */
  logs: number
}

/** The head after a change. */
export interface Moved {
  height: number
  hash: string
  /** Monotonic clock of this machine (`process.hrtime`) just before the first new head was sent to subscribers. */
  announcedNs: string
}

export interface BenchChain {
  port: number
  httpUrl: string
  wsUrl: string
  mine(count?: number): Promise<Moved>
  /** Sends the head to subscribers again: one who came after it waits for the next otherwise. */
  announce(): Promise<Moved>
  /** Replaces the last `depth` blocks by `count` others. */
  reorg(depth: number, count: number): Promise<Moved>
  truth(): Promise<Truth>
  stop(): Promise<void>
}

export async function startBenchChain(settings: ChainSettings): Promise<BenchChain> {
  const child = startChild(process.execPath, ['--import', 'tsx', join(__dirname, 'server.ts')], {
    env: { ...process.env, PLIMSOLL_BENCH_CHAIN: JSON.stringify(settings) },
    channel: true,
  })
  const [, port] = await child.line(/"ready":true,"port":(\d+)/)
  const httpUrl = `http://127.0.0.1:${port}`
  return {
    port: Number(port),
    httpUrl,
    wsUrl: `ws://127.0.0.1:${port}`,
    mine: (count = 1) => askRpc(httpUrl, 'bench_mine', [count]),
    announce: () => askRpc(httpUrl, 'bench_announce'),
    reorg: (depth, count) => askRpc(httpUrl, 'bench_reorg', [depth, count]),
    truth: () => askRpc(httpUrl, 'bench_truth'),
    stop: () => child.kill(),
  }
}
