/** How many blocks of logs to ask an endpoint for at once: learned from its answers and its refusals. */
import type { Endpoint } from './endpoint'
import type { LogBlock } from './read-logs'
import type { RpcFailure } from './rpc-error'
import type { Heights } from './types'

/** Logs in one answer that keep both the number of requests and the memory small. */
const TARGET_LOGS = 6_000
const SLOW_MS = 5_000
/** Ranges that must go well before one is tried that is as large as what was refused. */
const CALM_RANGES = 50

/** It refused a range: asks for what it offers, or half. */
export function learnTooLarge(endpoint: Endpoint, { from, to }: Heights, failure: RpcFailure): void {
  const blocks = to - from + 1
  const offered = failure.suggestedBlocks
  if (offered !== undefined && offered < blocks) {
    endpoint.size.maxRangeBlocks = Math.min(endpoint.size.maxRangeBlocks, offered)
  } else endpoint.size.refusedBlocks = Math.min(endpoint.size.refusedBlocks, blocks)
  endpoint.size.calmRanges = 0
  endpoint.size.rangeBlocks = Math.max(
    1,
    Math.min(endpoint.size.rangeBlocks, offered ?? Number.MAX_SAFE_INTEGER, blocks >> 1),
  )
}

/** Aims at answers of a good size: shrinks at once when they are larger or slow, grows by doubling. */
export function learnSize(
  endpoint: Endpoint,
  range: Heights,
  seen: { logs: readonly LogBlock[]; ms: number },
): void {
  const blocks = range.to - range.from + 1
  const count = seen.logs.reduce((sum, block) => sum + block.logs.length, 0)
  endpoint.size.calmRanges++
  if (endpoint.size.calmRanges >= CALM_RANGES) endpoint.size.refusedBlocks = Number.MAX_SAFE_INTEGER
  if (count > TARGET_LOGS * 1.5 || seen.ms > SLOW_MS) {
    const fit = Math.floor((blocks * TARGET_LOGS) / Math.max(count, TARGET_LOGS))
    endpoint.size.rangeBlocks = Math.max(1, seen.ms > SLOW_MS ? Math.min(fit, blocks >> 1) : fit)
  } else if (blocks >= endpoint.size.rangeBlocks && count < TARGET_LOGS / 1.5) {
    const fit = count === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((blocks * TARGET_LOGS) / count)
    const most = Math.min(endpoint.size.maxRangeBlocks, Math.floor(endpoint.size.refusedBlocks * 0.75))
    endpoint.size.rangeBlocks = Math.max(1, Math.min(endpoint.size.rangeBlocks * 2, fit, most))
  }
}
