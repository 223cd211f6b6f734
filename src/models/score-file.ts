/**
 * `plimsoll score`: a file of features in, a file of scores out, for any registered model. The result appears under its
 * name only when every row has been read: on a fault nothing is left behind.
 */

import { once } from 'node:events'
import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs'
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
  /** Told after each batch. */
  progress?: (rows: number) => void
}

/** Rows read; how many of them got no score. */
export type ScoreFileResult = { rows: number; unscored: number }

const REASONS = 5
const MOST_ROWS = 16_000_000

/** Scores a file. Rejects with PlimsollError on a wrong file; then `outFile` is as it was. */
export async function scoreFile(options: ScoreFileOptions): Promise<ScoreFileResult> {
  const { model, inFile, outFile, threads = 2, progress = () => undefined } = options
  const spec = specOf(model)
  checkPaths(inFile, outFile)
  const runtime = await openModels({ names: [model], threads })
  const partFile = `${outFile}.${process.pid}.part`
  const out = createWriteStream(partFile)
  const broken = once(out, 'error').then(([error]: Error[]) => {
    throw new PlimsollError(`cannot write ${outFile}: ${error?.message}`, { cause: error, exitCode: 2 })
  })
  broken.catch(() => undefined)
  const done: ScoreFileResult = { rows: 0, unscored: 0 }
  const seen = new Map<string, number>()
  try {
    out.write('id,score,reasons\n')
    for await (const batch of readFeatures(spec, inFile)) {
      refuseRepeats(batch.ids, seen, done.rows)
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
    out.destroy()
    rmSync(partFile, { force: true })
    await runtime.close()
  }
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

function refuseRepeats(ids: readonly string[], seen: Map<string, number>, before: number): void {
  if (before + ids.length > MOST_ROWS) {
    throw new PlimsollError(`more than ${MOST_ROWS} rows; split the file`, { exitCode: 2 })
  }
  ids.forEach((id, i) => {
    const first = seen.get(id)
    const row = before + i + 1
    if (first !== undefined) {
      throw new PlimsollError(`rows ${first} and ${row} have the same id "${id}"`, { exitCode: 2 })
    }
    seen.set(id, row)
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
    return `${cell(id)},${values[r]},${cell(reasons.map(reasonText).join('; '))}\n`
  })
  return { text: lines.join(''), unscored }
}

/** Why a row gets no score, or undefined. */
function silenceOf(spec: ModelSpec, row: Float32Array, value: number): string | undefined {
  const rule = abstains(spec, row)
  if (rule !== undefined) return rule
  const missing = spec.inputs.filter((_, i) => Number.isNaN(row[i])).map(({ name }) => name)
  if (spec.missing === 'no score' && missing.length > 0)
    return `${spec.name} abstains: missing ${missing.join(', ')}`
  if (missing.length === spec.inputs.length) return `${spec.name} abstains: nothing is known`
  return Number.isNaN(value) ? `${spec.name} has no score for this row` : undefined
}

/** `spanMin 12.5 raises by 0.81`, in log odds. */
function reasonText({ feature, value, contribution, direction }: Reason): string {
  const size = Math.abs(contribution).toFixed(3)
  return `${feature} ${value === null ? 'missing' : Number(value.toPrecision(6))} ${direction} by ${size}`
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
