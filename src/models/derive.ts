/**
 * Inputs that follow from other inputs: ratios, shares, differences. They are computed in float64 from the raw columns
 * before anything is rounded, by the same code for training data, indexed accounts and files of others, so that a ratio
 * means the same everywhere. Pure.
 *
 * Worked: ['/', 'uniqueSendersCount', 'receivedCount'] of 3 senders and 12 received is 0.25; of nothing received it is
 * −1, which no real share is; when either is missing it is missing.
 */
import type { ModelSpec } from './spec'

/**
 * A column, a number, or an operation. `/` gives −1 where the divisor is zero or less; `or` gives its second part where
 * the first is missing (NaN); `decimals` counts the decimals of its first part rounded to as many as the second says:
 * 0.25 to 6 has 2. NaN passes through the others.
 */
export type Expression =
  | string
  | number
  | readonly ['+' | '-' | '*' | '/' | 'or' | 'decimals', Expression, Expression]

/** Value of an expression; `value` gives a column by name. */
export function evaluate(expression: Expression, value: (column: string) => number): number {
  if (typeof expression === 'number') return expression
  if (typeof expression === 'string') return value(expression)
  const [op, first, second] = expression
  const a = evaluate(first, value)
  const b = evaluate(second, value)
  if (op === '+') return a + b
  if (op === '-') return a - b
  if (op === '*') return a * b
  if (op === 'decimals') return decimalsOf(a, b)
  if (op === 'or') return Number.isNaN(a) ? b : a
  return b <= 0 ? -1 : a / b
}

function decimalsOf(x: number, most: number): number {
  if (!Number.isFinite(x)) return Number.NaN
  const units = Math.round(Math.abs(x) * 10 ** most)
  // Beyond 2⁵³ units there is no telling; such a number counts as whole.
  if (!Number.isSafeInteger(units)) return 0
  let decimals = most
  for (let rest = units; decimals > 0 && rest % 10 === 0; rest /= 10) decimals--
  return decimals
}

/** Fills every missing input that has an expression, in place, in spec order; later ones may use earlier ones. */
export function deriveInputs(spec: ModelSpec, row: Float64Array | number[]): void {
  const places = placesOf(spec)
  const value = (column: string) => row[places.get(column) ?? -1] ?? Number.NaN
  spec.inputs.forEach(({ derived }, i) => {
    if (derived !== undefined && Number.isNaN(row[i])) row[i] = evaluate(derived, value)
  })
}

const known = new WeakMap<ModelSpec, Map<string, number>>()

function placesOf(spec: ModelSpec): Map<string, number> {
  const places = known.get(spec) ?? new Map(spec.inputs.map(({ name }, i) => [name, i]))
  known.set(spec, places)
  return places
}
