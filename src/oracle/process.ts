/** What the publisher's and the signers' processes have in common: settings, connections, and the loop. */
import type { LocalAccount } from 'viem'
import { type ChainClient, chainClient, requireChainId } from '../chains/client'
import { CHAINS } from '../chains/registry'
import { type Config, type KeySource, requireDbUrl } from '../config'
import { listen, openPool, type Pool } from '../db/pool'
import { PlimsollError } from '../errors'
import { logger } from '../log'
import { faultOf } from './fault'
import { loadAccount } from './keys'
import type { OracleTarget } from './report'

/** A look at the tables at least this often: a notification only wakes, and may be lost. */
const INTERVAL_MS = 1_000
/** Notifications closer together than this are one. */
const QUIET_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** After this many failures in a row the process ends and its supervisor starts it anew. */
const MAX_FAILURES = 30
const CHANNELS = ['plimsoll_batch', 'plimsoll_oracle_report', 'plimsoll_oracle_signature']

export interface OracleProcess {
  url: string
  pool: Pool
  client: ChainClient
  account: LocalAccount
  target: OracleTarget
  finalityDepthBlocks: number
}

/**
 * Opens what an oracle process needs and checks that endpoint, chain and key fit together.
 * @param key the process's own key and the setting it comes from
 * @throws PlimsollError with exit code 2 for a setting that is missing or wrong
 */
export async function openOracle(
  config: Config,
  key: { source: KeySource | undefined; setting: string; application: string },
): Promise<OracleProcess> {
  const { chainName, contract } = config.oracle
  const spec = CHAINS[chainName]
  if (spec === undefined) throw new PlimsollError(`unknown oracle chain ${chainName}`, { exitCode: 2 })
  const rpcUrl = config.oracle.rpcUrl ?? config.chains.find((chain) => chain.spec.name === chainName)?.rpcUrl
  const missing = [
    ...(rpcUrl === undefined ? ['PLIMSOLL_ORACLE_RPC is not set'] : []),
    ...(contract === undefined ? ['PLIMSOLL_ORACLE_CONTRACT is not set'] : []),
  ]
  if (rpcUrl === undefined || contract === undefined) {
    throw new PlimsollError('the oracle is not configured', { details: missing, exitCode: 2 })
  }
  const account = loadAccount(key.source, key.setting, BigInt(spec.id))
  const client = chainClient(rpcUrl)
  await requireChainId(client, spec.id, chainName)
  const url = requireDbUrl(config)
  return {
    url,
    pool: openPool(url, { application: key.application }),
    client,
    account,
    target: { chainId: BigInt(spec.id), contract },
    finalityDepthBlocks: spec.finalityDepthBlocks,
  }
}

/**
 * Takes turns until `signal` aborts: when something is notified, and at least every second. A turn that fails is
 * taken again after a growing pause.
 * @throws the last error after 30 failures in a row
 */
export async function takeTurns(
  room: string,
  url: string,
  turn: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const log = logger(room)
  let wake: () => void = () => undefined
  const listener = await listen(url, CHANNELS, () => wake())
  const onAbort = () => wake()
  signal?.addEventListener('abort', onAbort)
  try {
    for (let failures = 0; !signal?.aborted; ) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      try {
        await turn()
        failures = 0
      } catch (error) {
        failures++
        log.warn(`turn failed (${failures} in a row): ${faultOf(error)}`)
        if (failures >= MAX_FAILURES) throw error
      }
      if (failures > 0) await pause(Math.min(INTERVAL_MS * failures, LONGEST_PAUSE_MS), signal)
      else await Promise.race([woken, pause(INTERVAL_MS, signal)])
      await pause(QUIET_MS, signal)
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await listener.close()
  }
}

function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, durationMs)
    signal?.addEventListener('abort', done)
  })
}
