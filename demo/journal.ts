/**
 * Lets the world survive a kill without losing a block.
 *
 * Saving a whole chain takes longer the longer it grows, so it is done rarely. In between, every mined block is
 * appended to a journal: its time and its signed transactions. A block follows from its parent, its time and its
 * transactions alone, so replaying the journal over the last saved state yields the very same hashes, and those
 * who indexed them need not notice that the node was gone.
 */
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type Hex, serializeTransaction } from 'viem'
import type { WorldClient } from './client'

/** One mined block; JSON, one a line. */
export type JournalEntry = { number: number; hash: Hex; timestampSec: number; transactions: Hex[] }

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
      const entry = await readEntry(client, height)
      kept.set(entry.number, entry)
      await appendFile(file, `${JSON.stringify(entry)}\n`)
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
 * Mines the journal's blocks again on top of the head. Stops at the first gap or at the first block whose hash
 * differs, which is then mined as it came out. Returns how many blocks came out as they were.
 */
export async function replayJournal(
  client: WorldClient,
  file: string,
): Promise<{ replayed: number; diverged: boolean }> {
  const entries = await readJournal(file)
  let replayed = 0
  for (;;) {
    const entry = entries.get(Number(await client.getBlockNumber()) + 1)
    if (entry === undefined) return { replayed, diverged: false }
    for (const serializedTransaction of entry.transactions)
      await client.sendRawTransaction({ serializedTransaction })
    await client.setNextBlockTimestamp({ timestamp: BigInt(entry.timestampSec) })
    await client.mine({ blocks: 1 })
    const block = await client.getBlock()
    if (block.hash !== entry.hash) return { replayed, diverged: true }
    replayed++
  }
}

/** Removes a journal that belongs to no saved state. */
export async function discardJournal(file: string): Promise<void> {
  await rm(file, { force: true })
}

async function readEntry(client: WorldClient, height: bigint): Promise<JournalEntry> {
  const block = await client.getBlock({ blockNumber: height, includeTransactions: true })
  return {
    number: Number(block.number),
    hash: block.hash,
    timestampSec: Number(block.timestamp),
    transactions: block.transactions.map((transaction) => {
      if (transaction.type !== 'eip1559')
        throw new Error(`transaction ${transaction.hash} is of type ${transaction.type}`)
      const { chainId, nonce, to, value, gas, input, maxFeePerGas, maxPriorityFeePerGas, accessList } =
        transaction
      const { r, s, yParity } = transaction
      return serializeTransaction(
        {
          type: 'eip1559',
          chainId,
          nonce,
          to,
          value,
          gas,
          data: input,
          maxFeePerGas,
          maxPriorityFeePerGas,
          accessList,
        },
        { r, s, yParity },
      )
    }),
  }
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
