/**
 * Starts and stops one real anvil node for the local world.
 *
 * The binary comes from the npm platform package `@foundry-rs/anvil-<platform>-<arch>`. Two promises are kept
 * here: the node listens on loopback only, and it never outlives this process. On POSIX the node runs under a
 * small shell that blocks on a pipe held by this process; when this process dies, even by SIGKILL, the pipe
 * closes and the shell ends the node. The node sits in its own process group so that a terminal's Ctrl-C
 * reaches us first and the state can still be written.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { isPortFree } from '../src/supervisor/port'

/** The mnemonic every development node knows. Its keys are public: demo chain ids only. */
export const DEMO_MNEMONIC = 'test test test test test test test test test test test junk'
export const DEMO_ACCOUNT_COUNT = 60

/** How many blocks back an eth_call can look. */
export const HISTORICAL_STATES = 300

export type AnvilOptions = {
  chainId: number
  /** Wanted port; taken or absent → a free one is chosen and reported in `port`. */
  port?: number
  /** Genesis time in seconds; default: now. */
  timestampSec?: number
  /** A JSON state file (see state.ts) to resume from. */
  loadStateFile?: string
  /** How long to wait for the first answer; default 20 000. */
  readyTimeoutMs?: number
}

export type Anvil = {
  port: number
  rpcUrl: string
  wsUrl: string
  chainId: number
  /** Resolves with what the node said on stderr once it has exited, for whatever reason. */
  exited: Promise<{ code: number | null; stderr: string }>
  /** Ends the node and waits for it; calling it twice is harmless. */
  stop: () => Promise<void>
}

const WATCHED_BY_PIPE = [
  'exec 3<&0',
  '"$0" "$@" 3<&- </dev/null &',
  'pid=$!',
  '(read -r _ <&3; kill -TERM $pid 2>/dev/null) </dev/null >/dev/null 2>&1 &',
  'watcher=$!',
  'wait $pid',
  'code=$?',
  'kill $watcher 2>/dev/null',
  'exit $code',
].join('\n')

/**
 * The anvil binary for this machine: from the npm platform package where there is one, else Foundry's own `anvil` on the
 * PATH. Throws a message that names both.
 */
export function anvilBinary(
  platform: string = process.platform,
  arch: string = process.arch,
  searchPath: string = process.env.PATH ?? '',
): string {
  const file = platform === 'win32' ? 'anvil.exe' : 'anvil'
  const name = `@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}`
  const folders = searchPath.split(delimiter)
  try {
    folders.unshift(join(dirname(require.resolve(`${name}/package.json`)), 'bin'))
  } catch {
    // Not published for this platform, or installed with --omit=optional.
  }
  const found = folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    `no anvil for ${platform}-${arch}: the optional package ${name} is not installed and there is none on the PATH; ` +
      'run "npm ci" without --omit=optional, or install Foundry',
  )
}

/** Starts anvil without automatic mining (the caller mines or switches interval mining on) and waits until it answers. */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const wanted = options.port ?? 0
  const port = wanted > 0 && (await isPortFree('127.0.0.1', wanted)) ? wanted : 0
  const child = launch(anvilBinary(), anvilArguments(options, port))
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-8_000)
  })
  const exited = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, stderr: `${stderr}${error.message}` }))
    child.once('exit', (code) => resolve({ code, stderr }))
  })
  const stop = () => stopChild(child, exited)
  const timeoutMs = options.readyTimeoutMs ?? 20_000
  try {
    const bound = await boundPort(child, exited, timeoutMs)
    await assertChainId(`http://127.0.0.1:${bound}`, options.chainId, timeoutMs)
    const [rpcUrl, wsUrl] = [`http://127.0.0.1:${bound}`, `ws://127.0.0.1:${bound}`]
    return { port: bound, rpcUrl, wsUrl, chainId: options.chainId, exited, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function anvilArguments(options: AnvilOptions, port: number): string[] {
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(options.chainId)]
  args.push('--accounts', String(DEMO_ACCOUNT_COUNT), '--balance', '1000000', '--mnemonic', DEMO_MNEMONIC)
  args.push('--no-mining', '--order', 'fifo', '--gas-limit', '200000000', '--hardfork', 'osaka')
  // Old states would otherwise go to disk at megabytes a block; blocks and logs are kept for good.
  args.push('--prune-history', String(HISTORICAL_STATES))
  args.push('--timestamp', String(options.timestampSec ?? Math.floor(Date.now() / 1000)))
  if (options.loadStateFile !== undefined) args.push('--load-state', options.loadStateFile)
  return args
}

function launch(binary: string, args: string[]): ChildProcess {
  if (process.platform === 'win32') return spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  return spawn('/bin/sh', ['-c', WATCHED_BY_PIPE, binary, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Reads the port from the "Listening on" line, which anvil prints once its server is bound. */
async function boundPort(child: ChildProcess, exited: Anvil['exited'], timeoutMs: number): Promise<number> {
  let stdout = ''
  let timer: NodeJS.Timeout | undefined
  const announced = new Promise<number>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (stdout === 'done') return
      stdout = (stdout + chunk.toString()).slice(-64_000)
      const port = /Listening on [^\s:]+:(\d+)/.exec(stdout)?.[1]
      if (port === undefined) return
      stdout = 'done'
      resolve(Number(port))
    })
    timer = setTimeout(() => reject(new Error(`anvil was not ready within ${timeoutMs} ms`)), timeoutMs)
  })
  const died = exited.then(({ code, stderr }) => {
    throw new Error(`anvil exited with code ${code} before it was ready: ${stderr.trim() || 'no message'}`)
  })
  try {
    return await Promise.race([announced, died])
  } finally {
    clearTimeout(timer)
    announced.catch(() => {})
    died.catch(() => {})
  }
}

async function assertChainId(rpcUrl: string, chainId: number, timeoutMs: number): Promise<void> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const answer = (await response.json()) as { result?: string }
  if (Number(answer.result) !== chainId) {
    throw new Error(`anvil answers with chain id ${answer.result ?? 'none'}, expected ${chainId}`)
  }
}

async function stopChild(child: ChildProcess, exited: Anvil['exited']): Promise<void> {
  child.stdin?.end()
  if (child.exitCode === null && child.signalCode === null && process.platform === 'win32') child.kill()
  const forced = setTimeout(() => killGroup(child), 5_000)
  await exited
  clearTimeout(forced)
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** Ends the shell and the node together; both are in the process group that `launch` made for them. */
function killGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group has already gone.
  }
}
