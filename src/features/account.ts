/**
 * Feature group `account`: an account's life in top-level native-coin transactions up to block B, as the `illicit`
 * model defines its inputs (src/models/illicit/spec.ts).
 *
 * Complete only where the chain has been indexed from its first block with every transaction: an account that was born
 * before the coverage would look younger and quieter than it is, so it is withheld.
 */
import type { ChainSpec } from '../chains/types'
import { deriveInputs } from '../models/derive'
import { illicitSpec } from '../models/illicit/spec'
import { toFloat } from './float'
import { featureTable } from './table'
import type { FeatureColumn, FeatureTable } from './types'

const FIRST_BLOCKS = 1
const ETHER_DECIMALS = 18

/** One account's transactions, added up. Amounts in wei, times in seconds; a direction without any has null times. */
export interface AccountActivity {
  accountId: string
  sentCount: number
  receivedCount: number
  createdCount: number
  uniqueSenders: number
  uniqueRecipients: number
  sentWei: bigint
  minSentWei: bigint
  maxSentWei: bigint
  receivedWei: bigint
  minReceivedWei: bigint
  maxReceivedWei: bigint
  firstSentSec: number | null
  lastSentSec: number | null
  firstReceivedSec: number | null
  lastReceivedSec: number | null
  firstSec: number
  lastSec: number
}

export interface AccountInput {
  /** Why no account of this chain can be described, or null. */
  incomplete: string | null
  requested: readonly string[]
  activity: readonly AccountActivity[]
}

type Quantities = Record<(typeof illicitSpec.inputs)[number]['name'], number>

export const accountColumns = illicitSpec.inputs.map((input) => input.name)

export const accountSchema: readonly FeatureColumn[] = illicitSpec.inputs.map((input) => ({
  ...input,
  missing: input.name.startsWith('token')
    ? 'always missing here: not computed from TokenTransfer rows; docs/models/illicit.md says why.'
    : input.derived && input.name !== 'transactionCount'
      ? 'missing where what it is made of is.'
      : '0 without such transactions.',
}))

/**
 * The inputs of one account by name, before rounding. Counts of zero give zeros, never NaN; token columns are NaN, since
 * they are not computed from TokenTransfer rows (docs/models/illicit.md); shares follow from the rest.
 */
export function accountQuantities(a: AccountActivity): Quantities {
  const raw = plainQuantities(a)
  const row = accountColumns.map((name) => raw[name] ?? Number.NaN)
  deriveInputs(illicitSpec, row)
  return Object.fromEntries(accountColumns.map((name, i) => [name, row[i]!]))
}

function plainQuantities(a: AccountActivity): Quantities {
  const eth = (wei: bigint) => toFloat(wei, ETHER_DECIMALS)
  const gapMin = (count: number, first: number | null, last: number | null) =>
    count < 2 || first === null || last === null ? 0 : (last - first) / 60 / count
  return {
    avgSentGapMin: gapMin(a.sentCount, a.firstSentSec, a.lastSentSec),
    avgReceivedGapMin: gapMin(a.receivedCount, a.firstReceivedSec, a.lastReceivedSec),
    spanMin: (a.lastSec - a.firstSec) / 60,
    sentCount: a.sentCount,
    receivedCount: a.receivedCount,
    createdCount: a.createdCount,
    uniqueSendersCount: a.uniqueSenders,
    uniqueRecipientsCount: a.uniqueRecipients,
    minReceivedEth: eth(a.minReceivedWei),
    maxReceivedEth: eth(a.maxReceivedWei),
    avgReceivedEth: a.receivedCount === 0 ? 0 : eth(a.receivedWei) / a.receivedCount,
    minSentEth: eth(a.minSentWei),
    maxSentEth: eth(a.maxSentWei),
    avgSentEth: a.sentCount === 0 ? 0 : eth(a.sentWei) / a.sentCount,
    transactionCount: a.sentCount + a.receivedCount + a.createdCount,
    totalSentEth: eth(a.sentWei),
    totalReceivedEth: eth(a.receivedWei),
    netEth: eth(a.receivedWei - a.sentWei),
  }
}

/** Rows → table. Accounts without a transaction are left out; on an incomplete chain every account is withheld. */
export function computeAccounts(input: AccountInput): FeatureTable {
  const { incomplete } = input
  if (incomplete !== null) {
    const withheld = input.requested.map((subjectId) => ({ subjectId, reason: incomplete }))
    return featureTable('account', accountColumns, [], withheld)
  }
  const rows = input.activity.map((activity) => {
    const quantities = accountQuantities(activity)
    return { subjectId: activity.accountId, values: accountColumns.map((name) => quantities[name]!) }
  })
  return featureTable('account', accountColumns, rows, [])
}

/** Why accounts of a chain cannot be described, or null when they can. `coverageFrom` null: nothing indexed yet. */
export function accountGap(chain: ChainSpec, coverageFrom: number | null): string | null {
  if (chain.transactions !== 'all') return `${chain.name} is indexed without all its transactions`
  if (coverageFrom === null) return `${chain.name} has no coverage`
  if (coverageFrom > FIRST_BLOCKS)
    return `coverage of ${chain.name} begins at block ${coverageFrom}, not at genesis`
  return null
}
