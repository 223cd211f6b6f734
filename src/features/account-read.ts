/** Reading half of the `account` group: transactions up to block B, added up in SQL. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { type AccountActivity, type AccountInput, accountGap } from './account'
import { readCoverageFrom } from './coverage-read'
import type { FeatureRequest } from './types'

/** The training data were collected under this cap, so the first 10,000 transactions of an account count. */
const MAX_TRANSACTIONS = 10_000

/** Reads nothing that is later than `request.at`; only the accounts asked for. */
export async function readAccounts(tx: PoolClient, request: FeatureRequest): Promise<AccountInput> {
  const { chain, at } = request
  const requested = request.accountIds ?? []
  const incomplete = accountGap(chain, await readCoverageFrom(tx, at))
  if (incomplete !== null || requested.length === 0) return { incomplete, requested, activity: [] }
  const result = await tx.query<Record<string, string | number | null>>(sql('features-account-activity'), [
    at.chainId,
    requested,
    at.height,
    MAX_TRANSACTIONS,
  ])
  return { incomplete, requested, activity: result.rows.map(activityOf) }
}

function activityOf(row: Record<string, string | number | null>): AccountActivity {
  const wei = (name: string) => BigInt(row[name] ?? 0)
  const sec = (name: string) => (row[name] === null ? null : Number(row[name]))
  return {
    accountId: String(row.account_id),
    sentCount: Number(row.sent_count),
    receivedCount: Number(row.received_count),
    createdCount: Number(row.created_count),
    uniqueSenders: Number(row.unique_senders),
    uniqueRecipients: Number(row.unique_recipients),
    sentWei: wei('sent_wei'),
    minSentWei: wei('min_sent_wei'),
    maxSentWei: wei('max_sent_wei'),
    receivedWei: wei('received_wei'),
    minReceivedWei: wei('min_received_wei'),
    maxReceivedWei: wei('max_received_wei'),
    firstSentSec: sec('first_sent_sec'),
    lastSentSec: sec('last_sent_sec'),
    firstReceivedSec: sec('first_received_sec'),
    lastReceivedSec: sec('last_received_sec'),
    firstSec: Number(row.first_sec),
    lastSec: Number(row.last_sec),
  }
}
