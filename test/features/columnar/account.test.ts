import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AccountActivity, accountQuantities } from '../../../src/features/account'
import {
  accountColumnValues,
  accountTotals,
  asFloat32,
  concentration,
} from '../../../src/features/columnar/account'
import {
  CREATED,
  setTransfer,
  type TransferRow,
  transferColumns,
} from '../../../src/features/columnar/transfers'
import { round32 } from '../../../src/features/float'
import { plainInputs } from '../../../src/models/illicit/inputs'

const ACCOUNTS = 5

function columnsOf(rows: readonly TransferRow[]) {
  const columns = transferColumns(rows.length)
  for (const [i, row] of rows.entries()) setTransfer(columns, i, row)
  return columns
}

/** The definitions again over integers of any size, one account at a time. */
function activityOf(account: number, rows: readonly TransferRow[], cap: number): AccountActivity {
  const own = rows.filter(({ from, to }) => from === account || to === account).slice(0, cap)
  const sent = own.filter(({ from, to }) => from === account && to !== CREATED)
  const received = own.filter(({ to }) => to === account)
  const total = (list: readonly TransferRow[]) => list.reduce((sum, { valueWei }) => sum + valueWei, 0n)
  const sorted = (list: readonly TransferRow[]) =>
    list.map(({ valueWei }) => valueWei).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return {
    accountId: String(account),
    sentCount: sent.length,
    receivedCount: received.length,
    createdCount: own.length - own.filter(({ to }) => to !== CREATED).length,
    uniqueSenders: new Set(received.map(({ from }) => from)).size,
    uniqueRecipients: new Set(sent.map(({ to }) => to)).size,
    sentWei: total(sent),
    minSentWei: sorted(sent)[0] ?? 0n,
    maxSentWei: sorted(sent).at(-1) ?? 0n,
    receivedWei: total(received),
    minReceivedWei: sorted(received)[0] ?? 0n,
    maxReceivedWei: sorted(received).at(-1) ?? 0n,
    firstSentSec: sent[0]?.timeSec ?? null,
    lastSentSec: sent.at(-1)?.timeSec ?? null,
    firstReceivedSec: received[0]?.timeSec ?? null,
    lastReceivedSec: received.at(-1)?.timeSec ?? null,
    firstSec: own[0]?.timeSec ?? 0,
    lastSec: own.at(-1)?.timeSec ?? 0,
  }
}

const rowsArbitrary = fc
  .array(
    fc.record({
      from: fc.nat(ACCOUNTS - 1),
      to: fc.oneof({ weight: 8, arbitrary: fc.nat(ACCOUNTS - 1) }, fc.constant(CREATED)),
      valueWei: fc.oneof(fc.bigInt(0n, 10n ** 20n), fc.bigInt(0n, 2n ** 96n - 1n), fc.constant(0n)),
      gapSec: fc.nat(100_000),
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    let timeSec = 1_500_000_000
    return rows.map(({ gapSec, ...row }): TransferRow => {
      timeSec += gapSec
      return { ...row, timeSec }
    })
  })

/** The columns that whole chains give; token columns and what is derived are not among them. */
const plainColumns = plainInputs.map(({ name }) => name)

describe('columnar account features', () => {
  it('of nothing are zeros, and shares of nothing are missing', () => {
    const totals = accountTotals(columnsOf([]), { accounts: 1, cap: 10 })
    const columns = asFloat32(accountColumnValues(totals))
    for (const name of plainColumns) expect(columns[name], name).toEqual(new Float32Array(1))
    expect(concentration(totals.sent)).toEqual({
      hhi: Float64Array.of(Number.NaN),
      topShare: Float64Array.of(Number.NaN),
    })
  })

  it('equal the definitions over integers of any size to the bit, the cap included', () => {
    fc.assert(
      fc.property(rowsArbitrary, fc.integer({ min: 1, max: 40 }), (rows, cap) => {
        const totals = accountTotals(columnsOf(rows), { accounts: ACCOUNTS, cap })
        const columns = asFloat32(accountColumnValues(totals))
        expect(Object.keys(columns).sort()).toEqual([...plainColumns].sort())
        for (let account = 0; account < ACCOUNTS; account++) {
          const expected = accountQuantities(activityOf(account, rows, cap))
          for (const name of plainColumns) {
            expect(columns[name]![account], `${name} of ${account}`).toBe(round32([expected[name]!])[0])
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('concentrate as counts over counterparties do', () => {
    const rows = [1, 1, 1, 2].map((to, i): TransferRow => ({ from: 0, to, valueWei: 1n, timeSec: i }))
    const { hhi, topShare } = concentration(accountTotals(columnsOf(rows), { accounts: 3, cap: 10 }).sent)
    expect(hhi[0]).toBe((9 + 1) / 16)
    expect(topShare[0]).toBe(0.75)
  })

  it('keep sums exact where one account has many of the largest values', () => {
    const most = 2n ** 96n - 1n
    const rows = Array.from({ length: 3_000 }, (_, timeSec) => ({ from: 0, to: 1, valueWei: most, timeSec }))
    const columns = accountColumnValues(accountTotals(columnsOf(rows), { accounts: 2, cap: 10_000 }))
    expect(columns.totalSentEth![0]).toBe(Number(most * 3_000n) / 1e18)
    expect(columns.netEth![0]).toBe(-Number(most * 3_000n) / 1e18)
  })

  it('refuse what they could not keep exact', () => {
    expect(() => accountTotals(columnsOf([]), { accounts: 1, cap: 2 ** 21 })).toThrow(/cap must be/)
    const tooMuch = { from: 0, to: 1, valueWei: 2n ** 96n, timeSec: 0 }
    expect(() => setTransfer(transferColumns(1), 0, tooMuch)).toThrow(/outside 0 to 2\^96/)
  })

  it('span more accounts than one group', () => {
    const accounts = 40_000
    const rows = Array.from({ length: accounts }, (_, from) => ({
      from,
      to: (from + 17_000) % accounts,
      valueWei: BigInt(from) * 10n ** 18n,
      timeSec: from,
    }))
    const { totalSentEth, totalReceivedEth } = accountColumnValues(
      accountTotals(columnsOf(rows), { accounts, cap: 10 }),
    )
    expect(totalSentEth![39_999]).toBe(39_999)
    expect(totalReceivedEth![16_999]).toBe(39_999)
  })
})
