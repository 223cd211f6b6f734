/**
 * `plimsoll score`: a file of features in, a file of scores out, for any registered model: a row for each row, in order.
 * The result appears under its name only when every row has been read: on a fault nothing is left behind.
 *
 * A file is somebody's question about every row of it, so a model that has learnt a side for missing values answers each
 * row of which anything is known, also where the scorer would keep silent (spec.minimum); the reasons then say that the
 * row lies outside of what the model learnt from.
 */

import { once } from 'node:events'
import { createWriteStream, renameSync, rmSync, statSync, type WriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { PlimsollError } from '../errors'
import { type Reason, reasonsFor } from './reasons'
import { models } from './registry'
import { type FeatureBatch, readFeatures } from './score-read'
import { type ModelRuntime, openModels } from './session'
import { abstains, type ModelSpec } from './spec'

export type ScoreFileOptions = {
  model: string
  inFile: string
  outFile: string
  /** Worker threads, default 2. */
  threads?: number
  /** Where the model is open already; stays open. For many files, one after the other. */
  runtime?: ModelRuntime
  /** Told after each batch. */
  progress?: (rows: number) => void
}

/** Rows read; how many of them got no score; how many have an id that stood in an earlier row, and the first of those. */
export type ScoreFileResult = {
  rows: number
  unscored: number
  repeatedIds: number
  firstRepeat?: { id: string; row: number }
}

const REASONS = 5
const MOST_ROWS = 16_000_000

/** Scores a file. Rejects with PlimsollError on a wrong file; then `outFile` is as it was. */
export async function scoreFile(options: ScoreFileOptions): Promise<ScoreFileResult> {
  const { model, inFile, outFile, threads = 2, progress = () => undefined } = options
  const spec = specOf(model)
  checkPaths(inFile, outFile)
  const runtime = options.runtime ?? (await openModels({ names: [model], threads }))
  const partFile = `${outFile}.${process.pid}.part`
  const out = createWriteStream(partFile)
  const broken = once(out, 'error').then(([error]: Error[]) => {
    throw new PlimsollError(`cannot write ${outFile}: ${error?.message}`, { cause: error, exitCode: 2 })
  })
  broken.catch(() => undefined)
  const done: ScoreFileResult = { rows: 0, unscored: 0, repeatedIds: 0 }
  const seen = new Set<string>()
  try {
    out.write('id,score,reasons\n')
    for await (const batch of readFeatures(spec, inFile)) {
      countRepeats(batch.ids, seen, done)
      const { text, unscored } = await scoreBatch(runtime, spec, batch)
      if (!out.write(text)) await Promise.race([once(out, 'drain'), broken])
      done.rows += batch.ids.length
      done.unscored += unscored
      progress(done.rows)
    }
    if (done.rows === 0) throw new PlimsollError(`${inFile} has no rows`, { exitCode: 2 })
    out.end()
    await Promise.race([once(out, 'close'), broken])
    renameSync(partFile, outFile)
    return done
  } finally {
    await closed(out)
    rmSync(partFile, { force: true })
    if (runtime !== options.runtime) await runtime.close()
  }
}

/** Ends a stream for good. A file that is still being opened would otherwise appear after it was removed. */
async function closed(out: WriteStream): Promise<void> {
  if (out.closed) return
  const gone = new Promise<void>((resolve) => void out.once('close', resolve))
  out.destroy()
  await gone
}

/** The spec of a registered model. Throws PlimsollError with the names there are. */
export function specOf(name: string): ModelSpec {
  const spec = Object.hasOwn(models, name) ? models[name] : undefined
  if (spec) return spec
  throw new PlimsollError(`no model "${name}"; there are: ${Object.keys(models).join(', ')}`, { exitCode: 2 })
}

function checkPaths(inFile: string, outFile: string): void {
  if (resolve(inFile) === resolve(outFile)) {
    throw new PlimsollError(`${outFile} is the file that would be read`, { exitCode: 2 })
  }
  const size = statSync(inFile, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new PlimsollError(`there is no file ${inFile}`, { exitCode: 2 })
  if (size === 0) throw new PlimsollError(`${inFile} is empty`, { exitCode: 2 })
  if (!/\.csv$/i.test(outFile)) {
    throw new PlimsollError(`scores are written as CSV; ${outFile} does not end in .csv`, { exitCode: 2 })
  }
}

function countRepeats(ids: readonly string[], seen: Set<string>, done: ScoreFileResult): void {
  if (done.rows + ids.length > MOST_ROWS) {
    throw new PlimsollError(`more than ${MOST_ROWS} rows; split the file`, { exitCode: 2 })
  }
  ids.forEach((id, i) => {
    if (seen.has(id)) {
      done.repeatedIds++
      done.firstRepeat ??= { id, row: done.rows + i + 1 }
    }
    seen.add(id)
  })
}

async function scoreBatch(runtime: ModelRuntime, spec: ModelSpec, { ids, rows }: FeatureBatch) {
  const width = spec.inputs.length
  const { values, contributions } = await runtime.score(spec.name, rows, ids.length)
  let unscored = 0
  const lines = ids.map((id, r) => {
    const row = Float32Array.from(rows.subarray(r * width, (r + 1) * width))
    const silence = silenceOf(spec, row, values[r]!)
    if (silence !== undefined) {
      unscored++
      return `${cell(id)},,${cell(silence)}\n`
    }
    const reasons = reasonsFor(spec, row, contributions.subarray(r * width, (r + 1) * width), REASONS)
    const text = [...reasons.map(reasonText), ...outside(spec, row)].join('; ')
    return `${cell(id)},${values[r]},${cell(text)}\n`
  })
  return { text: lines.join(''), unscored }
}

/** Why a row gets no score, or undefined. */
function silenceOf(spec: ModelSpec, row: Float32Array, value: number): string | undefined {
  const missing = spec.inputs.filter((_, i) => Number.isNaN(row[i])).map(({ name }) => name)
  if (missing.length === spec.inputs.length) return 'no inputs'
  if (spec.missing === 'no score') {
    const rule = abstains(spec, row)
    if (rule !== undefined) return rule
    if (missing.length > 0) return `${spec.name} abstains: missing ${missing.join(', ')}`
  }
  return Number.isNaN(value) ? `${spec.name} has no score for this row` : undefined
}

/** What to say of a row that the model answers although it never learnt from such rows. A missing value says nothing. */
function outside(spec: ModelSpec, row: Float32Array): string[] {
  return spec.minimum.flatMap(({ feature, atLeast }) => {
    const value = row[spec.inputs.findIndex(({ name }) => name === feature)]!
    return value < atLeast ? [`outside of what ${spec.name} learnt: ${feature} ${value}`] : []
  })
}

/** `spanMin 12.5 raises by 0.81`, in log odds. */
function reasonText({ feature, value, contribution, direction }: Reason): string {
  const size = Math.abs(contribution).toFixed(3)
  return `${feature} ${value === null ? 'missing' : Number(value.toPrecision(6))} ${direction} by ${size}`
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
