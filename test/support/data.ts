/**
 * Where the real data sets lie, and what a test does without them: it skips with a printed reason, or fails
 * when PLIMSOLL_REQUIRE names `data`, as CI does.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, it } from 'vitest'

const root = resolve(process.env.PLIMSOLL_DATA ?? resolve(__dirname, '../../../shared/data'))
const required = (process.env.PLIMSOLL_REQUIRE ?? '').split(',').includes('data')

/** Absolute path of a data file, or undefined when it is absent. Throws when data is required. */
export function dataPath(relative: string): string | undefined {
  const path = resolve(root, relative)
  if (existsSync(path)) return path
  if (required)
    throw new Error(`data file ${relative} is required but absent; set PLIMSOLL_DATA to the data folder`)
  return undefined
}

/** `describe` that runs only where every named data file exists; otherwise skips and says why. */
export function describeWithData(name: string, files: string[], body: () => void): void {
  const missing = files.filter((file) => dataPath(file) === undefined)
  if (missing.length === 0) {
    describe(name, body)
    return
  }
  // The body is not entered: vitest runs even a skipped one to collect its tests, and it may read the files.
  console.warn(`skipped: ${name}: no ${missing.join(', ')}; set PLIMSOLL_DATA`)
  it.skip(`${name} (no ${missing.join(', ')}; set PLIMSOLL_DATA)`, () => undefined)
}
