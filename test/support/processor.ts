/** Real processor processes for tests: started, killed, watched until they end or reach a height. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainSpec } from '../../src/chains/types'
import type { Pool } from '../../src/db/pool'
import type { ProcessorOptions } from '../../src/processor/main'

export interface ProcessorProcess {
  child: ChildProcess
  /** Exit code, or the signal's name. */
  exited: Promise<number | string>
  /** True once it has ended. */
  ended(): boolean
  /** What it wrote so far. */
  output(): string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a processor in a process of its own. */
export function spawnProcessor(options: Omit<ProcessorOptions, 'protocols'>): ProcessorProcess {
  const child = spawn(process.execPath, [join(__dirname, 'processor-child.cjs')], {
    env: { ...process.env, PLIMSOLL_TEST_PROCESSOR: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000)
    })
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return {
    child,
    exited,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    output: () => output,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** A chain description for tests: everything of everyone, nothing vouched for unless given. */
export function testChain(spec: Partial<ChainSpec> & { id: number; name: string }): ChainSpec {
  return {
    title: spec.name,
    kind: 'public',
    finalityDepthBlocks: 12,
    blockTimeSec: 1,
    startBlock: 0,
    transactions: 'all',
    blocks: 'all',
    tokenLogs: 'all',
    scoreEveryBlocks: 4,
    tokens: [],
    feeds: [],
    contracts: [],
    ...spec,
  }
}

/** Waits until a chain's committed head is `height`. */
export async function untilHead(
  pool: Pool,
  chainId: number,
  height: number,
  options: { hash?: string; timeoutMs?: number; process?: ProcessorProcess } = {},
): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? 60_000)
  for (;;) {
    const { rows } = await pool
      .query('SELECT head_height, head_hash FROM chain WHERE chain_id = $1', [chainId])
      .catch(() => ({ rows: [] }))
    const head = rows[0]
    if (Number(head?.head_height) === height && (!options.hash || head.head_hash === options.hash)) return
    if (Date.now() > deadline || options.process?.ended()) {
      throw new Error(
        `chain ${chainId} is at ${head?.head_height} ${head?.head_hash}, not ${height} ${options.hash ?? ''}\n${
          options.process?.output().slice(-3_000) ?? ''
        }`,
      )
    }
    await sleep(50)
  }
}
