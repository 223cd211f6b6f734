/**
 * Which column of somebody's file is which input of a model. Names are compared without regard to case, to spaces around
 * them, and to how many spaces stand between words; a column may go by the input's name or one of its aliases. Inputs
 * that no column gives are missing, or derived where the spec says how.
 */
import { PlimsollError } from '../errors'
import type { ModelSpec } from './spec'

/** Place in the file of the id, and of each input (−1: not there). */
export type ColumnMap = { id: number; inputs: readonly number[] }

const ID_NAMES = ['id', 'subjectId']

/** What is compared of a name. */
const plain = (name: string) => name.trim().replace(/\s+/g, ' ').toLowerCase()

/** Maps a header. Throws on no id, a column twice, a column that means nothing to the model, or none that does. */
export function mapColumns(spec: ModelSpec, header: readonly string[]): ColumnMap {
  const names = header.map((name) => name.trim())
  const idNames = [...ID_NAMES, ...(spec.files?.idAliases ?? [])]
  const meanings = new Map<string, string>(idNames.map((name) => [plain(name), 'id']))
  for (const { name, aliases = [] } of spec.inputs) {
    for (const known of [name, ...aliases]) meanings.set(plain(known), name)
  }
  const ignored = new Set(spec.files?.ignored.map(plain))
  const places = new Map<string, number>()
  const unknown: string[] = []
  names.forEach((name, at) => {
    const meaning = meanings.get(plain(name))
    if (meaning === undefined) {
      if (!ignored.has(plain(name))) unknown.push(`column ${at + 1} "${name}"`)
    } else if (places.has(meaning)) {
      throw fault(spec, `columns "${names[places.get(meaning)!]}" and "${name}" both mean ${meaning}`)
    } else places.set(meaning, at)
  })
  if (unknown.length > 0) throw fault(spec, `unknown columns for model ${spec.name}`, unknown)
  const id = places.get('id')
  if (id === undefined) throw fault(spec, `no column "id" among: ${names.join(', ')}`)
  const inputs = spec.inputs.map(({ name }) => places.get(name) ?? -1)
  if (inputs.every((at) => at < 0))
    throw fault(spec, `no column of model ${spec.name} among: ${names.join(', ')}`)
  return { id, inputs }
}

function fault(spec: ModelSpec, message: string, details: readonly string[] = []): PlimsollError {
  const hint = `plimsoll score --model ${spec.name} --columns lists the columns, their units and other names`
  return new PlimsollError(message, { details, hint, exitCode: 2 })
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A cell as a number; empty and NaN are missing. Throws on text, infinities and what float32 cannot hold. */
export function numberOf(text: string, where: string): number {
  const trimmed = text.trim()
  if (trimmed === '' || /^nan$/i.test(trimmed)) return Number.NaN
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) throw badCell(where, trimmed, 'is infinite')
  if (!NUMBER.test(trimmed)) throw badCell(where, trimmed, 'is not a number')
  return finite(Number(trimmed), where)
}

/** A number as it is, missing when NaN. Throws on infinities and what float32 cannot hold. */
export function finite(value: number, where: string): number {
  if (Number.isNaN(value) || Number.isFinite(Math.fround(value))) return value
  throw badCell(where, String(value), 'is infinite, or too large for float32')
}

function badCell(where: string, value: string, what: string): PlimsollError {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value
  return new PlimsollError(`${where}: ${JSON.stringify(shown)} ${what}`, {
    hint: 'leave a cell empty, or NaN, where a value is missing',
    exitCode: 2,
  })
}

/** The table that `--columns` prints. */
export function columnsHelp(spec: ModelSpec): string {
  const lines = spec.inputs.map(({ name, unit, description, derived, aliases = [] }) => {
    const also = aliases.map((alias) => ` Also: "${alias}".`).join('')
    return `  ${name} [${unit}]\n      ${description}${derived ? ' Derived where missing.' : ''}${also}`
  })
  const ids = [...ID_NAMES, ...(spec.files?.idAliases ?? [])].join('", "')
  return [
    `Columns of model ${spec.name} ${spec.version}, in any order, all but the id optional; case and spaces around names do not matter:`,
    `  id [text]\n      a label that is copied to the result, not empty; rows may share one. Also: "${ids}".`,
    ...lines,
    'A column that is absent, an empty cell, NaN and an Arrow null all mean: missing.',
    ...(spec.missing === 'own branch'
      ? [
          'The model answers with what is there; a row of which nothing is there gets no score.',
          ...spec.minimum.map(
            ({ feature, atLeast, because }) =>
              `Where ${feature} is below ${atLeast} the reasons say so: ${because}.`,
          ),
        ]
      : [
          'A row with a missing input gets no score.',
          ...spec.minimum.map(
            ({ feature, atLeast }) => `A row gets no score unless ${feature} is at least ${atLeast}.`,
          ),
        ]),
  ].join('\n')
}
