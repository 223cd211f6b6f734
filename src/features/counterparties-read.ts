/** Reading half of the `counterparties` group: transfers up to block B, added up over counterparties in SQL. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { LabelBook, LabelKind } from '../labels/book'
import { accountGap } from './account'
import { type CounterpartiesInput, type Direction, NO_TRANSFERS } from './counterparties'
import { readCoverageFrom } from './coverage-read'
import type { FeatureRequest } from './types'

interface Row {
  account_id: string
  direction: 'in' | 'out'
  transfers: string
  uniq: string
  squares: string
  top: string
  wei: string
  flagged_transfers: string
  flagged_wei: string
  mixer_hops: number
  sanctioned_hops: number
}

/** Reads nothing that is later than `request.at`; only the accounts asked for. */
export async function readCounterparties(
  tx: PoolClient,
  request: FeatureRequest,
): Promise<CounterpartiesInput> {
  const { chain, at, labels } = request
  const requested = request.accountIds ?? []
  const known = {
    flagged: has(labels, 'flagged') || has(labels, 'sanctioned'),
    mixer: has(labels, 'mixer'),
    sanctioned: has(labels, 'sanctioned'),
  }
  const incomplete = accountGap(chain, await readCoverageFrom(tx, at))
  if (incomplete !== null || requested.length === 0) return { incomplete, requested, known, activity: [] }
  const idsOf = (kind: LabelKind) => [...(labels?.[kind] ?? [])].map((address) => `${at.chainId}:${address}`)
  const { rows } = await tx.query<Row>(sql('features-counterparties'), [
    at.chainId,
    requested,
    at.height,
    [...idsOf('flagged'), ...idsOf('sanctioned')],
    idsOf('mixer'),
    idsOf('sanctioned'),
    `${at.chainId}:0x${'0'.repeat(40)}`,
  ])
  const activity = new Map<string, { accountId: string; incoming: Direction; outgoing: Direction }>()
  for (const row of rows) {
    const accountId = row.account_id
    const found = activity.get(accountId) ?? { accountId, incoming: NO_TRANSFERS, outgoing: NO_TRANSFERS }
    if (row.direction === 'in') found.incoming = directionOf(row)
    else found.outgoing = directionOf(row)
    activity.set(accountId, found)
  }
  return { incomplete, requested, known, activity: [...activity.values()] }
}

function has(labels: LabelBook | undefined, kind: LabelKind): boolean {
  return labels !== undefined && labels[kind].size > 0
}

function directionOf(row: Row): Direction {
  return {
    transfers: Number(row.transfers),
    unique: Number(row.uniq),
    squares: Number(row.squares),
    top: Number(row.top),
    wei: BigInt(row.wei),
    flaggedTransfers: Number(row.flagged_transfers),
    flaggedWei: BigInt(row.flagged_wei),
    mixerHops: row.mixer_hops,
    sanctionedHops: row.sanctioned_hops,
  }
}
