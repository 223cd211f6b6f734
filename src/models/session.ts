/**
 * Running models: the only importer of onnxruntime-node. `openModels` (any thread) checks the files and starts worker
 * threads; `serveSessions` (in those threads) opens the sessions and answers.
 *
 * Rules for rows: row-major, columns in the order of the spec, rounded to float32 here and nowhere else. ±Infinity (also
 * by rounding) is refused with its place. NaN means "missing" and follows the spec's `missing`. Whether a model ought to
 * speak at all about a row is `abstains` in spec.ts, which the caller asks first.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { ModelError } from './model-error'
import { type Reply, type RunRequest, type RunResult, startPool } from './pool'
import { type LoadedModel, loadModel, models } from './registry'

export type ExecutionProvider = 'cuda' | 'webgpu' | 'cpu'

export type ModelRuntimeOptions = {
  /** Which models; all registered ones when absent. */
  names?: readonly string[]
  /** Tried in this order for each model. Default ['cpu']. */
  providers?: readonly ExecutionProvider[]
  /** Worker threads, 1 to 64. Default 1. */
  threads?: number
  /** Per run of at most 1,024 rows. Default 30,000. */
  runTimeoutMs?: number
  /** Folder of a model's files; for tests. */
  folderOf?: (name: string) => string
}

export type OpenModel = Omit<LoadedModel, 'bytes'> & { provider: string }

/** `values` [rowCount]; `margins` [rowCount] log odds before calibration; `contributions` row-major [rowCount × F], log odds. */
export type Scores = RunResult

export type ModelRuntime = {
  models: Record<string, OpenModel>
  score(name: string, rows: Float32Array | Float64Array, rowCount: number): Promise<Scores>
  close(): Promise<void>
}

const CHUNK_ROWS = 1024
const MAX_ROWS = 4_000_000
const MAX_QUEUED = 16_384

/**
 * Opens models and checks their hashes. Throws ModelError (unknown-model, missing-file, hash-mismatch, no-provider,
 * timeout). `score` gives the same bits for a row whatever its batch; it rejects with bad-input, too-much, unknown-model,
 * run-failed, timeout or closed.
 */
export async function openModels(options: ModelRuntimeOptions = {}): Promise<ModelRuntime> {
  const {
    names = Object.keys(models),
    providers = ['cpu'],
    threads = 1,
    runTimeoutMs = 30_000,
    folderOf,
  } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new ModelError('bad-input', `threads must be 1 to 64, got ${threads}`)
  }
  const loaded = names.map((name) => loadModel(name, folderOf?.(name)))
  const pool = await startPool({
    threads,
    runTimeoutMs,
    startTimeoutMs: 60_000,
    maxQueued: MAX_QUEUED,
    workerData: { models: loaded.map(({ spec, bytes }) => ({ name: spec.name, bytes })), providers },
  })
  const open = loaded.map(({ spec, sha256 }): [string, OpenModel] => [
    spec.name,
    { spec, sha256, provider: pool.providers[spec.name] ?? 'unknown' },
  ])
  const byName = new Map(open)
  return {
    models: Object.fromEntries(open),
    close: pool.close,
    async score(name, rows, rowCount) {
      const model = byName.get(name)
      if (!model)
        throw new ModelError('unknown-model', `model "${name}" is not open; open: ${names.join(', ')}`)
      const { inputs } = model.spec
      const features = toFloat32({ name, rows, rowCount, columns: inputs.map((input) => input.name) })
      const chunks: Promise<RunResult>[] = []
      for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
        const end = Math.min(rowCount, start + CHUNK_ROWS)
        const part = features.slice(start * inputs.length, end * inputs.length)
        chunks.push(pool.run({ model: name, rows: part, rowCount: end - start }))
      }
      return join(await Promise.all(chunks), { rowCount, width: inputs.length })
    },
  }
}

