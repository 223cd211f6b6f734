/** Features of every account from columns in memory, as the engine computes them for whole chains. */
import {
  accountColumnValues,
  accountTotals,
  asFloat32,
  concentration,
} from '../../src/features/columnar/account'
import type { TransferColumns } from '../../src/features/columnar/transfers'

const CAP = 10_000

/** Columns by name, float32, an element an account. */
export function computeOurs(columns: TransferColumns, accounts: number): Record<string, Float32Array> {
  const totals = accountTotals(columns, { accounts, cap: CAP })
  const [out, into] = [concentration(totals.sent), concentration(totals.received)]
  return asFloat32({
    ...accountColumnValues(totals),
    outHhi: out.hhi,
    outTopShare: out.topShare,
    inHhi: into.hhi,
    inTopShare: into.topShare,
  })
}
