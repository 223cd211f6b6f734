/** `plimsoll clear` and `plimsoll debtrank`: a network from a file, one JSON line out. */
import { readFileSync, statSync } from 'node:fs'
import { shockBalanceSheets } from './balance-sheet'
import { clear } from './clearing'
import { debtRank } from './debt-rank'
import { badInput } from './network'
import { parseNetwork, readClearing, readDebtRank, unreadFields } from './network-input'

const MAX_FILE_BYTES = 256 * 1024 * 1024

/** What went over standard error, and the line for standard output. */
export interface CommandAnswer {
  line: string
  notes: string[]
}

/** Greatest clearing vector of the network in a file: `{"p","equity","defaults"}`. */
export function clearCommand(file: string): CommandAnswer {
  const fields = parseNetwork(readNetworkFile(file))
  const { paid, equity, defaults } = clear(readClearing(fields))
  return answer({ p: Array.from(paid), equity: Array.from(equity), defaults }, unreadFields(fields, 'clear'))
}

/** DebtRank of the network in a file: `{"R","h"}`, and equity and payments where it holds balance sheets. */
export function debtRankCommand(file: string): CommandAnswer {
  const fields = parseNetwork(readNetworkFile(file))
  const unread = unreadFields(fields, 'debtrank')
  const request = readDebtRank(fields)
  if (request.form === 'impact') {
    const { lost, distress } = debtRank(request.input)
    return answer({ R: lost, h: Array.from(distress) }, unread)
  }
  const outcome = shockBalanceSheets(request.input)
  const result = {
    R: outcome.lost,
    h: Array.from(outcome.distress),
    E_mech: Array.from(outcome.equityAfterShock),
    E_final: Array.from(outcome.equityFinal),
    payments: Array.from(outcome.paid),
  }
  return answer(result, unread)
}

function answer(result: object, unread: string[]): CommandAnswer {
  const notes = unread.length === 0 ? [] : [`not read: ${unread.join(', ')}`]
  return { line: JSON.stringify(result), notes }
}

function readNetworkFile(file: string): string {
  try {
    const { size } = statSync(file)
    if (size > MAX_FILE_BYTES)
      throw badInput(`${file} has ${size} bytes: too large, at most ${MAX_FILE_BYTES}`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw badInput(`${file} cannot be read: ${error.message}`)
  }
}
