/**
 * Records blocks and receipts from any JSON-RPC endpoint into a capture file.
 *
 * Blocks are fetched a few at a time and written in order. A recording is trustworthy or there is none: parent hashes
 * must link, every receipt and log must belong to its block, and the file appears under its name only when complete.
 */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { PassThrough } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type RpcRequest, rpcRequester } from '../chains/client'
import { PlimsollError } from '../errors'

export interface RecordOptions {
  /** http(s) or ws(s). */
  rpcUrl: string
  from: number
  to: number
  /** Gzipped when it ends in .gz. */
  outFile: string
  onProgress?: (progress: { height: number; done: number; total: number }) => void
  /** Blocks in flight at once; default 4. */
  concurrency?: number
}

export interface Recording {
  chainId: number
  blocks: number
  logs: number
}

interface RpcBlock {
  number: string
  hash: string
  parentHash: string
  transactions: { hash: string }[]
}

interface RpcReceipt {
  blockHash: string
  transactionHash: string
  logs: { blockHash?: string }[]
}

interface Recorded {
  block: RpcBlock
  receipts: RpcReceipt[]
}

const MAX_BLOCKS = 1_000_000
const CONCURRENCY = 4
const RECEIPTS_AT_ONCE = 8

function quantity(height: number): string {
  return `0x${height.toString(16)}`
}

function checkRange({ from, to }: RecordOptions): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from) {
    throw new PlimsollError(`blocks ${from} to ${to} are not a range`, { exitCode: 2 })
  }
  if (to - from >= MAX_BLOCKS) {
    throw new PlimsollError(`${to - from + 1} blocks are more than ${MAX_BLOCKS}`, {
      hint: 'record several files, or index a gateway',
      exitCode: 2,
    })
  }
}

/** Whether the endpoint knows eth_getBlockReceipts; else receipts are asked for one by one. */
async function hasBlockReceipts(request: RpcRequest, height: number): Promise<boolean> {
  const answer = await request('eth_getBlockReceipts', [quantity(height)]).catch((error: unknown) => {
    if (isMethodMissing(error)) return undefined
    throw error
  })
  return Array.isArray(answer)
}

function isMethodMissing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === -32601 || code === -32600 || /not (found|supported|available|exist)/i.test(String(error))
}

async function receiptsOneByOne(request: RpcRequest, block: RpcBlock): Promise<RpcReceipt[]> {
  const receipts: RpcReceipt[] = []
  for (let start = 0; start < block.transactions.length; start += RECEIPTS_AT_ONCE) {
    const hashes = block.transactions.slice(start, start + RECEIPTS_AT_ONCE).map((tx) => tx.hash)
    const found = await Promise.all(hashes.map((hash) => request('eth_getTransactionReceipt', [hash])))
    receipts.push(...(found as RpcReceipt[]))
  }
  return receipts
}

async function fetchBlock(request: RpcRequest, height: number, byBlock: boolean): Promise<Recorded> {
  const block = (await request('eth_getBlockByNumber', [quantity(height), true])) as RpcBlock | null
  if (block === null) {
    throw new PlimsollError(`the endpoint has no block ${height}`, {
      hint: 'choose blocks below its head',
      exitCode: 2,
    })
  }
  const receipts = byBlock
    ? ((await request('eth_getBlockReceipts', [quantity(height)])) as RpcReceipt[])
    : await receiptsOneByOne(request, block)
  const recorded = { block, receipts }
  checkBlock(recorded, height)
  return recorded
}

