/** The worker threads' half of session.ts: opens sessions on the first provider that can, and answers requests in turn. */
import { parentPort, workerData } from 'node:worker_threads'
import { gateDifference, gateRows } from './gate'
import { ModelError } from './model-error'
import { readForest } from './onnx/read-forest'
import { encodeMissing, writeTensorModel } from './onnx/tensor-trees'
import type { Ready, Reply, RunRequest, RunResult } from './pool'
import type { ExecutionProvider } from './session'

/** Every graph has these outputs; what it has beside them is handed on by name. */
const STANDARD_OUTPUTS = new Set(['value', 'margin', 'contributions', 'bias'])

type Ort = typeof import('onnxruntime-node')
type Session = Awaited<ReturnType<Ort['InferenceSession']['create']>>
/** A session with the form of its graph, which decides how rows are fed to it. */
type Served = { session: Session; form: 'canonical' | 'tensor' }
/** What a thread is started with; see ModelRuntimeOptions. */
export type ServeData = {
  models: { name: string; bytes: Uint8Array }[]
  providers: readonly ExecutionProvider[]
  tensorOnCpu: boolean
  gateTolerance: number
}

/** Runs in a worker thread: opens every model given as workerData, says `ready`, then answers requests in turn. */
export function serveSessions(): void {
  const port = parentPort
  if (!port) throw new ModelError('run-failed', 'serveSessions runs only in a worker thread')
  const send = (reply: Reply) => port.postMessage(reply)
  openSessions(workerData as ServeData).then(
    ({ ort, served, ready }) => {
      port.on('message', (request: RunRequest) => {
        runSession(ort, served.get(request.model)!, request).then(
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

async function openSessions(data: ServeData) {
  const ort = await import('onnxruntime-node')
  const served = new Map<string, Served>()
  const ready: Ready = { providers: {}, forms: {}, warnings: [] }
  for (const file of data.models) {
    const { session, form, provider, warnings } = await openOne(ort, file, data)
    served.set(file.name, { session, form })
    ready.providers[file.name] = provider
    ready.forms[file.name] = form
    ready.warnings.push(...warnings)
  }
  return { ort, served, ready }
}

/** A provider that cannot load throws, so they are tried one by one. Without a sound GPU form the CPU takes over. */
async function openOne(ort: Ort, { name, bytes }: ServeData['models'][number], data: ServeData) {
  const faults: string[] = []
  const warnings: string[] = []
  for (const provider of data.providers) {
    try {
      if (provider === 'cpu' && !data.tensorOnCpu) {
        const session = await create(ort, bytes, 'cpu')
        warnings.push(...faults.map((fault) => `model "${name}" runs on the CPU; ${fault}`))
        return { session, form: 'canonical' as const, provider, warnings }
      }
      const opened = await openTensor(ort, { name, bytes, provider, tolerance: data.gateTolerance })
      if ('session' in opened) return { ...opened, form: 'tensor' as const, provider, warnings }
      warnings.push(opened.refusal)
    } catch (error) {
      faults.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (warnings.length === 0) throw new Error(`model "${name}" loads on no provider; ${faults.join('; ')}`)
  return { session: await create(ort, bytes, 'cpu'), form: 'canonical' as const, provider: 'cpu', warnings }
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
    await runSession(ort, { session: canonical, form: 'canonical' }, request),
    await runSession(ort, { session, form: 'tensor' }, request),
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

async function runSession(ort: Ort, { session, form }: Served, request: RunRequest): Promise<RunResult> {
  const { rows, rowCount } = request
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
