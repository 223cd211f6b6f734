/**
 * The newest block, as the endpoints tell it: by announcement over WebSocket, else by asking for it. One endpoint leads
 * at a time; its heads are believed, reorgs included, also to a block of the same height, which a poll of the height
 * alone would miss. Another takes over when the leader is set aside, or is behind.
 */
import { type Logger, logger } from '../log'
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
const POLL_TIMEOUT_MS = 5_000
/** How often it is looked whether the leader still may lead. */
const WATCH_MS = 250

interface Following extends HeadsOptions {
  log: Logger
  listeners: Set<(head: Head) => void>
  /** Newest head of each endpoint. */
  seen: Map<Endpoint, Header>
  /** Endpoints that announce their heads now. */
  announcing: Set<Endpoint>
  behindSinceMs: Map<Endpoint, number>
  stops: (() => void)[]
  current: Head | undefined
  leader: Endpoint | undefined
  closed: boolean
}

function publish(following: Following, endpoint: Endpoint, header: Header): void {
  if (following.current?.header.ref.hash === header.ref.hash) return
  following.current = { header, endpoint }
  for (const listener of following.listeners) listener(following.current)
}

/** Takes note of an endpoint's head. */
function note(following: Following, endpoint: Endpoint, header: Header): void {
  const { seen, chain } = following
  const previous = seen.get(endpoint)
  const { height, hash } = header.ref
  if (previous && previous.ref.height - height > chain.finalityDepthBlocks) {
    const told = `its head went back from block ${previous.ref.height} to ${height}, deeper than any reorg`
    endpoint.failed(new EndpointLie('head-backwards', told))
    // Asked again after the pause, it may have become a chain of its own; what it said before is forgotten then.
    seen.delete(endpoint)
    return
  }
  seen.set(endpoint, header)
  endpoint.head = { height, hash, atMs: Date.now() }
  lead(following, endpoint, header)
}

/** Lets an endpoint lead where there is reason to, and publishes the leader's news. */
function lead(following: Following, candidate: Endpoint, header: Header): void {
  if (!candidate.isHealthy()) return
  const { leader } = following
  if (leader === undefined || !leader.isHealthy()) following.leader = candidate
  else if (leader !== candidate) {
    if (!isLeft(following, leader, { candidate, height: header.ref.height })) return
    following.log.warn(`${leader.name} is behind ${candidate.name}, which leads now`)
    following.leader = candidate
    following.behindSinceMs.clear()
  }
  publish(following, candidate, header)
}

/** Whether the leader has been behind another endpoint for so long that it loses the lead. */
function isLeft(
  { seen, behindSinceMs }: Following,
  leader: Endpoint,
  { candidate, height }: { candidate: Endpoint; height: number },
): boolean {
  const lagBlocks = height - (seen.get(leader)?.ref.height ?? -1)
  if (lagBlocks <= 0) behindSinceMs.delete(candidate)
  else if (!behindSinceMs.has(candidate)) behindSinceMs.set(candidate, Date.now())
  const sinceMs = behindSinceMs.get(candidate)
  return lagBlocks >= BEHIND_BLOCKS && sinceMs !== undefined && Date.now() - sinceMs >= BEHIND_MS
}

/** The leader was set aside: whoever is best takes over with what it last said, if that is news. */
function succeed(following: Following): void {
  const { endpoints, seen, announcing, leader, current } = following
  if (leader?.isHealthy()) return
  const candidates = endpoints.healthy().filter((endpoint) => seen.has(endpoint))
  candidates.sort(
    (a, b) =>
      Number(announcing.has(b)) - Number(announcing.has(a)) ||
      (seen.get(b)?.ref.height ?? 0) - (seen.get(a)?.ref.height ?? 0),
  )
  const next = candidates[0]
  if (!next) return
  following.leader = next
  const header = seen.get(next)
  if (header && header.ref.height >= (current?.header.ref.height ?? 0)) publish(following, next, header)
}

async function poll(following: Following, endpoint: Endpoint): Promise<void> {
  const { seen, chain } = following
  const before = seen.get(endpoint)
  try {
    const block = await endpoint.call('eth_getBlockByNumber', ['latest', false], POLL_TIMEOUT_MS)
    const header = readHeader(block, chain.id)
    endpoint.succeeded()
    // A head that was announced while the answer was under way is newer than the answer.
    if (!following.closed && seen.get(endpoint) === before) note(following, endpoint, header)
  } catch (error) {
    endpoint.failed(error)
  }
}

/** Half a block time after a head the next one is near, and is looked for a few times. */
function pauseMs({ announcing, leader, chain }: Following, endpoint: Endpoint): number {
  if (announcing.has(endpoint)) return IDLE_POLL_MS
  const blockMs = chain.blockTimeSec * 1000
  if (leader !== endpoint && leader?.isHealthy()) {
    return Math.max(IDLE_POLL_MS / 5, Math.min(IDLE_POLL_MS, blockMs))
  }
  const often = Math.max(MIN_POLL_MS, Math.min(MAX_POLL_MS, blockMs / 10))
  const sinceHeadMs = Date.now() - (endpoint.head?.atMs ?? 0)
  if (sinceHeadMs >= blockMs / 2) return often
  return Math.max(often, Math.min(MAX_POLL_MS, blockMs / 2 - sinceHeadMs))
}

function keepPolling(following: Following, endpoint: Endpoint): void {
  let timer: NodeJS.Timeout
  const turn = async (): Promise<void> => {
    if (following.closed || endpoint.health.state === 'lying') return
    if (endpoint.isHealthy() && !following.announcing.has(endpoint)) await poll(following, endpoint)
    if (!following.closed) {
      timer = setTimeout(turn, Math.max(endpoint.waitMs(1), pauseMs(following, endpoint)))
    }
  }
  timer = setTimeout(turn, 0)
  following.stops.push(() => clearTimeout(timer))
}

function listen(following: Following, endpoint: Endpoint): void {
  const { announcing, chain } = following
  const stop = endpoint.transport.subscribeHeads?.({
    onHead(raw) {
      if (following.closed || endpoint.health.state === 'lying') return
      try {
        note(following, endpoint, readHeader(raw, chain.id))
      } catch (error) {
        endpoint.failed(error)
      }
    },
    onUp(up) {
      if (up) announcing.add(endpoint)
      else announcing.delete(endpoint)
      if (following.closed) return
      // What was announced while the connection was down is not announced again.
      if (up) void poll(following, endpoint)
      else void endpoint.probe()
    },
  })
  if (stop) following.stops.push(stop)
}

export function followHeads(options: HeadsOptions): Heads {
  const following: Following = {
    ...options,
    log: logger(`source:${options.chain.name}`),
    listeners: new Set(),
    seen: new Map(),
    announcing: new Set(),
    behindSinceMs: new Map(),
    stops: [],
    current: undefined,
    leader: undefined,
    closed: false,
  }
  const { listeners, stops } = following
  for (const endpoint of options.endpoints.all) {
    listen(following, endpoint)
    keepPolling(following, endpoint)
  }
  const watch = setInterval(() => succeed(following), WATCH_MS)
  stops.push(() => clearInterval(watch))
  return {
    current: () => following.current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async known() {
      if (following.current) return following.current
      return new Promise((resolve) => {
        const once = (head: Head): void => {
          listeners.delete(once)
          resolve(head)
        }
        listeners.add(once)
      })
    },
    close() {
      following.closed = true
      for (const stop of stops) stop()
      listeners.clear()
    },
  }
}
