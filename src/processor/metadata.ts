/**
 * Names and decimals of tokens that no chain file lists, asked of the contracts themselves.
 *
 * Runs beside the batches: it reads assets whose metadata is pending, asks each contract in a batch of eth_calls, and
 * writes what it said in a fenced transaction of its own. A contract that does not say gets null, never a guess; an
 * endpoint that fails leaves the assets pending. What a contract says is the same whenever it is asked (immutable in
 * all but hostile tokens), so a crash or a reorg does not change the outcome.
 */
import type { ChainClient } from '../chains/client'
import type { ChainSpec, Hex } from '../chains/types'
import type { Pool } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'
import { addressOf } from './memory'
import type { Store } from './store'
import { escapeUntrusted } from './text'

const ASSETS_PER_ROUND = 50
const MAX_TEXT = 64
/** 10^77 is the largest power of ten below 2^256; more decimals than that cannot be meant. */
const MAX_DECIMALS = 77
const RETRY_MS = 10_000
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

/** Asks a token contract for its symbol, name and decimals. */
export async function readMetadata(client: ChainClient, address: Hex): Promise<TokenMetadata> {
  const [symbol, name, decimals] = await Promise.all([
    ask(client, address, SELECTOR.symbol),
    ask(client, address, SELECTOR.name),
    ask(client, address, SELECTOR.decimals),
  ])
  return {
    symbol: symbol && decodeText(symbol),
    name: name && decodeText(name),
    decimals: decimals && decodeDecimals(decimals),
  }
}

/** Starts the job of a chain; it works whenever it is poked. */
export function fetchMetadata(options: {
  chain: ChainSpec
  client: ChainClient
  pool: Pool
  store: Pick<Store, 'aside'>
}): MetadataJob {
  const { chain, client, pool, store } = options
  let running: Promise<void> | undefined
  let again = false

  async function round(): Promise<boolean> {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM asset WHERE chain_id = $1 AND metadata = 'pending' ORDER BY first_height, id LIMIT $2`,
      [chain.id, ASSETS_PER_ROUND],
    )
    if (rows.length === 0) return false
    const ids = rows.map((row) => row.id)
    const found = await Promise.all(ids.map((id) => readMetadata(client, addressOf(id))))
    await store.aside((tx) =>
      tx.query(
        `UPDATE asset a SET symbol = f.symbol, name = f.name, decimals = f.decimals, metadata = 'fetched'
         FROM unnest($2::text[], $3::text[], $4::text[], $5::int[]) AS f (id, symbol, name, decimals)
         WHERE a.chain_id = $1 AND a.id = f.id AND a.metadata = 'pending'`,
        [
          chain.id,
          ids,
          found.map((token) => token.symbol),
          found.map((token) => token.name),
          found.map((token) => token.decimals),
        ],
      ),
    )
    return rows.length === ASSETS_PER_ROUND
  }

  async function run(): Promise<void> {
    try {
      do again = false
      while ((await round()) || again)
    } catch (error) {
      logger('processor').warn(
        `token metadata of ${chain.name} not fetched, will try again: ${messageOf(error).split('\n')[0]}`,
      )
      setTimeout(poke, RETRY_MS).unref()
    } finally {
      running = undefined
    }
  }

  function poke(): void {
    again = true
    running ??= run()
  }

  return { poke, idle: async () => running }
}
