/**
 * Handles a batch of blocks: decode, load what the events touch, fold, write. Called inside the store's transaction
 * and possibly again after a serialization failure, so it changes nothing but rows until the commit.
 */
import { setImmediate } from 'node:timers/promises'
import type { Hex } from '../chains/types'
import { copyRows } from '../db/pool'
import { logger } from '../log'
import type { PositionState } from '../protocols/types'
import type { BatchTx } from './batch'
import type { SourceBlock } from './block'
import { checkContinuity } from './continuity'
import type { DecodedBlock } from './decode'
import type { WorkingDirectory } from './directory'
import { type BlockChanges, createFold, type Fold } from './fold'
import { type Identities, meetState } from './identities'
import { isoTime, positionId } from './ids'
import { MAX_KNOWN_ACCOUNTS, type Stored } from './memory'
import { loadPositions, markIncomplete } from './positions'
import { callPrices } from './price-calls'
import { type EmitterCounts, quarantine } from './quarantine'
import { type DecodedRange, openRange } from './range'
import {
  MARKET_VERSION_COLUMNS,
  marketImage,
  marketVersionRow,
  POSITION_VERSION_COLUMNS,
  PRICE_VERSION_COLUMNS,
  positionImage,
  positionVersionRow,
  priceImage,
  priceVersionRow,
} from './state-rows'
import { type JournalEntry, journalKey, upsertState } from './state-write'

/** Decoding pauses after so many blocks, so that the source can take in what arrives meanwhile. */
const BLOCKS_PER_TURN = 256
const JOURNAL_COLUMNS = ['chain_id', 'height', 'seq', 'table_name', 'key', 'old']

/** Decodes a batch's blocks, folds its events into state and writes everything. */
export async function handleBlocks(batch: BatchTx, blocks: readonly SourceBlock[]): Promise<void> {
  if (blocks.length === 0) return
  const { tx, chain, protocols, memory, coverage, mayBeUndone } = batch
  const range = openRange({
    chain,
    protocols,
    memory,
    known: memory.accounts,
    coverageFrom: (protocol, height) => coverage.from(protocol, height),
    mayBeUndone,
  })
  try {
    for (const [i, block] of blocks.entries()) {
      range.add(block)
      if (i % BLOCKS_PER_TURN !== BLOCKS_PER_TURN - 1) continue
      await range.facts.pump(tx)
      await setImmediate()
    }
  } catch (error) {
    range.facts.abort()
    throw error
  }
  await range.facts.flush()
  await writeRange(batch, range)
}

/** Folds and writes a decoded range inside a batch's transaction. Its blocks must continue the committed chain. */
export async function writeRange(batch: BatchTx, range: DecodedRange): Promise<void> {
  const last = range.decoded.at(-1)
  if (last === undefined) return
  const { tx, chain } = batch
  const { decoded, facts, balances } = range
  checkContinuity(
    batch,
    decoded.map(({ ref }) => ref),
  )
  batch.head = last.ref
  for (const height of batch.coverage.gaps) await markIncomplete(batch, height)
  const positions = await loadPositions(tx, chain.id, touchedPositions(chain.id, decoded))
  const fold = createFold({ context: range.context, memory: batch.memory, positions })
  const folded = decoded.map((block) => fold.foldBlock(block))
  reportFailures(batch, decoded, folded)
  const { changes, prices } = (await callPrices(batch, folded)) ?? { changes: folded, prices: fold.prices }
  for (const change of changes) meetState(facts.met, change, isoTime(change.ref.timestampSec))

  batch.rowCount += await facts.write(tx, batch.replaces)
  const emitters = await quarantine(batch, decoded)
  await upsertState(tx, 'quarantine_emitter', emitters.images)
  const undoBalances = await balances.write(tx)
  await writeState(batch, changes, { ...fold, prices })
  await writeJournal(batch, [...journalOf(batch, changes, emitters), ...undoBalances])
  remember(batch, { fold: { ...fold, prices }, directory: range.directory, met: facts.met })
}

function touchedPositions(
  chainId: number,
  decoded: readonly DecodedBlock[],
): Map<string, { account: Hex; marketId: string }> {
  const touched = new Map<string, { account: Hex; marketId: string }>()
  for (const block of decoded) {
    for (const step of block.steps) {
      if (step.kind !== 'apply') continue
      for (const key of step.protocol.touches?.(step.event).positions ?? []) {
        touched.set(positionId(chainId, key.account, key.marketId), key)
      }
    }
  }
  return touched
}

