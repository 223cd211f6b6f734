/** The worked cases of the data folder, by the beginning of their id. */
import { readFileSync } from 'node:fs'
import { dataPath } from '../support/data'

export const REFERENCE_FILE = 'vectors/risk-reference-cases.json'

/** Loosely typed: every case has its own fields. */
// biome-ignore lint/suspicious/noExplicitAny: the file's cases share no shape
export type ReferenceCase = Record<string, any>

/** The one case whose id begins so. Call only where the file exists. */
export function referenceCase(idStart: string): ReferenceCase {
  const cases = JSON.parse(readFileSync(dataPath(REFERENCE_FILE)!, 'utf8')) as ReferenceCase[]
  const found = cases.filter((one) => String(one.id).startsWith(idStart))
  if (found.length !== 1) throw new Error(`${found.length} cases begin with ${idStart}`)
  return found[0]!
}

/** The value of a text such as "21/5". */
export function fraction(text: string): number {
  const [numerator, denominator = '1'] = text.split('/')
  return Number(numerator) / Number(denominator)
}

/** Holds two lists together to a relative and absolute precision. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!))
    if (!(difference <= largest)) largest = difference
  }
  return largest
}
