/** The worker threads' half of session.ts: opens sessions on the first provider that can, and answers requests in turn. */
import { randomInt } from 'node:crypto'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { compileForest, type Walker } from './compiled/walk'
import { gateDifference, gateRows, sameBits } from './gate'
import { ModelError } from './model-error'
import { type ReadForest, readForest } from './onnx/read-forest'
import { encodeMissing, writeTensorModel } from './onnx/tensor-trees'
import type { Ready, Reply, RunRequest, RunResult } from './pool'
import type { ExecutionProvider } from './session'

/** Every graph has these outputs; what it has beside them is handed on by name. */
const STANDARD_OUTPUTS = new Set(['value', 'margin', 'contributions', 'bias'])

type Ort = typeof import('onnxruntime-node')
type Session = Awaited<ReturnType<Ort['InferenceSession']['create']>>
/** What answers: a session with the form of its graph, which decides how rows are fed to it, or a compiled forest. */
type Served = { session: Session; form: 'canonical' | 'tensor' } | { walker: Walker; form: 'compiled' }
/** What a thread is started with; see ModelRuntimeOptions. */
export type ServeData = {
  models: { name: string; bytes: Uint8Array }[]
  providers: readonly ExecutionProvider[]
  tensorOnCpu: boolean
  canonicalOnly: boolean
  gateTolerance: number
}

/** Runs in a worker thread: opens every model given as workerData, says `ready`, then answers requests in turn. */
export function serveSessions(): void {
  const port = parentPort
  if (!port) throw new ModelError('run-failed', 'serveSessions runs only in a worker thread')
  const send = (reply: Reply) => port.postMessage(reply)
  giveWay()
  openSessions(workerData as ServeData).then(
    ({ ort, served, ready }) => {
      port.on('message', (request: RunRequest) => {
        answer(ort, served.get(request.model)!, request).then(
          (result) => {
            const { values, margins, contributions, further } = result
            const arrays = [values, margins, contributions, ...Object.values(further)]
            const moved = arrays.map(({ buffer }) => buffer as ArrayBuffer)
            port.postMessage({ kind: 'result', id: request.id, result } satisfies Reply, moved)
          },
          (error: Error) => send({ kind: 'error', id: request.id, message: error.message }),
        )
      })
      send({ kind: 'ready', ...ready })
    },
    (error: Error) => send({ kind: 'failed', message: error.message }),
  )
}

