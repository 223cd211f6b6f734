/**
 * Asks the oracles that announce nothing, at the blocks of a batch where that is due, and hands their answers to the
 * fold's changes: versions, journal and undoing are then those of any other price. What was asked, and who did not answer,
 * is a row of `price_round`. An endpoint that cannot answer leaves no round: the price before it stands, and ages.
 */
import type { Caller } from '../chains/call-at'
import type { Hex } from '../chains/types'
import { copyRows, type PoolClient } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'
import {
  createCallBook,
  dueHeights,
  type MissingPrice,
  type PriceRound,
  priceEveryBlocks,
  readRound,
  sourceKey,
} from '../prices/calls'
import type { PriceCall } from '../protocols/lending-risk'
import type { BlockRef } from '../protocols/types'
import type { BatchTx } from './batch'
import type { BlockChanges } from './fold'
import { blockId, isoTime, priceId } from './ids'
import { type Replayed, replayPrices } from './price-replay'

const PRICE_ROUND_COLUMNS = [
  'id',
  'chain_id',
  'height',
  'block_hash',
  'timestamp',
  'asked',
  'answered',
  'changed',
  'missing',
]

const MAX_PART_CALLS = 10_000

interface Due {
  height: number
  calls: readonly PriceCall[]
  ref: BlockRef | undefined
}

/** Adds called prices to a batch's changes and writes its rounds; undefined when nothing was called. */
export async function callPrices(
  batch: BatchTx,
  changes: readonly BlockChanges[],
): Promise<Replayed | undefined> {
  const { caller, chain, memory } = batch
  if (caller === undefined) return undefined
  const rounds: PriceRound[] = []
  for (const part of inParts(dueCalls(batch, changes))) {
    rounds.push(...(await askRounds(caller, await withRefs(batch, caller, part))))
  }
  if (rounds.length === 0) return undefined
  const replayed = replayPrices(chain.id, changes, rounds, (key) => memory.prices.get(key))
  await writeRounds(batch, rounds, replayed)
  return replayed
}

/** Walks through the batch's blocks: at each due height, the calls that the markets of that moment ask for. */
function dueCalls({ chain, protocols, memory, coverage }: BatchTx, changes: readonly BlockChanges[]): Due[] {
  if (!protocols.some((protocol) => protocol.priceCalls)) return []
  const heights = coverage.spans.flatMap((span) => dueHeights(span, priceEveryBlocks(chain)))
  if (heights.length === 0) return []
  let unreadable = 0
  const book = createCallBook(protocols, chain, {
    onUnreadable(market, error) {
      if (unreadable++ > 0) return
      const log = logger(`processor:${chain.name}`)
      log.error(`market ${market.id} has no called price: ${market.protocol} failed: ${messageOf(error)}`)
    },
  })
  for (const { value } of memory.markets.values()) book.note(value)
  const refs = new Map(changes.map(({ ref }) => [ref.height, ref]))
  const due: Due[] = []
  let next = 0
  for (const height of heights) {
    for (; next < changes.length && changes[next]!.ref.height <= height; next++) {
      for (const { after } of changes[next]!.markets) book.note(after)
    }
    const calls = book.calls()
    if (calls.length > 0) due.push({ height, calls, ref: refs.get(height) })
  }
  return due
}

/** Parts of so few calls that a long stretch of history is never in memory at once. */
function* inParts(due: readonly Due[]): Iterable<Due[]> {
  let part: Due[] = []
  let count = 0
  for (const one of due) {
    if (part.length > 0 && count + one.calls.length > MAX_PART_CALLS) {
      yield part
      part = []
      count = 0
    }
    part.push(one)
    count += one.calls.length
  }
  if (part.length > 0) yield part
}

/** Looks up the blocks that the source did not carry because nothing happened in them. */
async function withRefs(
  { chain, hotHash }: BatchTx,
  caller: Caller,
  due: readonly Due[],
): Promise<Required<Due>[]> {
  const found = await Promise.all(
    due.map(async (one) => {
      if (one.ref !== undefined) return one
      const header = await caller.header(one.height, hotHash(one.height))
      return { ...one, ref: header && { chainId: chain.id, height: one.height, ...header } }
    }),
  )
  return found.filter((one) => one.ref !== undefined)
}

async function askRounds(caller: Caller, due: readonly Required<Due>[]): Promise<PriceRound[]> {
  const asked = due.flatMap(({ ref, calls }) =>
    calls.map(({ to, data }) => ({ height: ref!.height, hash: ref!.hash as Hex | undefined, to, data })),
  )
  const answers = await caller.ask(asked)
  let offset = 0
  return due.flatMap(({ ref, calls }) => {
    const own = answers.slice(offset, offset + calls.length)
    offset += calls.length
    return readRound(ref!, calls, own) ?? []
  })
}

interface Before {
  timestampSec: number
  missing: ReadonlyMap<string, MissingPrice>
}

/** The newest round before the batch. */
async function roundBefore(tx: PoolClient, chainId: number): Promise<Before | undefined> {
  const { rows } = await tx.query<{ sec: string; missing: MissingPrice[] }>(
    `SELECT extract(epoch FROM "timestamp")::bigint AS sec, missing FROM price_round
     WHERE chain_id = $1 ORDER BY height DESC LIMIT 1`,
    [chainId],
  )
  const row = rows[0]
  return row && { timestampSec: Number(row.sec), missing: byKey(row.missing) }
}

function byKey(missing: readonly MissingPrice[]): Map<string, MissingPrice> {
  return new Map(missing.map((one) => [sourceKey(one), one]))
}

async function writeRounds(
  batch: BatchTx,
  rounds: readonly PriceRound[],
  { changedBy }: Replayed,
): Promise<void> {
  const { tx, chain, memory } = batch
  let before = await roundBefore(tx, chain.id)
  const answered = new Set<string>()
  const rows = rounds.map(({ ref, asked, prices, missing }) => {
    const lastAnswerSec = (one: { asset: Hex; source: string }): number | null => {
      const known = before?.missing.get(sourceKey(one))
      if (known) return known.lastAnswerSec
      const key = priceId(chain.id, { ...one, kind: 'protocol' })
      const hadPrice = memory.prices.has(key) || answered.has(key)
      return before && hadPrice ? before.timestampSec : null
    }
    // One that never answered has no price to age, and would be named again in every round.
    const absent = missing.flatMap((one): MissingPrice[] => {
      const sec = lastAnswerSec(one)
      return sec === null ? [] : [{ ...one, lastAnswerSec: sec }]
    })
    for (const price of prices) answered.add(priceId(chain.id, price))
    before = { timestampSec: ref.timestampSec, missing: byKey(absent) }
    return [
      blockId(ref),
      chain.id,
      ref.height,
      ref.hash,
      isoTime(ref.timestampSec),
      asked,
      prices.length,
      changedBy.get(ref.height) ?? 0,
      absent,
    ]
  })
  batch.rowCount += await copyRows(tx, 'price_round', PRICE_ROUND_COLUMNS, rows)
}
