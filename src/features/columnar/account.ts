/**
 * The `account` group, and the concentration part of `counterparties`, over columns of all transfers at once: the same
 * definitions as account.ts and counterparties.ts, bit for bit (test/features/columnar/account.test.ts), for whole chains.
 *
 * Memory: some 200 bytes an account and, for one side at a time, 24 bytes a transfer.
 */
import { round32 } from '../float'
import { type Places, placesOf } from './places'
import { addUpSide, netEthOf, type SideTotals, sideColumns } from './side'
import type { TransferColumns } from './transfers'

/** Under this cap sums of words are exact: 2³² · 2²¹ = 2⁵³. */
const CAP_LIMIT = 2 ** 21

export interface AccountTotals {
  sent: SideTotals
  received: SideTotals
  places: Places
}

/**
 * Adds up every account's transfers.
 * @param cap rows of each account that count, the first ones
 * @throws RangeError on a cap under which sums would not be exact
 */
export function accountTotals(
  columns: TransferColumns,
  { accounts, cap }: { accounts: number; cap: number },
): AccountTotals {
  if (!(cap >= 1 && cap < CAP_LIMIT)) throw new RangeError(`cap must be 1 to ${CAP_LIMIT - 1}, got ${cap}`)
  const places = placesOf(columns, accounts, cap)
  const { counts } = places
  const sent = addUpSide({ columns, side: 'sent', accounts, counts })
  const received = addUpSide({ columns, side: 'received', accounts, counts })
  return { sent, received, places }
}

/** The group's columns by name, as doubles before rounding, an element an account. */
export function accountColumnValues({ sent, received, places }: AccountTotals): Record<string, Float64Array> {
  const out = sideColumns(sent)
  const into = sideColumns(received)
  const accounts = sent.count.length
  const spanMin = new Float64Array(accounts)
  const transactionCount = new Float64Array(accounts)
  for (let account = 0; account < accounts; account++) {
    spanMin[account] = (places.lastSec[account]! - places.firstSec[account]!) / 60
    transactionCount[account] =
      sent.count[account]! + received.count[account]! + places.createdCount[account]!
  }
  return {
    avgSentGapMin: out.gapMin,
    avgReceivedGapMin: into.gapMin,
    spanMin,
    sentCount: new Float64Array(sent.count),
    receivedCount: new Float64Array(received.count),
    createdCount: new Float64Array(places.createdCount),
    uniqueSendersCount: new Float64Array(received.unique),
    uniqueRecipientsCount: new Float64Array(sent.unique),
    minReceivedEth: into.minEth,
    maxReceivedEth: into.maxEth,
    avgReceivedEth: into.avgEth,
    minSentEth: out.minEth,
    maxSentEth: out.maxEth,
    avgSentEth: out.avgEth,
    transactionCount,
    totalSentEth: out.totalEth,
    totalReceivedEth: into.totalEth,
    netEth: netEthOf(received, sent),
  }
}

/** Concentration of a side's transfers over counterparties: Herfindahl–Hirschman index and the greatest share; NaN without any. */
export function concentration({ count, squares, top }: SideTotals): {
  hhi: Float64Array
  topShare: Float64Array
} {
  const hhi = new Float64Array(count.length)
  const topShare = new Float64Array(count.length)
  for (let account = 0; account < count.length; account++) {
    const n = count[account]!
    hhi[account] = squares[account]! / (n * n)
    topShare[account] = top[account]! / n
  }
  return { hhi, topShare }
}

/** Columns as the models see them. */
export function asFloat32(columns: Readonly<Record<string, Float64Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, round32(values)]))
}
