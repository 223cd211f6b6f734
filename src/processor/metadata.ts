/**
 * Names and decimals of tokens that no chain file lists, asked of the contracts themselves.
 *
 * Runs beside the batches: it reads assets whose metadata is pending, asks each contract in a batch of eth_calls, and
 * writes what it said in a fenced transaction of its own. A contract that does not say gets null, never a guess; an
 * endpoint that fails leaves the assets pending. A token that gets no answer while the endpoint is well goes behind all
 * others and is asked by itself, after pauses that grow, so that it keeps nobody waiting. What a contract says is the same whenever it is asked (immutable in
 * all but hostile tokens), so a crash or a reorg does not change the outcome.
 */
import { type ChainClient, failureOf } from '../chains/client'
import type { ChainSpec, Hex } from '../chains/types'
import type { Pool } from '../db/pool'
import { logger } from '../log'
import { addressOf } from './memory'
import type { Store } from './store'
import { escapeUntrusted } from './text'

const ASSETS_PER_ROUND = 50
/** How many of those that failed before a round asks, one after the other. */
const LATE_PER_ROUND = 5
const MAX_TEXT = 64
/** 10^77 is the largest power of ten below 2^256; more decimals than that cannot be meant. */
const MAX_DECIMALS = 77
const RETRY_MS = 10_000
const MAX_PAUSE_MS = 3_600_000
/** Beyond that the one that failed first is forgotten, that is, asked like a new one. */
const MAX_LATE = 10_000
const MAX_RESULT_CHARS = 4_096

const SELECTOR = { symbol: '0x95d89b41', name: '0x06fdde03', decimals: '0x313ce567' } as const

