/**
 * Running models: with session-worker.ts the only importer of onnxruntime-node. `openModels` (any thread) checks the files
 * and starts worker threads, in which `serveSessions` opens the sessions and answers.
 *
 * Rules for rows: row-major, columns in the order of the spec, rounded to float32 here and nowhere else. ±Infinity (also
 * by rounding) is refused with its place. NaN means "missing" and follows the spec's `missing`. Whether a model ought to
 * speak at all about a row is `abstains` in spec.ts, which the caller asks first.
 *
 * On a GPU a forest runs in another form, compiled to tensors (onnx/tensor-trees.ts). It serves only after it has said
 * what the canonical file says on the gate's rows, within GATE_TOLERANCE; else the model runs on the CPU, with a warning.
 * On a CPU a forest runs compiled (compiled/walk.ts), which serves only if it says the same to the bit; docs/adr/0010.
 */
import { logger } from '../log'
import { GATE_TOLERANCE } from './gate'
import { ModelError } from './model-error'
import { type Form, type RunResult, startPool } from './pool'
import { type LoadedModel, loadModel, models } from './registry'
import type { ServeData } from './session-worker'

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
  /** Versions whose files were read elsewhere; then `names` and `folderOf` are not asked. */
  loaded?: readonly LoadedModel[]
  /** Serve the GPU form on the CPU, gate included: for tests and benches without a GPU. */
  tensorOnCpu?: boolean
  /** Only the file itself, in onnxruntime: for verifying, which must not trust what was compiled from it. */
  canonicalOnly?: boolean
  /** Default GATE_TOLERANCE; 0 lets no GPU form pass. */
  gateTolerance?: number
}

export type OpenModel = Omit<LoadedModel, 'bytes'> & { provider: string; form: Form }

/** `values` [rowCount]; `margins` [rowCount] log odds before calibration; `contributions` row-major [rowCount × F], log odds. */
export type Scores = RunResult

export type ModelRuntime = {
  models: Record<string, OpenModel>
  /** Why a model does not run where it was asked to; also logged. */
  warnings: readonly string[]
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
    names = options.loaded?.map(({ spec }) => spec.name) ?? Object.keys(models),
    providers = ['cpu'],
    threads = 1,
    runTimeoutMs = 30_000,
    tensorOnCpu = false,
    canonicalOnly = false,
    gateTolerance = GATE_TOLERANCE,
    folderOf,
  } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new ModelError('bad-input', `threads must be 1 to 64, got ${threads}`)
  }
  const loaded = options.loaded ?? names.map((name) => loadModel(name, folderOf?.(name)))
  const pool = await startPool({
    threads,
    runTimeoutMs,
    startTimeoutMs: 60_000,
    maxQueued: MAX_QUEUED,
    workerData: {
      models: loaded.map(({ spec, bytes }) => ({ name: spec.name, bytes })),
      providers,
      tensorOnCpu,
      canonicalOnly,
      gateTolerance,
    } satisfies ServeData,
  })
  for (const warning of pool.warnings) logger('models').warn(warning)
  const open = loaded.map(({ spec, sha256 }): [string, OpenModel] => [
    spec.name,
    {
      spec,
      sha256,
      provider: pool.providers[spec.name] ?? 'unknown',
      form: pool.forms[spec.name] ?? 'canonical',
    },
  ])
  const byName = new Map(open)
  return {
    models: Object.fromEntries(open),
    warnings: pool.warnings,
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
        const whole = end - start === rowCount
        const part = whole ? features : features.slice(start * inputs.length, end * inputs.length)
        chunks.push(pool.run({ model: name, rows: part, rowCount: end - start }))
      }
      return join(await Promise.all(chunks), { rowCount, width: inputs.length })
    },
  }
}

/** A float32 tensor, row-major. */
export type FloatTensor = { dims: readonly number[]; data: Float32Array }

/** The same in float32 or float64. */
export type NumberTensor<Numbers extends Float32Array | Float64Array> = {
  dims: readonly number[]
  data: Numbers
}

/** A graph of one's own in this thread: for training and batch jobs. Serving goes through `openModels`. */
export type OpenGraph<Numbers extends Float32Array | Float64Array = Float32Array> = {
  /** Runs once; inputs and outputs by name, all of one type. Rejects on a missing input or a wrong shape. */
  run(feeds: Readonly<Record<string, NumberTensor<Numbers>>>): Promise<Record<string, NumberTensor<Numbers>>>
  close(): Promise<void>
}

/**
 * Opens a graph with one thread on the CPU, where sums then have one order, or on the first of `providers` that takes it.
 * Rejects with ModelError run-failed.
 */
export async function openGraph<Numbers extends Float32Array | Float64Array = Float32Array>(
  bytes: Uint8Array,
  providers: readonly ExecutionProvider[] = ['cpu'],
): Promise<OpenGraph<Numbers>> {
  const ort = await import('onnxruntime-node')
  const one = { executionProviders: [...providers], intraOpNumThreads: 1, interOpNumThreads: 1 }
  const session = await ort.InferenceSession.create(bytes, one).catch((cause: Error) => {
    throw new ModelError('run-failed', `the graph does not load: ${cause.message}`, { cause })
  })
  return {
    async run(feeds) {
      const inputs = Object.entries(feeds).map(([name, { dims, data }]) => [
        name,
        data instanceof Float64Array
          ? new ort.Tensor('float64', data, [...dims])
          : new ort.Tensor('float32', data, [...dims]),
      ])
      const outputs = await session.run(Object.fromEntries(inputs))
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: data as Numbers }]),
      )
    },
    close: () => session.release(),
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
  // A copy by the constructor is one move of memory; `from` walks an iterator.
  const features = new Float32Array(rows)
  for (let i = 0; i < features.length; i++) {
    if (features[i] !== Infinity && features[i] !== -Infinity) continue
    const where = `row ${Math.floor(i / columns.length)}, column ${columns[i % columns.length]}`
    throw new ModelError('bad-input', `model "${name}": ${where} is ${rows[i]}, which float32 cannot hold`)
  }
  return features
}

function join(parts: RunResult[], { rowCount, width }: { rowCount: number; width: number }): RunResult {
  if (parts.length === 1) return parts[0]!
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
