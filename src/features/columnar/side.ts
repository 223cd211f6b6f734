/**
 * One side of many accounts' transfers (what they sent, or what they received) added up in a single pass.
 *
 * Everything a row changes lies in one record of eight doubles, a cache line, and rows come by groups of accounts whose
 * records fit a core's cache (partition.ts). Values are added up word by word (transfers.ts), so totals are exact
 * integers; only the smallest and largest are kept as doubles, which is sound because rounding keeps order.
 *
 * Distinct counterparties are counted after a group's pass: its rows are sorted by account (counting sort), and each run is
 * walked with a stamp on every counterparty it meets. A stamp holds how often, so concentration comes with it.
 */
import { GROUP_BITS, partitionSide, ROW_WORDS } from './partition'
import type { TransferColumns } from './transfers'

/** Doubles of one account's record. */
const STRIDE = 8
const COUNT = 0
const SUM0 = 1
const MIN = 4
const MAX = 5
const FIRST = 6
const LAST = 7

const WORD = 2 ** 32

/** Totals of one side, an element an account. Amounts in wei. */
export interface SideTotals {
  count: Int32Array
  unique: Int32Array
  /** The largest number of transfers with one counterparty. */
  top: Int32Array
  /** Σ n² over counterparties with n transfers each. */
  squares: Float64Array
  records: Float64Array
}

export interface SideOptions {
  columns: TransferColumns
  side: 'sent' | 'received'
  accounts: number
  /** Bits of placesOf, under a cap below 2²¹. */
  counts: Uint8Array
}

/** Adds up one side of the rows that count for it. */
export function addUpSide({ columns, side, accounts, counts }: SideOptions): SideTotals {
  const partition = partitionSide(columns, { side, counts, accounts })
  const totals: SideTotals = {
    count: new Int32Array(accounts),
    unique: new Int32Array(accounts),
    top: new Int32Array(accounts),
    squares: new Float64Array(accounts),
    records: new Float64Array(accounts * STRIDE),
  }
  const met = new Int32Array(accounts)
  const { starts } = partition
  for (let group = 0; group + 1 < starts.length; group++) {
    const [start, end] = [starts[group]!, starts[group + 1]!]
    addRecords(totals.records, partition.words, start, end)
    const first = group * 2 ** GROUP_BITS
    const last = Math.min(accounts, first + 2 ** GROUP_BITS)
    for (let account = first; account < last; account++) {
      totals.count[account] = totals.records[account * STRIDE + COUNT]!
    }
    stampRuns(totals, {
      runs: runsOf(totals.count, partition.words, { start, end, first, last }),
      met,
      first,
      last,
    })
  }
  return totals
}

function addRecords(records: Float64Array, words: Uint32Array, start: number, end: number): void {
  // A constant of another module is looked up each time it is named.
  const step = ROW_WORDS
  for (let row = start * step; row < end * step; row += step) {
    const at = words[row]! * STRIDE
    const [word0, word1, word2, timeSec] = [
      words[row + 2]!,
      words[row + 3]!,
      words[row + 4]!,
      words[row + 5]!,
    ]
    // One rounding: the upper words together are exact, as is their multiple of 2³².
    const value = (word2 * WORD + word1) * WORD + word0
    const known = records[at + COUNT]!
    records[at + COUNT] = known + 1
    records[at + SUM0] = records[at + SUM0]! + word0
    records[at + SUM0 + 1] = records[at + SUM0 + 1]! + word1
    records[at + SUM0 + 2] = records[at + SUM0 + 2]! + word2
    if (known === 0) {
      records[at + MIN] = value
      records[at + MAX] = value
      records[at + FIRST] = timeSec
    } else if (value < records[at + MIN]!) records[at + MIN] = value
    else if (value > records[at + MAX]!) records[at + MAX] = value
    records[at + LAST] = timeSec
  }
}

/** A group of accounts [first, last) and its rows [start, end). */
interface Group {
  start: number
  end: number
  first: number
  last: number
}