function checkBlock({ block, receipts }: Recorded, height: number): void {
  const fault = (what: string): PlimsollError =>
    new PlimsollError(`block ${height}: ${what}`, {
      hint: 'the chain may be reorganizing, or the endpoint mixes nodes; record blocks further below the head',
    })
  if (Number(block.number) !== height) throw fault(`the endpoint returned block ${Number(block.number)}`)
  if (!Array.isArray(receipts) || receipts.length !== block.transactions.length) {
    throw fault(`${block.transactions.length} transactions but ${receipts?.length ?? 'no'} receipts`)
  }
  receipts.forEach((receipt, i) => {
    if (receipt === null || receipt.blockHash !== block.hash)
      throw fault('a receipt belongs to another block')
    if (receipt.transactionHash !== block.transactions[i]?.hash) throw fault('receipts are out of order')
    if (receipt.logs.some((log) => log.blockHash !== undefined && log.blockHash !== block.hash)) {
      throw fault('a log belongs to another block')
    }
  })
}

async function write(out: Writable, text: string): Promise<void> {
  if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve))
}

/** Blocks in order, `concurrency` of them in flight. */
async function* inOrder(
  fetch: (height: number) => Promise<Recorded>,
  options: RecordOptions,
): AsyncIterable<Recorded> {
  const inFlight: Promise<Recorded>[] = []
  let next = options.from
  const width = Math.max(1, options.concurrency ?? CONCURRENCY)
  for (let height = options.from; height <= options.to; height++) {
    while (next <= options.to && inFlight.length < width) {
      const started = fetch(next++)
      started.catch(() => undefined)
      inFlight.push(started)
    }
    yield await (inFlight.shift() as Promise<Recorded>)
  }
}

async function recordBlocks(request: RpcRequest, options: RecordOptions, out: Writable): Promise<Recording> {
  const chainId = Number(await request('eth_chainId', []))
  const byBlock = await hasBlockReceipts(request, options.from)
  const recording: Recording = { chainId, blocks: 0, logs: 0 }
  const total = options.to - options.from + 1
  let parent: RpcBlock | undefined
  for await (const recorded of inOrder((height) => fetchBlock(request, height, byBlock), options)) {
    const { block, receipts } = recorded
    if (parent && block.parentHash !== parent.hash) {
      throw new PlimsollError(`block ${Number(block.number)} does not continue the block before it`, {
        details: [`its parent is ${block.parentHash}, recorded was ${parent.hash}`],
        hint: 'the chain reorganized while it was recorded; record blocks further below the head',
      })
    }
    parent = block
    await write(out, `${JSON.stringify({ chainId, block, receipts })}\n`)
    recording.blocks++
    recording.logs += receipts.reduce((sum, receipt) => sum + receipt.logs.length, 0)
    options.onProgress?.({ height: Number(block.number), done: recording.blocks, total })
  }
  return recording
}

/**
 * Records blocks `from` to `to` (inclusive) into `outFile`.
 * @returns what was recorded
 * @throws PlimsollError when the range is wrong, a block is missing, or blocks, receipts and logs do not belong together;
 *   then no file is left
 */
export async function recordCapture(options: RecordOptions): Promise<Recording> {
  checkRange(options)
  const temporary = `${options.outFile}.partial-${process.pid}`
  const { request, close } = rpcRequester(options.rpcUrl)
  const file = createWriteStream(temporary)
  const out = new PassThrough()
  const written = options.outFile.endsWith('.gz')
    ? pipeline(out, createGzip({ level: 6 }), file)
    : pipeline(out, file)
  written.catch(() => undefined)
  try {
    const recording = await recordBlocks(request, options, out)
    out.end()
    await written
    await rename(temporary, options.outFile)
    return recording
  } catch (error) {
    out.destroy()
    file.destroy()
    await finished(file).catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  } finally {
    await close()
  }
}

/** `plimsoll capture`: records and shows how far it is. */
export async function recordWithProgress(options: RecordOptions): Promise<void> {
  const tty = process.stderr.isTTY
  const recording = await recordCapture({
    ...options,
    onProgress: ({ height, done, total }) => {
      if (tty) process.stderr.write(`\rblock ${height}  ${done}/${total}`)
    },
  })
  if (tty) process.stderr.write('\n')
  console.log(
    `recorded ${recording.blocks} blocks of chain ${recording.chainId} with ${recording.logs} logs into ${options.outFile}`,
  )
}
