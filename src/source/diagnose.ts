/**
 * What can be said of an endpoint by asking it: `plimsoll doctor`. Each finding says what to do when it is not well.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainSpec } from '../chains/types'
import { messageOf } from '../errors'
import { type Endpoint, openEndpoint } from './endpoint'
import { readHeader } from './headers'
import { quantity } from './log-request'
import { cannotVerify, verifyReceipts } from './receipts'
import { readReceipts } from './receipts-read'
import { RpcFailure } from './rpc-error'
import type { EndpointSpec, Verification } from './types'

export interface Finding {
  level: 'ok' | 'warn' | 'fail'
  /** What was looked at, such as a setting or an endpoint. Fit to be shown. */
  subject: string
  message: string
  /** What to do. */
  hint?: string
}

const TIMEOUT_MS = 8_000
const SLOW_MS = 500
const PINGS = 3
/** Block times without a head after which an endpoint is stale. */
const STALE_BLOCK_TIMES = 20
const STALE_MIN_SEC = 120
const HEAD_WAIT_MS = 6_000
const RANGES = [100_000, 10_000, 2_000, 500, 100, 10]
const GOOD_RANGE = 2_000
/** Emits nothing: only the range matters. */
const NOBODY = '0x00000000000000000000000000000000000d0c70'

interface Asked {
  endpoint: Endpoint
  chain: Pick<ChainSpec, 'id' | 'name' | 'kind' | 'blockTimeSec' | 'startBlock' | 'finalityDepthBlocks'>
  verify: Verification
}

/** Asks an endpoint for everything that the source will need of it. Never rejects. */
export async function diagnoseEndpoint(
  spec: EndpointSpec,
  ordinal: number,
  options: Omit<Asked, 'endpoint'>,
): Promise<Finding[]> {
  const { chain } = options
  const endpoint = openEndpoint(spec, ordinal, { chainId: chain.id, chainName: chain.name, quiet: true })
  const asked = { ...options, endpoint }
  try {
    await Promise.race([endpoint.probe(), sleep(TIMEOUT_MS)])
    if (!endpoint.isHealthy()) {
      const wrong = endpoint.health.state === 'lying'
      return [
        {
          level: 'fail',
          subject: endpoint.name,
          message: endpoint.health.reason ?? 'does not answer',
          hint: wrong
            ? 'it belongs to another chain: correct the setting'
            : 'check the address, the key and the network',
        },
      ]
    }
    const checks = [checkHead, checkLatency, checkAnnouncements, checkHistory, checkRange, checkReceipts]
    const findings: Finding[] = []
    for (const check of checks) {
      findings.push(
        await check(asked).catch((error: unknown) => ({
          level: 'warn' as const,
          subject: endpoint.name,
          message: `${check.name.replace('check', '').toLowerCase()} could not be checked: ${messageOf(error)}`,
        })),
      )
    }
    return findings
  } finally {
    endpoint.close()
  }
}

async function checkHead({ endpoint, chain }: Asked): Promise<Finding> {
  const block = await endpoint.call('eth_getBlockByNumber', ['latest', false], TIMEOUT_MS)
  const { height, timestampSec } = readHeader(block, chain.id).ref
  const ageSec = Math.max(0, Math.round(Date.now() / 1000 - timestampSec))
  const limitSec = Math.max(STALE_MIN_SEC, STALE_BLOCK_TIMES * chain.blockTimeSec)
  const message = `chain id ${chain.id}, head ${height}, ${ageSec} s old`
  if (ageSec <= limitSec || chain.kind === 'local') return { level: 'ok', subject: endpoint.name, message }
  return {
    level: 'warn',
    subject: endpoint.name,
    message,
    hint: 'the node is not in sync, or stopped following its chain',
  }
}