/** Counterparties of a group's rows, account after account. */
function runsOf(count: Int32Array, words: Uint32Array, { start, end, first, last }: Group): Int32Array {
  const cursor = new Int32Array(last - first)
  for (let account = first, total = 0; account < last; account++) {
    cursor[account - first] = total
    total += count[account]!
  }
  const runs = new Int32Array(end - start)
  const step = ROW_WORDS
  for (let row = start * step; row < end * step; row += step) {
    const local = words[row]! - first
    const place = cursor[local]!
    cursor[local] = place + 1
    runs[place] = words[row + 1]!
  }
  return runs
}

/** @param options.met zero for every account, before and after */
function stampRuns(
  { count, unique, top, squares }: SideTotals,
  { runs, met, first, last }: { runs: Int32Array; met: Int32Array; first: number; last: number },
): void {
  for (let account = first, start = 0; account < last; account++) {
    const end = start + count[account]!
    let kinds = 0
    let most = 0
    let sum = 0
    for (let i = start; i < end; i++) {
      const times = met[runs[i]!]! + 1
      met[runs[i]!] = times
      if (times === 1) kinds++
      if (times > most) most = times
      // n² − (n − 1)²
      sum += 2 * times - 1
    }
    for (let i = start; i < end; i++) met[runs[i]!] = 0
    unique[account] = kinds
    top[account] = most
    squares[account] = sum
    start = end
  }
}

/** What one side says of each account, as doubles before rounding; 0 everywhere for an account without a transfer. */
export interface SideColumns {
  gapMin: Float64Array
  minEth: Float64Array
  maxEth: Float64Array
  avgEth: Float64Array
  totalEth: Float64Array
}

const WEI = 1e18
const SEC_PER_MIN = 60

/** Totals → quantities in the units of the `account` group. */
export function sideColumns({ records, count }: SideTotals): SideColumns {
  const accounts = count.length
  const column = () => new Float64Array(accounts)
  const [gapMin, minEth, maxEth, avgEth, totalEth] = [column(), column(), column(), column(), column()]
  for (let account = 0; account < accounts; account++) {
    const n = count[account]!
    if (n === 0) continue
    const at = account * STRIDE
    if (n > 1) gapMin[account] = (records[at + LAST]! - records[at + FIRST]!) / SEC_PER_MIN / n
    minEth[account] = records[at + MIN]! / WEI
    maxEth[account] = records[at + MAX]! / WEI
    const total = joinWords(records[at + SUM0]!, records[at + SUM0 + 1]!, records[at + SUM0 + 2]!) / WEI
    totalEth[account] = total
    avgEth[account] = total / n
  }
  return { gapMin, minEth, maxEth, avgEth, totalEth }
}

/** Received less sent, in ether: subtracted exactly, rounded once. */
export function netEthOf(received: SideTotals, sent: SideTotals): Float64Array {
  const [plus, minus] = [received.records, sent.records]
  const net = new Float64Array(received.count.length)
  for (let account = 0, at = SUM0; account < net.length; account++, at += STRIDE) {
    const low = plus[at]! - minus[at]!
    const middle = plus[at + 1]! - minus[at + 1]!
    net[account] = joinWords(low, middle, plus[at + 2]! - minus[at + 2]!) / WEI
  }
  return net
}

/** Sums of words (each an exact integer of either sign) to the nearest double of the whole. */
function joinWords(low: number, middle: number, high: number): number {
  const carryLow = Math.floor(low / WORD)
  const word0 = low - carryLow * WORD
  const carried = middle + carryLow
  const upper = high * WORD + carried
  // Exact parts leave one rounding, in the last sum. Beyond 2⁵³ · 2³² wei (3.8e25) integers of any size do it.
  if (Math.abs(upper) < Number.MAX_SAFE_INTEGER) return upper * WORD + word0
  return Number((BigInt(high) * BigInt(WORD) + BigInt(carried)) * BigInt(WORD) + BigInt(word0))
}