export interface MetadataJob {
  /** Looks for pending assets, now or when the present round is over. */
  poke(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

export interface TokenMetadata {
  symbol: string | null
  name: string | null
  decimals: number | null
}

/** Text of an ABI string or of a bytes32, as some early tokens answer; null when it is neither or empty. */
export function decodeText(result: Hex): string | null {
  const bytes = Buffer.from(result.slice(2, MAX_RESULT_CHARS), 'hex')
  let text: Buffer | undefined
  if (bytes.length >= 64 && wordAt(bytes, 0) === 32n) {
    const length = wordAt(bytes, 32)
    if (length <= BigInt(bytes.length - 64)) text = bytes.subarray(64, 64 + Number(length))
  } else if (bytes.length === 32) {
    const end = bytes.indexOf(0)
    text = end < 0 ? bytes : bytes.subarray(0, end)
  }
  if (text === undefined || text.length === 0) return null
  return escapeUntrusted(text.toString('utf8'), MAX_TEXT)
}

/** Decimals of an ABI uint8; null when absent or absurd. */
export function decodeDecimals(result: Hex): number | null {
  const bytes = Buffer.from(result.slice(2, 66), 'hex')
  if (bytes.length !== 32) return null
  const value = wordAt(bytes, 0)
  return value <= BigInt(MAX_DECIMALS) ? Number(value) : null
}

function wordAt(bytes: Buffer, offset: number): bigint {
  return BigInt(`0x${bytes.subarray(offset, offset + 32).toString('hex')}`)
}

/** A call's result; null when the contract refused. Throws when the endpoint, not the contract, failed. */
async function ask(client: ChainClient, to: Hex, data: Hex): Promise<Hex | null> {
  try {
    const { data: result } = await client.call({ to, data })
    return result ?? null
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

function isRefusal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (/ExecutionReverted|CallExecution|InvalidOpcode|OutOfGas/.test(cause.name)) {
      if (cause.name !== 'CallExecutionError') return true
    }
    if (/revert|invalid opcode|out of gas|stack underflow|invalid jump/i.test(cause.message)) return true
  }
  return false
}

/** Asks a token contract for its symbol, name and decimals. Settles when no call is open any more. */
export async function readMetadata(client: ChainClient, address: Hex): Promise<TokenMetadata> {
  const calls = [SELECTOR.symbol, SELECTOR.name, SELECTOR.decimals].map((data) => ask(client, address, data))
  await Promise.allSettled(calls)
  const [symbol, name, decimals] = await Promise.all(calls)
  return {
    symbol: symbol ? decodeText(symbol) : null,
    name: name ? decodeText(name) : null,
    decimals: decimals ? decodeDecimals(decimals) : null,
  }
}

/** Assets that got no answer: how often, and when to ask again. In memory; a restart asks them all once more. */
function lateAssets(retryMs: number) {
  const late = new Map<string, { tries: number; dueMs: number }>()
  return {
    ids: () => [...late.keys()],
    due(nowMs: number): string[] {
      const due = [...late].filter(([, { dueMs }]) => dueMs <= nowMs)
      due.sort(([, a], [, b]) => a.dueMs - b.dueMs)
      return due.slice(0, LATE_PER_ROUND).map(([id]) => id)
    },
    failed(id: string, nowMs: number): void {
      const tries = (late.get(id)?.tries ?? 0) + 1
      late.set(id, { tries, dueMs: nowMs + Math.min(MAX_PAUSE_MS, retryMs * 2 ** Math.min(tries - 1, 30)) })
      const [first] = late.keys()
      if (late.size > MAX_LATE && first !== undefined) late.delete(first)
    },
    answered: (id: string) => late.delete(id),
    /** When the next one is due; undefined when there is none. */
    nextMs(): number | undefined {
      let next: number | undefined
      for (const { dueMs } of late.values()) next = next === undefined ? dueMs : Math.min(next, dueMs)
      return next
    },
  }
}

interface Round {
  found: { id: string; token: TokenMetadata }[]
  failed: { id: string; error: unknown }[]
}

/** Asks new assets together, late ones one after the other, because one of a batch may be what makes all of it fail. */
async function askRound(
  client: ChainClient,
  fresh: readonly string[],
  late: readonly string[],
): Promise<Round> {
  const round: Round = { found: [], failed: [] }
  const askOne = (id: string) =>
    readMetadata(client, addressOf(id)).then(
      (token) => void round.found.push({ id, token }),
      (error: unknown) => void round.failed.push({ id, error }),
    )
  await Promise.all(fresh.map(askOne))
  for (const id of late) await askOne(id)
  return round
}

async function writeFound(
  store: Pick<Store, 'aside'>,
  chainId: number,
  found: Round['found'],
): Promise<void> {
  if (found.length === 0) return
  await store.aside((tx) =>
    tx.query(
      `UPDATE asset a SET symbol = f.symbol, name = f.name, decimals = f.decimals, metadata = 'fetched'
       FROM unnest($2::text[], $3::text[], $4::text[], $5::int[]) AS f (id, symbol, name, decimals)
       WHERE a.chain_id = $1 AND a.id = f.id AND a.metadata = 'pending'`,
      [
        chainId,
        found.map(({ id }) => id),
        found.map(({ token }) => token.symbol),
        found.map(({ token }) => token.name),
        found.map(({ token }) => token.decimals),
      ],
    ),
  )
}

/** Starts the job of a chain; it works whenever it is poked. `retryMs` is the first pause after a failure. */
export function fetchMetadata(options: {
  chain: ChainSpec
  client: ChainClient
  pool: Pool
  store: Pick<Store, 'aside'>
  retryMs?: number
}): MetadataJob {
  const { chain, client, pool, store, retryMs = RETRY_MS } = options
  const late = lateAssets(retryMs)
  let running: Promise<void> | undefined
  let again = false
  let pausedUntilMs = 0
  let timer: NodeJS.Timeout | undefined

  /** Returns whether there may be more to ask at once. Throws when the endpoint or the database fails. */
  async function round(): Promise<boolean> {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM asset WHERE chain_id = $1 AND metadata = 'pending' AND id <> ALL ($3::text[])
       ORDER BY first_height, id LIMIT $2`,
      [chain.id, ASSETS_PER_ROUND, late.ids()],
    )
    const due = late.due(Date.now())
    if (rows.length === 0 && due.length === 0) return false
    const { found, failed } = await askRound(
      client,
      rows.map((row) => row.id),
      due,
    )
    await writeFound(store, chain.id, found)
    for (const { id } of found) late.answered(id)
    const [first] = failed
    if (first === undefined) return true
    // Is it the tokens or the endpoint? An endpoint that answers nothing at all is not the tokens' fault.
    await client.getChainId()
    for (const { id } of failed) late.failed(id, Date.now())
    logger('processor').warn(
      `${failed.length} tokens of ${chain.name} gave no metadata and wait, ${first.id}: ${failureOf(first.error)}`,
    )
    return true
  }

  async function run(): Promise<void> {
    pausedUntilMs = 0
    try {
      do again = false
      while ((await round()) || again)
    } catch (error) {
      logger('processor').warn(
        `token metadata of ${chain.name} not fetched, will try again: ${failureOf(error)}`,
      )
      pausedUntilMs = Date.now() + retryMs
    } finally {
      running = undefined
      const nextMs = Math.max(pausedUntilMs, late.nextMs() ?? 0)
      if (nextMs > 0) wakeAt(nextMs)
    }
  }

  function wakeAt(timeMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(poke, Math.max(1, timeMs - Date.now())).unref()
  }

  function poke(): void {
    again = true
    if (running === undefined && Date.now() < pausedUntilMs) wakeAt(pausedUntilMs)
    else running ??= run()
  }

  return { poke, idle: async () => running }
}
