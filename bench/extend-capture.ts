/**
 * A short capture laid end to end until it is as long as wanted: heights, times, block and transaction hashes are
 * renumbered so that the blocks link and no hash occurs twice; logs stay as they are. Each block is cut once at what
 * changes, so that a copy costs a join. Fields that no reader of captures looks at (signatures, call data beyond the
 * selector, receipts' blooms) are left out.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

interface RpcTransaction {
  hash: string
  input?: string
  [field: string]: unknown
}

interface RpcReceipt {
  transactionHash: string
  logs: Record<string, unknown>[]
  [field: string]: unknown
}

interface Line {
  chainId: number
  block: {
    number: string
    hash: string
    parentHash: string
    timestamp: string
    transactions: RpcTransaction[]
    [field: string]: unknown
  }
  receipts: RpcReceipt[]
}

const TRANSACTION_FIELDS = ['hash', 'transactionIndex', 'from', 'to', 'nonce', 'value', 'input']
const RECEIPT_FIELDS = ['transactionHash', 'blockHash', 'gasUsed', 'status', 'contractAddress', 'logs']
const LOG_FIELDS = ['logIndex', 'transactionIndex', 'transactionHash', 'address', 'topics', 'data']
const SELECTOR_CHARS = 10
const BLOCK_TIME_SEC = 12
const NUMBER = '@number'
const TIME = '@time'

/** A block's text, cut at the whole strings that a copy changes; the odd pieces are markers or hashes. */
interface Template {
  pieces: string[]
  height: number
  timestampSec: number
  hash: string
  parentHash: string
  logs: number
}

function pick(source: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((field) => field in source).map((field) => [field, source[field]]))
}

function templateOf(text: string): Template {
  const { chainId, block, receipts } = JSON.parse(text) as Line
  const { number, hash, parentHash, timestamp, logsBloom } = block
  const kept = {
    chainId,
    block: {
      number: NUMBER,
      hash,
      parentHash,
      timestamp: TIME,
      logsBloom,
      transactions: block.transactions.map((tx) => ({
        ...pick(tx, TRANSACTION_FIELDS),
        ...(tx.input !== undefined && { input: tx.input.slice(0, SELECTOR_CHARS) }),
      })),
    },
    receipts: receipts.map((receipt) => ({
      ...pick(receipt, RECEIPT_FIELDS),
      logs: receipt.logs.map((log) => pick(log, LOG_FIELDS)),
    })),
  }
  const changing = [NUMBER, TIME, hash, parentHash, ...block.transactions.map((tx) => tx.hash)]
  return {
    pieces: JSON.stringify(kept).split(new RegExp(`"(${changing.join('|')})"`)),
    height: Number(number),
    timestampSec: Number(timestamp),
    hash,
    parentHash,
    logs: receipts.reduce((sum, receipt) => sum + receipt.logs.length, 0),
  }
}

/** Another hash for each copy; the first copy keeps the original. */
function moved(hash: string, copy: number): string {
  return copy === 0 ? hash : `0x${copy.toString(16).padStart(8, '0')}${hash.slice(10)}`
}

function render(
  template: Template,
  copy: number,
  { step, parent }: { step: number; parent: string },
): string {
  const replace = (piece: string): string => {
    if (piece === NUMBER) return `0x${(template.height + copy * step).toString(16)}`
    if (piece === TIME) return `0x${(template.timestampSec + copy * step * BLOCK_TIME_SEC).toString(16)}`
    return piece === template.parentHash ? parent : moved(piece, copy)
  }
  return template.pieces.map((piece, i) => (i % 2 === 1 ? `"${replace(piece)}"` : piece)).join('')
}

/**
 * Writes `blocks` blocks to `target`, plain.
 * @returns how many blocks the capture holds itself, and the heights and logs of what was written
 */
export async function extendCapture(
  source: string,
  target: string,
  blocks: number,
): Promise<{ original: number; from: number; to: number; logs: number }> {
  const templates: Template[] = []
  const lines = createInterface({ input: createReadStream(source).pipe(createGunzip()) })
  for await (const line of lines) templates.push(templateOf(line))
  const first = templates[0]
  if (first === undefined) throw new Error(`${source} holds no block`)
  const out = createWriteStream(target)
  let parent = first.parentHash
  let logs = 0
  for (let i = 0; i < blocks; i++) {
    const template = templates[i % templates.length]!
    const copy = Math.floor(i / templates.length)
    const line = render(template, copy, { step: templates.length, parent })
    parent = moved(template.hash, copy)
    logs += template.logs
    if (!out.write(`${line}\n`)) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
  }
  await new Promise<void>((resolve) => out.end(() => resolve()))
  return { original: templates.length, from: first.height, to: first.height + blocks - 1, logs }
}