/** The one boundary where features become float32. Throws bad-input or too-much. */
function toFloat32(options: {
  name: string
  rows: Float32Array | Float64Array
  rowCount: number
  columns: string[]
}): Float32Array {
  const { name, rows, rowCount, columns } = options
  if (!Number.isInteger(rowCount) || rowCount < 0)
    throw new ModelError('bad-input', `rowCount is ${rowCount}`)
  if (rowCount > MAX_ROWS) throw new ModelError('too-much', `${rowCount} rows; at most ${MAX_ROWS} a call`)
  if (rows.length !== rowCount * columns.length) {
    throw new ModelError(
      'bad-input',
      `model "${name}" needs ${rowCount} rows × ${columns.length} features = ${rowCount * columns.length} numbers, ` +
        `got ${rows.length}; columns: ${columns.join(', ')}`,
    )
  }
  const features = Float32Array.from(rows)
  for (let i = 0; i < features.length; i++) {
    if (features[i] !== Infinity && features[i] !== -Infinity) continue
    const where = `row ${Math.floor(i / columns.length)}, column ${columns[i % columns.length]}`
    throw new ModelError('bad-input', `model "${name}": ${where} is ${rows[i]}, which float32 cannot hold`)
  }
  return features
}

function join(parts: RunResult[], { rowCount, width }: { rowCount: number; width: number }): RunResult {
  const values = new Float64Array(rowCount)
  const margins = new Float64Array(rowCount)
  const contributions = new Float32Array(rowCount * width)
  const further = Object.fromEntries(
    Object.keys(parts[0]?.further ?? {}).map((name) => [name, new Float64Array(rowCount)]),
  )
  let row = 0
  for (const part of parts) {
    for (const [name, numbers] of Object.entries(part.further)) further[name]?.set(numbers, row)
    values.set(part.values, row)
    margins.set(part.margins, row)
    contributions.set(part.contributions, row * width)
    row += part.values.length
  }
  return { values, margins, contributions, bias: parts[0]?.bias ?? Number.NaN, further }
}

/** Every graph has these outputs; what it has beside them is handed on by name. */
const STANDARD_OUTPUTS = new Set(['value', 'margin', 'contributions', 'bias'])

type Ort = typeof import('onnxruntime-node')
type Session = Awaited<ReturnType<Ort['InferenceSession']['create']>>
type ServeData = { models: { name: string; bytes: Uint8Array }[]; providers: ExecutionProvider[] }

/** Runs in a worker thread: opens every model given as workerData, says `ready`, then answers requests in turn. */
export function serveSessions(): void {
  const port = parentPort
  if (!port) throw new ModelError('run-failed', 'serveSessions runs only in a worker thread')
  const send = (reply: Reply) => port.postMessage(reply)
  openSessions(workerData as ServeData).then(
    ({ ort, sessions, providers }) => {
      port.on('message', (request: RunRequest) => {
        runSession(ort, sessions.get(request.model)!, request).then(
          (result) => send({ kind: 'result', id: request.id, result }),
          (error: Error) => send({ kind: 'error', id: request.id, message: error.message }),
        )
      })
      send({ kind: 'ready', providers })
    },
    (error: Error) => send({ kind: 'failed', message: error.message }),
  )
}

/** A provider that cannot load throws, so they are tried one by one. */
async function openSessions({ models: files, providers: order }: ServeData) {
  const ort = await import('onnxruntime-node')
  const sessions = new Map<string, Session>()
  const providers: Record<string, string> = {}
  for (const { name, bytes } of files) {
    const faults: string[] = []
    for (const provider of order) {
      if (sessions.has(name)) break
      try {
        const one = { executionProviders: [provider], intraOpNumThreads: 1, interOpNumThreads: 1 }
        sessions.set(name, await ort.InferenceSession.create(bytes, one))
        providers[name] = provider
      } catch (error) {
        faults.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    if (!sessions.has(name)) throw new Error(`model "${name}" loads on no provider; ${faults.join('; ')}`)
  }
  return { ort, sessions, providers }
}

async function runSession(ort: Ort, session: Session, { rows, rowCount }: RunRequest): Promise<RunResult> {
  const features = new ort.Tensor('float32', rows, [rowCount, rows.length / rowCount])
  const out = await session.run({ features })
  const numbers = (name: string) => {
    const tensor = out[name]
    if (!tensor) throw new Error(`the graph has no output "${name}"`)
    return tensor.data
  }
  return {
    values: Float64Array.from(numbers('value') as Float64Array),
    margins: Float64Array.from(numbers('margin') as Float64Array),
    contributions: Float32Array.from(numbers('contributions') as Float32Array),
    bias: (numbers('bias') as Float64Array)[0]!,
    further: Object.fromEntries(
      session.outputNames
        .filter((name) => !STANDARD_OUTPUTS.has(name))
        .map((name) => [name, Float64Array.from(numbers(name) as Float64Array)]),
    ),
  }
}
