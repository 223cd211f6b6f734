/**
 * Lets the world survive a kill without losing a block.
 *
 * Saving a whole chain takes longer the longer it grows, so it is done rarely. In between, every mined block is
 * appended to a journal: its time, base fee and signed transactions. A block follows from its
 * parent and these alone, so replaying the journal over the last saved state yields the very same hashes, and those
 * who indexed them need not notice that the node was gone.
 */
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { Hex } from 'viem'
import type { WorldClient } from './client'

/** One mined block; JSON, one a line. */
export type JournalEntry = {
  number: number
  hash: Hex
  timestampSec: number
  /** Follows from the parent, except in blocks that anvil_reorg made; so it is set on replay. */
  baseFeeWei: string
  transactions: Hex[]
}

const MAX_BRANCH_BLOCKS = 300

export type Journal = {
  /** Appends the block at this height as it stands now; a height written twice counts as replaced (a reorg). */
  record: (client: WorldClient, height: bigint) => Promise<void>
  /** Forgets everything up to a height that has been saved otherwise. */
  trim: (upTo: bigint) => Promise<void>
}

/** Opens the journal at `file`, keeping what is already in it. */
export async function openJournal(file: string): Promise<Journal> {
  let kept = await readJournal(file)
  return {
    record: async (client, height) => {
      for (const entry of await readBranch(client, height, kept)) {
        kept.set(entry.number, entry)
        await appendFile(file, `${JSON.stringify(entry)}\n`)
      }
    },
    trim: async (upTo) => {
      kept = new Map([...kept].filter(([number]) => number > Number(upTo)))
      const temporary = `${file}.${process.pid}.tmp`
      await writeFile(temporary, [...kept.values()].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
      await rename(temporary, file)
    },
  }
}

/**
 * Mines the journal's blocks again on top of the head. Stops at the first gap, at the first block whose hash
 * differs (it stays as it came out) and at the first transaction the node refuses, such as one that was sent
 * under an impersonated account. Returns how many blocks came out as they were.
 */
export async function replayJournal(
  client: WorldClient,
  file: string,
): Promise<{ replayed: number; diverged: boolean }> {
  const entries = await readJournal(file)
  for (let replayed = 0; ; replayed++) {
    const entry = entries.get(Number(await client.getBlockNumber()) + 1)
    if (entry === undefined) return { replayed, diverged: false }
    if (!(await replayBlock(client, entry))) return { replayed, diverged: true }
  }
}

async function replayBlock(client: WorldClient, entry: JournalEntry): Promise<boolean> {
  try {
    for (const serializedTransaction of entry.transactions) {
      await client.sendRawTransaction({ serializedTransaction })
    }
  } catch {
    return false
  }
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: BigInt(entry.baseFeeWei) })
  await client.setNextBlockTimestamp({ timestamp: BigInt(entry.timestampSec) })
  await client.mine({ blocks: 1 })
  return (await client.getBlock()).hash === entry.hash
}

/** The block at a height and, when its parents are not those that were journaled, the new ones, lowest first. */
async function readBranch(
  client: WorldClient,
  height: bigint,
  kept: Map<number, JournalEntry>,
): Promise<JournalEntry[]> {
  const branch: JournalEntry[] = []
  for (let next = height; next > 0n && branch.length < MAX_BRANCH_BLOCKS; next--) {
    const { entry, parentHash } = await readEntry(client, next)
    branch.unshift(entry)
    const below = kept.get(entry.number - 1)
    if (below === undefined || below.hash === parentHash) break
  }
  return branch
}

/** Removes a journal that belongs to no saved state. */
export async function discardJournal(file: string): Promise<void> {
  await rm(file, { force: true })
}

async function readEntry(
  client: WorldClient,
  height: bigint,
): Promise<{ entry: JournalEntry; parentHash: Hex }> {
  const block = await client.getBlock({ blockNumber: height })
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<Hex>
  const raw = (hash: Hex) => request({ method: 'eth_getRawTransactionByHash', params: [hash] })
  const transactions = await Promise.all(block.transactions.map(raw))
  const entry = {
    number: Number(block.number),
    hash: block.hash,
    timestampSec: Number(block.timestamp),
    baseFeeWei: String(block.baseFeePerGas ?? 0n),
    transactions,
  }
  return { entry, parentHash: block.parentHash }
}

/** A last line cut short by a kill is ignored; the block it belonged to is simply not replayed. */
async function readJournal(file: string): Promise<Map<number, JournalEntry>> {
  const entries = new Map<number, JournalEntry>()
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return entries
    throw error
  }
  for (const line of text.split('\n')) {
    const entry = parseEntry(line)
    if (entry === undefined) continue
    // A reorg replaced this height; what was built on the old block went with it.
    for (const number of entries.keys()) if (number > entry.number) entries.delete(number)
    entries.set(entry.number, entry)
  }
  return entries
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return JSON.parse(line) as JournalEntry
  } catch {
    return undefined
  }
}
