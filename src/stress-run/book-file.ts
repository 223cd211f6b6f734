/** A lending book of one's own from a file, for every command that takes `--in`. */
import { readFileSync, statSync } from 'node:fs'
import { messageOf, PlimsollError } from '../errors'
import type { Book } from '../systemic/book'
import { parseBook } from '../systemic/book-json'

const MAX_BOOK_BYTES = 512 * 1024 * 1024

/** Throws PlimsollError with exit code 2 where the file cannot be read, is too large, or holds no book. */
export function readBookFile(file: string): Book {
  try {
    const { size } = statSync(file)
    if (size > MAX_BOOK_BYTES)
      throw new PlimsollError(`${file} has ${size} bytes: too large, at most ${MAX_BOOK_BYTES}`, {
        exitCode: 2,
      })
    return parseBook(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof PlimsollError) throw error
    throw new PlimsollError(`${file} cannot be read: ${messageOf(error)}`, { exitCode: 2 })
  }
}