/** An event that could not be applied is quarantined beside the logs that could not be decoded. */
function reportFailures(
  batch: BatchTx,
  decoded: readonly DecodedBlock[],
  changes: readonly BlockChanges[],
): void {
  changes.forEach((block, i) => {
    for (const { step, reason } of block.failures) {
      logger(`processor:${batch.chain.name}`).error(
        `block ${block.ref.height} log ${step.log.logIndex}: ${reason}; the state it touches is marked incomplete`,
      )
      const misfits = decoded[i]?.misfits
      if (misfits && !misfits.some(({ log }) => log === step.log)) misfits.push({ log: step.log, reason })
    }
  })
}

async function writeVersions(batch: BatchTx, changes: readonly BlockChanges[]): Promise<void> {
  const { tx, chain } = batch
  const versions = <T>(
    pick: (block: BlockChanges) => readonly { after: T }[],
    row: (chainId: number, height: number, value: T) => readonly unknown[],
  ) => changes.flatMap((block) => pick(block).map(({ after }) => row(chain.id, block.ref.height, after)))
  const markets = versions((block) => block.markets, marketVersionRow)
  const positions = versions((block) => block.positions, positionVersionRow)
  const prices = versions((block) => block.prices, priceVersionRow)
  batch.rowCount += await copyRows(tx, 'market_version', MARKET_VERSION_COLUMNS, markets)
  batch.rowCount += await copyRows(tx, 'position_version', POSITION_VERSION_COLUMNS, positions)
  batch.rowCount += await copyRows(tx, 'price_version', PRICE_VERSION_COLUMNS, prices)
}

/** Old images of what each hot block changed. */
function journalOf(
  batch: BatchTx,
  changes: readonly BlockChanges[],
  emitters: EmitterCounts,
): JournalEntry[] {
  const chainId = batch.chain.id
  const entries: JournalEntry[] = []
  for (const block of changes) {
    const { height } = block.ref
    if (!batch.mayBeUndone(height)) continue
    for (const { before, after } of block.markets) {
      const row = marketImage(chainId, { value: after, height })
      entries.push({ height, table: 'market', row, old: before ? marketImage(chainId, before) : null })
    }
    for (const { before, after } of block.positions) {
      const row = positionImage(chainId, { value: after, height })
      entries.push({ height, table: 'position', row, old: before ? positionImage(chainId, before) : null })
    }
    for (const { before, after } of block.prices) {
      const row = priceImage(chainId, { value: after, height })
      entries.push({ height, table: 'price', row, old: before ? priceImage(chainId, before) : null })
    }
    for (const { row, old } of emitters.changes.get(height) ?? []) {
      entries.push({ height, table: 'quarantine_emitter', row, old })
    }
  }
  return entries
}

async function writeState(batch: BatchTx, changes: readonly BlockChanges[], fold: Fold): Promise<void> {
  const { tx, chain } = batch
  await writeVersions(batch, changes)
  const images = <T>(
    layer: ReadonlyMap<string, Stored<T>>,
    image: (chainId: number, stored: Stored<T>) => Readonly<Record<string, unknown>>,
  ) => [...layer.values()].map((stored) => image(chain.id, stored))
  await upsertState(tx, 'market', images(fold.markets, marketImage))
  await upsertState(tx, 'position', images<PositionState>(fold.positions, positionImage))
  await upsertState(tx, 'price', images(fold.prices, priceImage))
}

async function writeJournal({ tx, chain }: BatchTx, entries: readonly JournalEntry[]): Promise<void> {
  const next = new Map<number, number>()
  const rows = entries.map((entry) => {
    const seq = next.get(entry.height) ?? 0
    next.set(entry.height, seq + 1)
    return [chain.id, entry.height, seq, entry.table, journalKey(entry), entry.old]
  })
  await copyRows(tx, 'journal', JOURNAL_COLUMNS, rows)
}

/** Brings the memory forward, once the transaction has committed. */
function remember(
  batch: BatchTx,
  { fold, directory, met }: { fold: Fold; directory: WorkingDirectory; met: Identities },
): void {
  const { memory } = batch
  batch.onCommit.push(() => {
    for (const [id, stored] of fold.markets) memory.markets.set(id, stored)
    for (const [id, stored] of fold.prices) memory.prices.set(id, stored)
    for (const [address, entry] of directory.newEmitters) memory.emitters.set(address, entry)
    if (memory.accounts.size + met.accounts.size > MAX_KNOWN_ACCOUNTS) memory.accounts.clear()
    for (const address of met.accounts.keys()) memory.accounts.add(address)
  })
}