/**
 * On Linux, priority 0 is the calling thread's own: models then take what event loops and the database leave, which have
 * somebody waiting. Elsewhere it would be the whole process, and stays as it is.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // A sandbox may forbid it; the models answer all the same.
  }
}

async function openSessions(data: ServeData) {
  const ort = await import('onnxruntime-node')
  const served = new Map<string, Served>()
  const ready: Ready = { providers: {}, forms: {}, warnings: [] }
  for (const file of data.models) {
    const { serves, provider, warnings } = await openOne(ort, file, data)
    served.set(file.name, serves)
    ready.providers[file.name] = provider
    ready.forms[file.name] = serves.form
    ready.warnings.push(...warnings)
  }
  return { ort, served, ready }
}

type Opened = { serves: Served; provider: string; warnings: string[] }

/** A provider that cannot load throws, so they are tried one by one. Without a sound GPU form the CPU takes over. */
async function openOne(
  ort: Ort,
  { name, bytes }: ServeData['models'][number],
  data: ServeData,
): Promise<Opened> {
  const faults: string[] = []
  const warnings: string[] = []
  for (const provider of data.providers) {
    try {
      if (provider === 'cpu' && !data.tensorOnCpu) {
        const { serves, refusals } = await openOnCpu(ort, { name, bytes }, data)
        warnings.push(...faults.map((fault) => `model "${name}" runs on the CPU; ${fault}`), ...refusals)
        return { serves, provider, warnings }
      }
      const opened = await openTensor(ort, { name, bytes, provider, tolerance: data.gateTolerance })
      if ('session' in opened) return { serves: { ...opened, form: 'tensor' }, provider, warnings }
      warnings.push(opened.refusal)
    } catch (error) {
      faults.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (warnings.length === 0) throw new Error(`model "${name}" loads on no provider; ${faults.join('; ')}`)
  const session = await create(ort, bytes, 'cpu')
  return { serves: { session, form: 'canonical' }, provider: 'cpu', warnings }
}

/** The compiled form of a forest where it is the same to the bit, else the file in onnxruntime. */
async function openOnCpu(
  ort: Ort,
  { name, bytes }: ServeData['models'][number],
  { canonicalOnly }: ServeData,
): Promise<{ serves: Served; refusals: string[] }> {
  const canonical = { session: await create(ort, bytes, 'cpu'), form: 'canonical' } as const
  const forest = canonicalOnly ? undefined : readForest(bytes)
  if (forest === undefined) return { serves: canonical, refusals: [] }
  const walker = compileForest(forest)
  const refusal =
    typeof walker === 'string' ? walker : await differs(ort, { forest, canonical, walker, name })
  if (typeof walker === 'string' || refusal !== undefined) {
    return { serves: canonical, refusals: [`model "${name}" is not compiled, and slower for it: ${refusal}`] }
  }
  await canonical.session.release()
  return { serves: { walker, form: 'compiled' }, refusals: [] }
}

/** Asks both forms the gate's rows, and rows that no start has asked before; says so where they differ. */
async function differs(
  ort: Ort,
  options: { forest: ReadForest; canonical: Served; walker: Walker; name: string },
): Promise<string | undefined> {
  const { forest, canonical, walker, name } = options
  for (const seed of [1, randomInt(2 ** 31)]) {
    const rows = gateRows(forest, seed)
    const rowCount = rows.length / forest.inputs.length
    const said = await answer(ort, canonical, { id: 0, model: name, rows, rowCount })
    if (!sameBits(said, walker(rows, rowCount)))
      return `it differs from the canonical file on the gate's rows of seed ${seed}`
  }
  return undefined
}

function create(ort: Ort, bytes: Uint8Array, provider: string): Promise<Session> {
  const one = { executionProviders: [provider], intraOpNumThreads: 1, interOpNumThreads: 1 }
  return ort.InferenceSession.create(bytes, one)
}

/** The GPU form of a model on a provider, or why it may not serve. Rejects when the provider cannot load. */
async function openTensor(
  ort: Ort,
  options: { name: string; bytes: Uint8Array; provider: string; tolerance: number },
): Promise<{ session: Session } | { refusal: string }> {
  const { name, bytes, provider, tolerance } = options
  const forest = readForest(bytes)
  if (forest === undefined)
    return { refusal: `model "${name}" has no GPU form; it runs on the CPU, not on ${provider}` }
  const session = await create(ort, writeTensorModel(forest, name), provider)
  const canonical = await create(ort, bytes, 'cpu')
  const rows = gateRows(forest)
  const request = { id: 0, model: name, rows, rowCount: rows.length / forest.inputs.length }
  const difference = gateDifference(
    await answer(ort, { session: canonical, form: 'canonical' }, request),
    await answer(ort, { session, form: 'tensor' }, request),
  )
  await canonical.release()
  if (difference <= tolerance) return { session }
  await session.release()
  return {
    refusal:
      `model "${name}" on ${provider} differs from the canonical file by ${difference.toExponential(2)}, ` +
      `more than ${tolerance}; it runs on the CPU`,
  }
}

async function answer(ort: Ort, served: Served, request: RunRequest): Promise<RunResult> {
  const { rows, rowCount } = request
  if (served.form === 'compiled') return served.walker(rows, rowCount)
  const { session, form } = served
  const width = rows.length / rowCount
  const feeds =
    form === 'canonical'
      ? { features: new ort.Tensor('float32', rows, [rowCount, width]) }
      : { both: new ort.Tensor('float32', encodeMissing(rows, width), [rowCount, 2 * width]) }
  const out = await session.run(feeds)
  const numbers = (name: string) => {
    const tensor = out[name]
    if (!tensor) throw new Error(`the graph has no output "${name}"`)
    return tensor.data
  }
  return {
    values: new Float64Array(numbers('value') as Float64Array),
    margins: new Float64Array(numbers('margin') as Float64Array),
    contributions: new Float32Array(numbers('contributions') as Float32Array),
    bias: (numbers('bias') as Float64Array)[0]!,
    further: Object.fromEntries(
      session.outputNames
        .filter((name) => !STANDARD_OUTPUTS.has(name))
        .map((name) => [name, new Float64Array(numbers(name) as Float64Array)]),
    ),
  }
}
