/**
 * Many `eth_call`s at the state of past blocks, over an endpoint that may be slow, pruned, rate-limited or hostile.
 *
 * Blocks are named by hash (EIP-1898), so that an endpoint on another fork refuses rather than answers of its own; one that
 * does not know that form is asked by number. Every call carries a gas limit: what a contract answers must not depend on
 * how generous a node is, and a market anybody may create must not make one burn gas without end. The whole is bounded:
 * it gives up when nothing arrives for a while, and then leaves the endpoint alone for a time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RpcRequestError } from 'viem'
import type { ChainClient } from './client'
import type { Hex } from './types'

/** What came of one call: bytes, the contract's refusal, or nothing that says anything about the contract. */
export type CallAnswer =
  | { kind: 'result'; result: Hex }
  | { kind: 'refused' }
  | { kind: 'unavailable'; reason: string }

export interface CallAt {
  height: number
  /** Undefined where only the height is known: final blocks that the source did not carry. */
  hash: Hex | undefined
  to: Hex
  data: Hex
}

export interface BlockHeader {
  hash: Hex
  parentHash: Hex
  timestampSec: number
}

export interface CallerOptions {
  /** Nothing arrives for this long: give up. */
  stallMs?: number
  /** After giving up, no call for this long. */
  pauseMs?: number
  /** Told once for each kind of failure until the endpoint answers again. */
  onTrouble?: (what: string) => void
}

export interface Caller {
  /** Answers in the order of the calls; undefined for those that were not answered in time. */
  ask(calls: readonly CallAt[]): Promise<(CallAnswer | undefined)[]>
  /** Header of a block by its hash where known, else by number; undefined when the endpoint does not give it. */
  header(height: number, hash: Hex | undefined): Promise<BlockHeader | undefined>
}

const STALL_MS = 5_000
const PAUSE_MS = 60_000
const IN_FLIGHT = 200
const GAS = '0x989680'
const MAX_RESULT_CHARS = 4_096
/** A node behind a load balancer may not have a fresh block yet. */
const LATE_PAUSES_MS = [100, 300, 900]
const MAX_REMEMBERED = 20_000
const HEX = /^0x[0-9a-fA-F]*$/
/** What an endpoint says of its failure stays out of the tables: it is neither trusted nor the same every time. */
const FAILED: CallAnswer = { kind: 'unavailable', reason: 'the endpoint failed' }
const NO_STATE_THERE: CallAnswer = { kind: 'unavailable', reason: 'the endpoint has no state of this block' }
const NO_SUCH_BLOCK: CallAnswer = { kind: 'unavailable', reason: 'the endpoint does not have this block' }

const NO_STATE =
  /missing trie node|historical state|state (is )?(not available|unavailable|histor)|pruned|archive|state at block|distance to target block exceeds/i
const NO_BLOCK = /header not found|unknown block|block not found|could not find block|resource not found/i
const REVERTED =
  /revert|invalid opcode|out of gas|stack (under|over)flow|invalid jump|gas required exceeds|bad instruction|write protection/i
const NO_HASH_FORM = /invalid (argument|params|block)|cannot unmarshal|unmarshal|invalid type|expected/i

/** What the endpoint said, or that it said nothing. */
function refusalOf(error: unknown): { code: number; message: string } | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RpcRequestError)
      return { code: cause.code, message: `${cause.details} ${cause.message}` }
  }
  return undefined
}

type Verdict = CallAnswer | 'late' | 'no state' | 'no hash form'

function verdictOf(error: unknown, byHash: boolean): Verdict {
  const refusal = refusalOf(error)
  if (refusal === undefined) return FAILED
  const { code, message } = refusal
  if (NO_STATE.test(message)) return 'no state'
  if (NO_BLOCK.test(message)) return 'late'
  if (code === 3 || REVERTED.test(message)) return { kind: 'refused' }
  if (byHash && (code === -32602 || NO_HASH_FORM.test(message))) return 'no hash form'
  return FAILED
}

/** One call at a time: what the endpoint has turned out to be able to do is kept between calls. */
function createSingle(client: ChainClient, trouble: (kind: string, what: string) => void) {
  const send = sender(client)
  let byHash = true
  /** The endpoint has no state at or below this height. */
  let prunedTo = -1

  async function once(call: CallAt): Promise<Verdict> {
    const useHash = byHash && call.hash !== undefined
    const block = useHash ? { blockHash: call.hash } : toHex(call.height)
    try {
      const params = [{ to: call.to, data: call.data, gas: GAS }, block]
      const result = await send({ method: 'eth_call', params })
      const isHex = typeof result === 'string' && result.length <= MAX_RESULT_CHARS && HEX.test(result)
      return { kind: 'result', result: isHex ? (result as Hex) : '0x' }
    } catch (error) {
      return verdictOf(error, useHash)
    }
  }

  return async function single(call: CallAt, givenUp: () => boolean): Promise<CallAnswer> {
    for (let late = 0; ; ) {
      if (call.height <= prunedTo) return NO_STATE_THERE
      const verdict = await once(call)
      if (typeof verdict === 'object') return verdict
      if (verdict === 'no state') {
        prunedTo = Math.max(prunedTo, call.height)
        trouble('state', `the endpoint has no state of block ${call.height}: no called prices there`)
      } else if (verdict === 'no hash form') {
        trouble('hash', 'the endpoint takes no block hash in eth_call: asked by number')
        byHash = false
      } else {
        const pauseMs = LATE_PAUSES_MS[late++]
        if (pauseMs === undefined || givenUp()) return NO_SUCH_BLOCK
        await sleep(pauseMs)
      }
    }
  }
}

