/** The thread's half of thread.ts: reads the book of a job's blocks, runs the engine on it, and says how far it has come. */
import { parentPort, workerData } from 'node:worker_threads'
import { chainById } from '../../chains/registry'
import type { ChainSpec } from '../../chains/types'
import { openPool, type Pool } from '../../db/pool'
import { messageOf, PlimsollError } from '../../errors'
import { readBookInputs } from '../../features/book-read'
import { readBookHistory } from '../../features/history-read'
import { readRecommendContext } from '../../features/recommend-read'
import type { AsOfChains, Book } from '../../systemic/book'
import { joinBooks } from '../../systemic/book-join'
import { type BookInput, bookOf } from '../../systemic/book-of'
import { type ExposureOptions, exposureGraph } from '../../systemic/exposure/graph'
import { type ExposureFilter, exposureInputOf } from '../../systemic/exposure/input-of'
import { badInput } from '../../systemic/network'
import { runRecommendations } from '../../systemic/recommend/run'
import type { FactorHistory } from '../../systemic/scenarios/history'
import { runStress } from '../../systemic/stress/run'
import type { Progress } from '../../systemic/stress/types'
import { systemicRisk } from '../../systemic/systemic-risk'
import type { Answers, FromThread, Job, ThreadData, ToThread } from './messages'

const STATEMENT_TIMEOUT_MS = 60_000
/** Progress is told no more often. */
const TELL_EVERY_MS = 200
/** Accounts told apart in the graph behind the standing risk. */
const RISK_ACCOUNTS = 50

/** Runs in a worker thread: answers jobs in turn, over a read-only connection of its own. */
export function serveJobs(): void {
  const port = parentPort
  if (!port) throw new PlimsollError('serveJobs runs only in a worker thread')
  const { databaseUrl, cancelled } = workerData as ThreadData
  const flag = new Int32Array(cancelled)
  const reading = { readOnly: true, statementTimeoutMs: STATEMENT_TIMEOUT_MS }
  const pool = openPool(databaseUrl, { ...reading, application: 'api-stress-read', max: 1 })
  const states = stateShelf(pool)
  const send = (message: FromThread) => port.postMessage(message)
  port.on('message', ({ number, job }: ToThread) => {
    const progress = teller(number, flag, send)
    states(job.asOf)
      .then((state) => answer(pool, state, { job, progress }))
      .then(
        (result) => send({ kind: 'result', number, result }),
        (error: unknown) => send({ kind: 'error', number, message: textOf(error), code: codeOf(error) }),
      )
  })
}

/** What every job of a block needs; prices are read up to that block, so that the same block gives the same answer. */
interface State {
  inputs: readonly BookInput[]
  book: Book
  chains: readonly ChainSpec[]
  /** Read when first asked for: exposures need none. */
  history: () => Promise<FactorHistory>
}

async function answer(
  pool: Pool,
  { book, inputs, chains, history: readHistory }: State,
  { job, progress }: { job: Job; progress: Progress },
): Promise<Answers[Job['kind']]> {
  const graph = (options: ExposureOptions & ExposureFilter) =>
    exposureGraph(exposureInputOf(inputs, options), options)
  if (job.kind === 'exposure') return graph(job)
  const history = await readHistory()
  if (job.kind === 'risk')
    return systemicRisk(book, {
      exposure: graph({ topAccounts: RISK_ACCOUNTS }),
      checkpoint: () => progress(0, 1),
      history,
    })
  if (job.kind === 'recommend') {
    const read = await readRecommendContext(pool, { book, chains, days: job.days })
    return runRecommendations(book, job.request, { ...read, history, onProgress: progress })
  }
  const nowMs = () => performance.now()
  return runStress(book, job.request, { history, onProgress: progress, nowMs })
}

/** Tells how far a job has come, now and then; throws once it is to end. */
function teller(number: number, flag: Int32Array, send: (message: FromThread) => void): Progress {
  let toldMs = 0
  return (done, of) => {
    if (Atomics.load(flag, 0) === number) throw new PlimsollError('the run was asked to end')
    const nowMs = performance.now()
    if (nowMs - toldMs < TELL_EVERY_MS) return
    toldMs = nowMs
    send({ kind: 'progress', number, done, of })
  }
}

/** Reads state; the last one stays, because whoever asks once about a block asks again. */
function stateShelf(pool: Pool): (asOf: AsOfChains) => Promise<State> {
  let kept: { key: string; state: State } | undefined
  return async (asOf) => {
    const key = JSON.stringify(asOf)
    if (kept?.key === key) return kept.state
    const requests = Object.entries(asOf).map(([chainId, { height }]) => {
      const chain = chainById(Number(chainId))
      if (chain === undefined) throw badInput(`chain ${chainId} is not known to this release`)
      return { chain, height }
    })
    const inputs = await readBookInputs(pool, requests)
    const book = joinBooks(inputs.map(bookOf))
    const chains = requests.map(({ chain }) => chain)
    for (const [chainId, { height, hash }] of Object.entries(asOf))
      if (book.asOf[chainId]?.hash !== hash) throw new Reorganised(`block ${height} of chain ${chainId}`)
    const state = { inputs, book, chains, history: once(() => readBookHistory(pool, book, chains)) }
    kept = { key, state }
    return state
  }
}

/** What work gives, done when first asked for; a failure is forgotten. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined
  return () => {
    promise ??= work().catch((error: unknown) => {
      promise = undefined
      throw error
    })
    return promise
  }
}

/** The block that was asked for is not its chain's any more. */
class Reorganised extends PlimsollError {
  constructor(block: string) {
    super(`${block} was reorganised away meanwhile; ask again`)
  }
}

function codeOf(error: unknown): (FromThread & { kind: 'error' })['code'] {
  if (error instanceof Reorganised) return 'ABORTED'
  return error instanceof PlimsollError && error.exitCode === 2 ? 'BAD_USER_INPUT' : null
}

function textOf(error: unknown): string {
  if (!(error instanceof PlimsollError)) return messageOf(error)
  return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
}
