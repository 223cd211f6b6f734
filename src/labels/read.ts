/** Reads the label files of PLIMSOLL_LABELS: files, or folders of which every file is read; `.gz` is unpacked. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { messageOf, PlimsollError } from '../errors'
import { type LabelBook, type LabelFile, labelBook } from './book'

/** A list of addresses is a few megabytes; what is larger is something else. */
const MOST_BYTES = 256 * 2 ** 20

/** undefined without paths. @throws PlimsollError on a path that cannot be read or a file that no shape fits */
export function readLabels(paths: readonly string[]): LabelBook | undefined {
  if (paths.length === 0) return undefined
  return labelBook(paths.flatMap(filesOf).map(readFile))
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(path, entry.name))
      .sort()
  } catch (cause) {
    throw new PlimsollError(`PLIMSOLL_LABELS names ${path}, which cannot be read: ${messageOf(cause)}`, {
      cause,
      exitCode: 2,
    })
  }
}

function readFile(path: string): LabelFile {
  const bytes = readFileSync(path)
  const name = basename(path)
  const limit = { maxOutputLength: MOST_BYTES }
  try {
    const text = (name.endsWith('.gz') ? gunzipSync(bytes, limit) : bytes).toString('utf8')
    return { name: name.replace(/\.gz$/, ''), text }
  } catch (cause) {
    throw new PlimsollError(`label file ${path} cannot be unpacked: ${messageOf(cause)}`, {
      cause,
      exitCode: 2,
    })
  }
}
