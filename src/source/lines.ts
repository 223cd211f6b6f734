/** Lines of a plain or gzipped file, as a stream, with limits on the size of a line and of the whole. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { messageOf, PlimsollError } from '../errors'

export interface LineLimits {
  maxLineBytes: number
  maxUnpackedBytes: number
}

export interface Line {
  /** From 1. */
  number: number
  text: string
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

async function* chunks(path: string): AsyncIterable<Buffer> {
  if (!(await isGzip(path))) {
    yield* createReadStream(path)
    return
  }
  const file = createReadStream(path)
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  file.pipe(gunzip)
  try {
    yield* gunzip
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

/**
 * Reads a file line by line; empty lines are skipped but counted. Gzip is recognised by its first bytes.
 * @throws PlimsollError (exit code 2) that names the file and line, when it cannot be read or unpacked or exceeds a limit
 */
export async function* readLines(path: string, limits: LineLimits): AsyncIterable<Line> {
  let number = 1
  const fault = (message: string, hint: string, cause?: unknown): PlimsollError =>
    new PlimsollError(`${path}, line ${number}: ${message}`, { hint, cause, exitCode: 2 })
  let parts: Buffer[] = []
  let partBytes = 0
  let totalBytes = 0
  const take = (end: Buffer): Line | undefined => {
    const text = Buffer.concat([...parts, end])
      .toString('utf8')
      .trim()
    parts = []
    partBytes = 0
    const line = text === '' ? undefined : { number, text }
    number++
    return line
  }

  try {
    for await (const chunk of chunks(path)) {
      totalBytes += chunk.length
      if (totalBytes > limits.maxUnpackedBytes) {
        throw fault(`the file unpacks to more than ${limits.maxUnpackedBytes} bytes`, 'split the file')
      }
      let start = 0
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        if (partBytes + end - start > limits.maxLineBytes) break
        const line = take(chunk.subarray(start, end))
        if (line) yield line
        start = end + 1
      }
      partBytes += chunk.length - start
      if (partBytes > limits.maxLineBytes) {
        throw fault(
          `longer than ${limits.maxLineBytes} bytes`,
          'a line holds one block; this is not a capture',
        )
      }
      if (start < chunk.length) parts.push(chunk.subarray(start))
    }
    const line = take(Buffer.alloc(0))
    if (line) yield line
  } catch (error) {
    if (error instanceof PlimsollError) throw error
    throw fault(
      `cannot be read: ${messageOf(error)}`,
      'the file is truncated or corrupt; fetch it again',
      error,
    )
  }
}
