/**
 * A token bucket. Three quarters of the allowed rate trickle in steadily, a tenth may be spent at once, and a batch
 * (`maxBatch`) is at most a fifth: so no window of a second holds more than the endpoint allows.
 */
const STEADY = 0.75
const BURST = 0.1
const BATCH = 0.2

/** Calls that may travel as one batch. */
export function maxBatch(maxPerSec: number | undefined, most: number): number {
  return maxPerSec === undefined ? most : Math.max(1, Math.min(most, Math.floor(maxPerSec * BATCH)))
}

export interface RateLimit {
  /** How long `count` calls would have to wait now, in milliseconds. */
  waitMs(count: number): number
  /** Takes `count` tokens and resolves when they are due; the order of callers is kept. */
  take(count: number): Promise<void>
}

export function rateLimit(
  maxPerSec: number | undefined,
  now: () => number = () => performance.now(),
): RateLimit {
  if (maxPerSec === undefined) return { waitMs: () => 0, take: () => Promise.resolve() }
  const perMs = (maxPerSec * STEADY) / 1000
  const burst = Math.max(1, maxPerSec * BURST)
  let tokens = burst
  let filledAtMs = now()

  function refill(): void {
    const at = now()
    tokens = Math.min(burst, tokens + (at - filledAtMs) * perMs)
    filledAtMs = at
  }

  function waitMs(count: number): number {
    refill()
    // A debt is allowed to those who wait: a batch larger than the burst would never be sent otherwise.
    return tokens >= count ? 0 : Math.ceil((count - tokens) / perMs)
  }

  return {
    waitMs,
    async take(count) {
      const ms = waitMs(count)
      tokens -= count
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    },
  }
}
