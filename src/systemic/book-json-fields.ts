/** Fields of a book's JSON, read with the place that an error names. */
import { badInput, numberAt, shown } from './network'

export type Fields = Record<string, unknown>

/** Fields of a JSON object. */
export function fieldsAt(value: unknown, place: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw badInput(`${place} is ${shown(value)}, not an object with named fields`)
}

/** A JSON list. */
export function listAt(value: unknown, place: string): unknown[] {
  if (Array.isArray(value)) return value
  throw badInput(value === undefined ? `${place} is missing` : `${place} is ${shown(value)}, not a list`)
}

/** A text that names something. */
export function textAt(value: unknown, place: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return value
  throw badInput(
    value === undefined ? `${place} is missing` : `${place} is ${shown(value)}, not a short text`,
  )
}

/** A number above 0. */
export function above(value: unknown, place: string): number {
  if (numberAt(value, place, { least: 0 }) > 0) return value as number
  throw badInput(`${place} is 0: it must be above 0`)
}

/** Index of the element whose id stands there. */
export function refAt(value: unknown, place: string, index: ReadonlyMap<string, number>): number {
  const id = textAt(value, place)
  const found = index.get(id)
  if (found === undefined) throw badInput(`${place} is ${shown(id)}, which is not given`)
  return found
}

/** Elements by id; each id once. */
export function indexOf(list: readonly { id: string }[], place: string): ReadonlyMap<string, number> {
  const index = new Map<string, number>()
  list.forEach(({ id }, i) => {
    if (index.has(id)) throw badInput(`${place}[${i}].id is ${shown(id)}, as of another one before it`)
    index.set(id, i)
  })
  return index
}
