/** The local world's chains: one process each, running demo/main.ts; and whether they are still the chains we indexed. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PlimsollError } from '../errors'
import { packageRoot } from '../package-root'
import { type Child, startChild } from './child'

export const LOCAL_CHAINS = ['harbor', 'lagoon'] as const

export interface LocalWorld {
  child: Child
  chainName: string
  /** WebSocket URL of its node. */
  rpcUrl: string
  /** Address of the RiskOracle, on the chain that carries it. */
  riskOracle: string | undefined
}

const READY_TIMEOUT_MS = 120_000

/**
 * Starts a chain of the local world and waits until it is ready; it resumes from its state folder.
 * When its process had to be started again it asks for the port it had.
 * @param onMoved called when that port was taken and it is at another URL now
 * @throws PlimsollError with the last lines of its output when it is not ready within two minutes
 */
export async function startWorld(options: {
  chainName: string
  dataDir: string
  onMoved: (rpcUrl: string) => void
  /** Called at once, so that the process can be stopped while it is still getting ready. */
  onChild: (child: Child) => void
}): Promise<LocalWorld> {
  const { chainName, dataDir } = options
  let announce: (message: Readonly<Record<string, unknown>>) => void = () => undefined
  let rpcUrl: string | undefined
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    announce = resolve
  })
  const child = startChild({
    name: chainName,
    args: () => [
      '--import',
      pathToFileURL(require.resolve('tsx')).href,
      join(packageRoot, 'demo', 'main.ts'),
      '--chain',
      chainName,
      '--state-dir',
      join(dataDir, 'chains', chainName),
      '--parent-pid',
      String(process.pid),
      '--port',
      rpcUrl === undefined ? '0' : new URL(rpcUrl).port,
    ],
    env: {},
    logFile: join(dataDir, 'logs', `${chainName}.log`),
    onMessage: (message) => {
      if (message.ready !== true || typeof message.rpc !== 'string') return
      const moved = rpcUrl !== undefined && rpcUrl !== message.rpc
      rpcUrl = message.rpc
      announce(message)
      if (moved) options.onMoved(message.rpc)
    },
  })
  options.onChild(child)
  const message = await Promise.race([ready, failure(child)])
  return {
    child,
    chainName,
    rpcUrl: String(message.rpc),
    riskOracle: (message.oracle as { riskOracle?: string } | undefined)?.riskOracle,
  }
}

async function failure(child: Child): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, READY_TIMEOUT_MS).unref())
  throw new PlimsollError(`the local chain ${child.name} was not ready within ${READY_TIMEOUT_MS / 1000} s`, {
    details: child.tail().slice(-5),
  })
}