async function checkLatency({ endpoint }: Asked): Promise<Finding> {
  const took: number[] = []
  for (let i = 0; i < PINGS; i++) {
    const started = performance.now()
    await endpoint.call('eth_blockNumber', [], TIMEOUT_MS)
    took.push(performance.now() - started)
  }
  const ms = took.sort((a, b) => a - b)[PINGS >> 1] as number
  const message = `answers in ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  if (ms <= SLOW_MS) return { level: 'ok', subject: endpoint.name, message }
  return {
    level: 'warn',
    subject: endpoint.name,
    message,
    hint: 'an endpoint nearer by shortens the delay to the head',
  }
}

async function checkAnnouncements({ endpoint, chain }: Asked): Promise<Finding> {
  const subject = endpoint.name
  if (!endpoint.transport.subscribeHeads) {
    return {
      level: 'ok',
      subject,
      message: 'heads by polling (http); a ws endpoint would announce them at once',
    }
  }
  let up = false
  let heads = 0
  const stop = endpoint.transport.subscribeHeads({
    onUp: (is) => {
      up = is
    },
    onHead: () => heads++,
  })
  const waitMs = Math.min(HEAD_WAIT_MS, 2_000 + chain.blockTimeSec * 1000)
  const deadline = Date.now() + waitMs
  while (heads === 0 && Date.now() < deadline) await sleep(50)
  stop()
  if (heads > 0) return { level: 'ok', subject, message: 'announces heads' }
  if (up)
    return { level: 'ok', subject, message: `takes subscriptions; no head came within ${waitMs / 1000} s` }
  return {
    level: 'warn',
    subject,
    message: 'announces no heads',
    hint: 'its heads will be polled; check its plan',
  }
}

async function checkHistory({ endpoint, chain }: Asked): Promise<Finding> {
  const subject = endpoint.name
  const tag = quantity(chain.startBlock)
  try {
    readHeader(
      await endpoint.call('eth_getBlockByNumber', [tag, false], TIMEOUT_MS),
      chain.id,
      chain.startBlock,
    )
    await endpoint.call('eth_getLogs', [{ fromBlock: tag, toBlock: tag, address: NOBODY }], TIMEOUT_MS)
  } catch (error) {
    return {
      level: 'fail',
      subject,
      message: `has no blocks or logs of block ${chain.startBlock}, where ${chain.name} begins: ${messageOf(error)}`,
      hint: 'use an endpoint with history, a gateway for it, or a later first block (_FROM)',
    }
  }
  const state = await endpoint.call('eth_getBalance', [NOBODY, tag], TIMEOUT_MS).catch(() => undefined)
  if (state !== undefined)
    return { level: 'ok', subject, message: `archive: has logs and state from block ${chain.startBlock}` }
  return {
    level: 'warn',
    subject,
    message: `has logs from block ${chain.startBlock} but no state that old`,
    hint: 'prices that need a call at an old block are left out; an archive node gives them',
  }
}

async function checkRange({ endpoint, chain }: Asked): Promise<Finding> {
  const subject = endpoint.name
  const to = Math.max(0, (endpoint.head?.height ?? 0) - chain.finalityDepthBlocks)
  for (const blocks of RANGES) {
    const from = Math.max(0, to - blocks + 1)
    try {
      const params = [{ fromBlock: quantity(from), toBlock: quantity(to), address: NOBODY }]
      await endpoint.call('eth_getLogs', params, TIMEOUT_MS)
    } catch (error) {
      if (error instanceof RpcFailure && error.kind === 'rate-limit') await sleep(1_000)
      continue
    }
    const message = `eth_getLogs takes ${to - from + 1} blocks at once`
    if (blocks >= GOOD_RANGE || from === 0) return { level: 'ok', subject, message }
    return {
      level: 'warn',
      subject,
      message,
      hint: 'history will take long; another plan or a gateway is faster',
    }
  }
  return {
    level: 'fail',
    subject,
    message: 'eth_getLogs refuses even 10 blocks',
    hint: 'this endpoint cannot be used',
  }
}

async function checkReceipts({ endpoint, chain, verify }: Asked): Promise<Finding> {
  const subject = endpoint.name
  const reason = cannotVerify(chain.id)
  if (verify === 'receipts' && reason !== undefined) {
    return {
      level: 'fail',
      subject,
      message: `receipts of ${chain.name} cannot be verified: ${reason}`,
      hint: `set PLIMSOLL_${chain.name.toUpperCase()}_VERIFY=none`,
    }
  }
  const height = endpoint.head?.height ?? 0
  const header = readHeader(
    await endpoint.call('eth_getBlockByNumber', [quantity(height), false], TIMEOUT_MS),
    chain.id,
    height,
  )
  const receipts = (await readReceipts(endpoint, [{ header, txIndexes: undefined }])).get(height) ?? []
  const how = endpoint.lacks.has('eth_getBlockReceipts') ? 'one by one' : 'by block'
  if (verify !== 'receipts') return { level: 'ok', subject, message: `gives receipts ${how}` }
  try {
    await verifyReceipts(header, receipts)
    return { level: 'ok', subject, message: `gives receipts ${how}; those of block ${height} match its root` }
  } catch (error) {
    return { level: 'fail', subject, message: messageOf(error), hint: 'do not use this endpoint' }
  }
}

/** Asks a gateway for its height. Never rejects. */
export async function diagnoseGateway(gatewayUrl: string): Promise<Finding> {
  const subject = `gateway ${new URL(gatewayUrl).host}`
  try {
    const response = await fetch(`${gatewayUrl.replace(/\/$/, '')}/height`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const height = Number(await response.text())
    if (response.ok && Number.isSafeInteger(height))
      return { level: 'ok', subject, message: `height ${height}` }
    return {
      level: 'fail',
      subject,
      message: `HTTP status ${response.status} for its height`,
      hint: 'check the address',
    }
  } catch (error) {
    return {
      level: 'fail',
      subject,
      message: `does not answer: ${messageOf(error)}`,
      hint: 'check the address',
    }
  }
}