/**
 * Runs work on items, several at once, until all are done, nothing has succeeded for `stallMs`, or the time for so many
 * items is over. `work` says whether it succeeded. Returns whether all were done.
 */
async function withinTime(
  items: readonly number[],
  stallMs: number,
  work: (item: number, givenUp: () => boolean) => Promise<boolean>,
): Promise<boolean> {
  const over = new AbortController()
  const givenUp = () => over.signal.aborted
  const startMs = Date.now()
  const mostMs = 2 * stallMs + (items.length * stallMs) / 100
  let lastMs = startMs
  let next = 0
  async function worker(): Promise<void> {
    while (next < items.length && !givenUp()) if (await work(items[next++]!, givenUp)) lastMs = Date.now()
  }
  const look = () => {
    if (Date.now() - lastMs > stallMs || Date.now() - startMs > mostMs) over.abort()
  }
  const watch = setInterval(look, Math.max(10, stallMs / 20))
  const gaveUp = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()))
  const workers = Array.from({ length: Math.min(IN_FLIGHT, items.length) }, worker)
  await Promise.race([Promise.all(workers), gaveUp])
  clearInterval(watch)
  return !givenUp()
}

/** A caller over a client. It remembers answers at blocks named by hash, so that a batch that runs again asks nothing. */
export function createCaller(client: ChainClient, options: CallerOptions = {}): Caller {
  const { stallMs = STALL_MS, pauseMs = PAUSE_MS, onTrouble } = options
  const remembered = new Map<string, CallAnswer>()
  const told = new Set<string>()
  let pausedUntilMs = 0
  function trouble(kind: string, what: string): void {
    if (told.has(kind)) return
    told.add(kind)
    onTrouble?.(what)
  }
  function giveUp(): void {
    pausedUntilMs = Date.now() + pauseMs
    trouble('stall', 'the endpoint does not answer in time: no called prices for a while')
  }
  const single = createSingle(client, trouble)

  async function ask(calls: readonly CallAt[]): Promise<(CallAnswer | undefined)[]> {
    const answers = calls.map((call) => (call.hash === undefined ? undefined : remembered.get(keyOf(call))))
    const open = [...calls.keys()].filter((i) => answers[i] === undefined)
    if (open.length === 0 || Date.now() < pausedUntilMs) return answers
    // Newest blocks first: where those have no state, older ones have none either.
    open.sort((a, b) => calls[b]!.height - calls[a]!.height || a - b)
    const done = await withinTime(open, stallMs, async (i, givenUp) => {
      const answer = await single(calls[i]!, givenUp)
      if (givenUp()) return false
      answers[i] = answer
      if (answer.kind === 'unavailable') return answer === NO_STATE_THERE
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      if (calls[i]!.hash !== undefined) remembered.set(keyOf(calls[i]!), answer)
      return true
    })
    if (done && open.some((i) => answers[i]?.kind === 'result')) told.delete('stall')
    if (!done) giveUp()
    // A later answer must not change what has been handed out.
    return [...answers]
  }

  async function header(height: number, hash: Hex | undefined): Promise<BlockHeader | undefined> {
    if (Date.now() < pausedUntilMs) return undefined
    const found = await readHeader(client, { height, hash, timeoutMs: stallMs })
    if (found !== 'late') return found
    giveUp()
    return undefined
  }

  return { ask, header }
}

async function readHeader(
  client: ChainClient,
  { height, hash, timeoutMs }: { height: number; hash: Hex | undefined; timeoutMs: number },
): Promise<BlockHeader | undefined | 'late'> {
  const asked = sender(client)(
    hash === undefined
      ? { method: 'eth_getBlockByNumber', params: [toHex(height), false] }
      : { method: 'eth_getBlockByHash', params: [hash, false] },
  )
  const late = new AbortController()
  const block = await Promise.race([
    asked.catch(() => undefined),
    sleep(timeoutMs, 'late' as const, { signal: late.signal }).catch(() => undefined),
  ])
  late.abort()
  return block === 'late' ? 'late' : headerOf(block, height, hash)
}

function sender(client: ChainClient): (call: { method: string; params: unknown[] }) => Promise<unknown> {
  return client.request as unknown as ReturnType<typeof sender>
}

function toHex(height: number): Hex {
  return `0x${height.toString(16)}`
}

function keyOf({ hash, to, data }: CallAt): string {
  return `${hash}|${to}|${data}`
}

function headerOf(block: unknown, height: number, hash: Hex | undefined): BlockHeader | undefined {
  if (typeof block !== 'object' || block === null) return undefined
  const { number, hash: own, parentHash, timestamp } = block as Record<string, unknown>
  if (typeof own !== 'string' || typeof parentHash !== 'string' || typeof timestamp !== 'string')
    return undefined
  if (Number(number) !== height || (hash !== undefined && own !== hash)) return undefined
  const timestampSec = Number(timestamp)
  if (!Number.isSafeInteger(timestampSec)) return undefined
  return { hash: own as Hex, parentHash: parentHash as Hex, timestampSec }
}
