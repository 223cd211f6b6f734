/**
 * The newest block, as the endpoints tell it: by announcement over WebSocket, else by asking for it. One endpoint leads
 * at a time; its heads are believed, reorgs included, also to a block of the same height, which a poll of the height
 * alone would miss. Another takes over when the leader is set aside, or is behind.
 */
import { logger } from '../log'
import type { Endpoint } from './endpoint'
import type { Endpoints } from './endpoints'
import { type Header, readHeader } from './headers'
import { EndpointLie } from './rpc-error'

export interface Head {
  header: Header
  endpoint: Endpoint
}

export interface Heads {
  current(): Head | undefined
  /** Calls the listener for every new head; returns what ends it. */
  subscribe(listener: (head: Head) => void): () => void
  /** The current head, or the first one. */
  known(): Promise<Head>
  close(): void
}

interface HeadsOptions {
  endpoints: Endpoints
  chain: { id: number; name: string; finalityDepthBlocks: number; blockTimeSec: number }
}

const MIN_POLL_MS = 50
const MAX_POLL_MS = 1_000
/** How often endpoints that do not lead are asked, so that their heads are known when one must take over. */
const IDLE_POLL_MS = 10_000
/** A leader this far behind another endpoint for this long loses the lead. */
const BEHIND_BLOCKS = 2
const BEHIND_MS = 1_500

export function followHeads({ endpoints, chain }: HeadsOptions): Heads {
  const log = logger(`source:${chain.name}`)
  const listeners = new Set<(head: Head) => void>()
  /** Newest head of each endpoint. */
  const seen = new Map<Endpoint, Header>()
  /** Endpoints that announce their heads now. */
  const announcing = new Set<Endpoint>()
  const behindSinceMs = new Map<Endpoint, number>()
  const stops: (() => void)[] = []
  let current: Head | undefined
  let leader: Endpoint | undefined
  let closed = false

  function publish(endpoint: Endpoint, header: Header): void {
    if (current?.header.ref.hash === header.ref.hash) return
    current = { header, endpoint }
    for (const listener of listeners) listener(current)
  }

  function note(endpoint: Endpoint, header: Header): void {
    const previous = seen.get(endpoint)
    const { height, hash } = header.ref
    if (previous && previous.ref.height - height > chain.finalityDepthBlocks) {
      endpoint.failed(
        new EndpointLie(
          'head-backwards',
          `its head went back from block ${previous.ref.height} to ${height}, deeper than any reorg`,
        ),
      )
      // Asked again after the pause, it may have become a chain of its own; what it said before is forgotten then.
      seen.delete(endpoint)
      return
    }
    seen.set(endpoint, header)
    endpoint.head = { height, hash, atMs: Date.now() }
    lead(endpoint)
  }

  /** Lets an endpoint lead where there is reason to, and publishes the leader's news. */
  function lead(candidate: Endpoint): void {
    const header = seen.get(candidate)
    if (!header || !candidate.isHealthy()) return
    if (leader === undefined || !leader.isHealthy()) leader = candidate
    else if (leader !== candidate) {
      const lagBlocks = header.ref.height - (seen.get(leader)?.ref.height ?? -1)
      if (lagBlocks <= 0) behindSinceMs.delete(candidate)
      else if (!behindSinceMs.has(candidate)) behindSinceMs.set(candidate, Date.now())
      const sinceMs = behindSinceMs.get(candidate)
      const isBehind =
        lagBlocks >= BEHIND_BLOCKS && sinceMs !== undefined && Date.now() - sinceMs >= BEHIND_MS
      if (!isBehind) return
      log.warn(`${leader.name} is ${lagBlocks} blocks behind ${candidate.name}, which leads now`)
      leader = candidate
      behindSinceMs.clear()
    }
    publish(candidate, header)
  }

  /** The leader was set aside: whoever is best takes over with what it last said, if that is news. */
  function succeed(): void {
    if (leader?.isHealthy()) return
    const candidates = endpoints.healthy().filter((endpoint) => seen.has(endpoint))
    candidates.sort(
      (a, b) =>
        Number(announcing.has(b)) - Number(announcing.has(a)) ||
        (seen.get(b)?.ref.height ?? 0) - (seen.get(a)?.ref.height ?? 0),
    )
    const next = candidates[0]
    if (!next) return
    leader = next
    const header = seen.get(next)
    if (header && header.ref.height >= (current?.header.ref.height ?? 0)) publish(next, header)
  }

  async function poll(endpoint: Endpoint): Promise<void> {
    const before = seen.get(endpoint)
    try {
      const header = readHeader(
        await endpoint.call('eth_getBlockByNumber', ['latest', false], 5_000),
        chain.id,
      )
      endpoint.succeeded()
      // A head that was announced while the answer was under way is newer than the answer.
      if (!closed && seen.get(endpoint) === before) note(endpoint, header)
    } catch (error) {
      endpoint.failed(error)
    }
  }

  /** Half a block time after a head the next one is near, and is looked for a few times. */
  function pauseMs(endpoint: Endpoint): number {
    if (announcing.has(endpoint)) return IDLE_POLL_MS
    if (leader !== endpoint && leader?.isHealthy()) {
      return Math.max(IDLE_POLL_MS / 5, Math.min(IDLE_POLL_MS, chain.blockTimeSec * 1000))
    }
    const blockMs = chain.blockTimeSec * 1000
    const often = Math.max(MIN_POLL_MS, Math.min(MAX_POLL_MS, blockMs / 10))
    const sinceHeadMs = Date.now() - (endpoint.head?.atMs ?? 0)
    return sinceHeadMs < blockMs / 2
      ? Math.max(often, Math.min(MAX_POLL_MS, blockMs / 2 - sinceHeadMs))
      : often
  }

  function keepPolling(endpoint: Endpoint): void {
    let timer: NodeJS.Timeout
    const turn = async (): Promise<void> => {
      if (closed || endpoint.health.state === 'lying') return
      if (endpoint.isHealthy() && !announcing.has(endpoint)) await poll(endpoint)
      else succeed()
      if (!closed) timer = setTimeout(turn, Math.max(endpoint.waitMs(1), pauseMs(endpoint)))
    }
    timer = setTimeout(turn, 0)
    stops.push(() => clearTimeout(timer))
  }

  function listen(endpoint: Endpoint): void {
    const stop = endpoint.transport.subscribeHeads?.({
      onHead(raw) {
        if (closed || endpoint.health.state === 'lying') return
        try {
          note(endpoint, readHeader(raw, chain.id))
        } catch (error) {
          endpoint.failed(error)
        }
      },
      onUp(up) {
        if (up) announcing.add(endpoint)
        else announcing.delete(endpoint)
        if (!up && !closed) void endpoint.probe()
        // What was announced while the connection was down is not announced again.
        if (up && !closed) void poll(endpoint)
      },
    })
    if (stop) stops.push(stop)
  }

  for (const endpoint of endpoints.all) {
    listen(endpoint)
    keepPolling(endpoint)
  }
  const watch = setInterval(succeed, 250)
  stops.push(() => clearInterval(watch))

  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async known() {
      if (current) return current
      return new Promise((resolve) => {
        const once = (head: Head): void => {
          listeners.delete(once)
          resolve(head)
        }
        listeners.add(once)
      })
    },
    close() {
      closed = true
      for (const stop of stops) stop()
      listeners.clear()
    },
  }
}
