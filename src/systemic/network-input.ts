/**
 * Networks as users write them: JSON objects with the field's own letters.
 *
 *   clear     L, e; optional alpha, beta, senior
 *   debtrank  W, v, h0, optional variant (2012 where left out), or balance sheets: L, Aext, Lext, shock (a number or
 *             one a node), optional E0 that must agree with them, optional variant (2015 where left out)
 *
 * Everything is checked here; errors name the element. Fields with other names are listed, so that a misspelt one can
 * be told to the user.
 */
import { type BalanceSheets, initialEquity } from './balance-sheet'
import type { ClearingInput } from './clearing'
import type { DebtRankInput, DebtRankVariant } from './debt-rank'
import { badInput, matrixAt, numberAt, shown, vectorAt } from './network'

export type DebtRankRequest =
  | { form: 'impact'; input: DebtRankInput }
  | { form: 'balance-sheets'; input: BalanceSheets }

type Fields = Record<string, unknown>

/** The object in a JSON text. Throws PlimsollError where it is not JSON or not an object. */
export function parseNetwork(text: string): Fields {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the network is not JSON: ${reason}`, 'JSON has no NaN and no Infinity')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw badInput(`the network is ${shown(parsed)}, not an object with named fields`)
  return parsed as Fields
}

const CLEARING_FIELDS = ['L', 'e', 'alpha', 'beta', 'senior']
const IMPACT_FIELDS = ['W', 'v', 'h0', 'variant']
const SHEET_FIELDS = ['L', 'Aext', 'Lext', 'E0', 'shock', 'variant']

/** Fields that no form of a request reads. */
export function unreadFields(fields: Fields, command: 'clear' | 'debtrank'): string[] {
  const read = command === 'clear' ? CLEARING_FIELDS : 'W' in fields ? IMPACT_FIELDS : SHEET_FIELDS
  return Object.keys(fields).filter((name) => !read.includes(name))
}

/** A clearing problem. Throws PlimsollError naming what is wrong. */
export function readClearing(fields: Fields): ClearingInput {
  const obligations = matrixAt(fields.L, 'L')
  const length = obligations.size
  return {
    obligations,
    externalAssets: vectorAt(fields.e, 'e', { length, least: 0 }),
    ...(fields.senior === undefined
      ? {}
      : { seniorClaims: vectorAt(fields.senior, 'senior', { length, least: 0 }) }),
    alpha: fields.alpha === undefined ? 1 : numberAt(fields.alpha, 'alpha', { least: 0, most: 1 }),
    beta: fields.beta === undefined ? 1 : numberAt(fields.beta, 'beta', { least: 0, most: 1 }),
  }
}

/** A DebtRank problem in either form. Throws PlimsollError naming what is wrong. */
export function readDebtRank(fields: Fields): DebtRankRequest {
  if ('W' in fields) {
    const variant = variantOf(fields.variant, 2012)
    const impact = matrixAt(fields.W, 'W', variant === 2012 ? { most: 1 } : {})
    const length = impact.size
    const value = vectorAt(fields.v, 'v', { length, least: 0 })
    const initial = vectorAt(fields.h0, 'h0', { length, least: 0, most: 1 })
    return { form: 'impact', input: { impact, value, initial, variant } }
  }
  if (!('L' in fields || 'Aext' in fields || 'Lext' in fields))
    throw badInput('W is missing', 'give W, v and h0, or balance sheets: L, Aext, Lext and shock')
  return { form: 'balance-sheets', input: readSheets(fields) }
}

function readSheets(fields: Fields): BalanceSheets {
  const obligations = matrixAt(fields.L, 'L')
  const length = obligations.size
  const externalAssets = vectorAt(fields.Aext, 'Aext', { length, least: 0 })
  const externalLiabilities = vectorAt(fields.Lext, 'Lext', { length, least: 0 })
  const shock = Array.isArray(fields.shock)
    ? vectorAt(fields.shock, 'shock', { length, least: 0, most: 1 })
    : new Float64Array(length).fill(numberAt(fields.shock, 'shock', { least: 0, most: 1 }))
  const sheets = { obligations, externalAssets, externalLiabilities }
  if (fields.E0 !== undefined) {
    const told = vectorAt(fields.E0, 'E0', { length })
    const reckoned = initialEquity(sheets)
    const wrong = told.findIndex(
      (equity, i) => Math.abs(equity - reckoned[i]!) > 1e-9 * Math.max(1, Math.abs(equity)),
    )
    if (wrong >= 0)
      throw badInput(`E0[${wrong}] is ${told[wrong]}, but the balance sheet says ${reckoned[wrong]}`)
  }
  return { ...sheets, shock, variant: variantOf(fields.variant, 2015) }
}

function variantOf(value: unknown, otherwise: DebtRankVariant): DebtRankVariant {
  if (value === undefined) return otherwise
  if (value === 2012 || value === '2012') return 2012
  if (value === 2015 || value === '2015') return 2015
  throw badInput(`variant is ${shown(value)}: it must be 2012 or 2015`)
}
