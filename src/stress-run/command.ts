/** `plimsoll stress`: a book from the database or a file, a scenario, and a report of what breaks. */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Config } from '../config'
import { commandDatabaseUrl } from '../db/command-url'
import { openPool } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { readBook } from '../features/book-read'
import { chosenChains } from '../features/chosen-chains'
import { readBookHistory } from '../features/history-read'
import type { Book } from '../systemic/book'
import { bookJson } from '../systemic/book-json'
import type { FactorHistory } from '../systemic/scenarios/history'
import { runStress } from '../systemic/stress/run'
import type { Progress, StressRequest, StressResult } from '../systemic/stress/types'
import { stressArrow } from './arrow'
import { readBookFile } from './book-file'
import { readPriceFolder } from './price-files'
import { reportText } from './report'
import { stressInThreads } from './threads'

const SAY_EVERY_MS = 2_000
/** Each thread holds a copy of the book. */
const MOST_THREADS = 8
/** Position-draws, less of which are over before threads have started: about a second. */
const THREADED_WORK = 2_000_000

export interface StressCommand extends StressRequest {
  /** `chain=height`, as typed. */
  blocks: readonly string[]
  /** A book's file instead of the database. */
  in?: string
  /** A folder of price files to fit scenarios from. */
  prices?: string
  json?: boolean
  out?: string
  /** Writes the book that was read, in the form that `in` takes. */
  saveBook?: string
}

/** Runs the command. Throws PlimsollError on anything that was asked for wrongly. */
export async function runStressCommand(config: () => Config, command: StressCommand): Promise<StressResult> {
  const { blocks, in: file, prices, json, out, saveBook, ...request } = command
  if (out !== undefined && !out.endsWith('.arrow'))
    throw new PlimsollError(`${out} does not end in .arrow`, { exitCode: 2 })
  if (file !== undefined && blocks.length > 0)
    throw new PlimsollError('--block chooses blocks of the database, not of the book of --in', {
      exitCode: 2,
    })
  const given = prices === undefined ? undefined : readPriceFolder(prices)
  for (const note of given?.leftOut ?? []) say(`left out: ${note}`)
  const { book, history } =
    file === undefined
      ? await indexedBook(config(), blocks)
      : { book: readBookFile(file), history: undefined }
  if (saveBook !== undefined) save(saveBook, bookJson(book))
  const result = await runWithProgress(book, request, given?.history ?? history)
  console.log(reportText(result))
  if (out !== undefined) {
    save(out, stressArrow(result, 'parts'))
    say(`wrote ${out}`)
  }
  // The command exits when it is over, which would cut a long line short on a pipe.
  if (json) await new Promise((resolve) => process.stdout.write(`${JSON.stringify(result)}\n`, resolve))
  return result
}

async function runWithProgress(
  book: Book,
  request: StressRequest,
  history: FactorHistory | undefined,
): Promise<StressResult> {
  const startMs = performance.now()
  let saidMs = startMs
  const onProgress: Progress = (done, of) => {
    const nowMs = performance.now()
    if (nowMs - saidMs < SAY_EVERY_MS) return
    saidMs = nowMs
    const perSec = (done * 1000) / (nowMs - startMs)
    say(
      `${done} of ${of} draws, ${Math.round(perSec)} a second, about ${Math.ceil((of - done) / perSec)} s left`,
    )
  }
  const threads = Math.min(MOST_THREADS, availableParallelism())
  const isLarge = book.positions.pool.length * request.scenarios >= THREADED_WORK
  const result =
    isLarge && threads > 1
      ? await stressInThreads({ book, request, history }, { threads, onProgress })
      : runStress(book, request, { history, onProgress })
  return { ...result, elapsedMs: performance.now() - startMs }
}

async function indexedBook(
  config: Config,
  blocks: readonly string[],
): Promise<{ book: Book; history: FactorHistory }> {
  const pool = openPool(await commandDatabaseUrl(config), { application: 'stress', max: 2, readOnly: true })
  try {
    const chains = await chosenChains(pool, config, blocks)
    const book = await readBook(pool, chains)
    const specs = chains.map(({ chain }) => chain)
    return { book, history: await readBookHistory(pool, book, specs) }
  } finally {
    await pool.end()
  }
}

function save(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content)
  } catch (error) {
    throw new PlimsollError(`${file} cannot be written: ${messageOf(error)}`, { exitCode: 2 })
  }
}

/** Progress goes to stderr, so that stdout is the result. */
function say(line: string): void {
  console.error(line)
}
