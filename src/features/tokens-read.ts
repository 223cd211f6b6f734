/** Reading half of the `tokens` group: token transfers and approvals up to block B, added up in SQL. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { readCoverageFrom } from './coverage-read'
import type { TokenActivity, TokensInput } from './tokens'
import type { FeatureRequest } from './types'

/** Reads nothing that is later than `request.at`; only the accounts asked for. */
export async function readTokens(tx: PoolClient, request: FeatureRequest): Promise<TokensInput> {
  const { chain, at } = request
  const requested = request.accountIds ?? []
  const covered = (await readCoverageFrom(tx, at)) !== null
  const incomplete = covered ? null : `${chain.name} has no coverage`
  const seesUnverified = chain.tokenLogs === 'all'
  if (incomplete !== null || requested.length === 0)
    return { incomplete, requested, seesUnverified, activity: [] }
  const idOf = (address: string) => `${chain.id}:${address}`
  const listed = [...chain.contracts, ...chain.tokens].map(({ address }) => idOf(address))
  const { rows } = await tx.query<Record<string, string>>(sql('features-tokens'), [
    at.chainId,
    requested,
    at.height,
    listed,
    idOf(`0x${'0'.repeat(40)}`),
  ])
  return { incomplete, requested, seesUnverified, activity: rows.map(activityOf) }
}

function activityOf(row: Record<string, string>): TokenActivity {
  const number = (name: string) => Number(row[name] ?? 0)
  return {
    accountId: String(row.account_id),
    inCount: number('in_count'),
    outCount: number('out_count'),
    selfCount: number('self_count'),
    tokens: number('tokens'),
    topToken: number('top_token'),
    mintCount: number('mint_count'),
    nftCount: number('nft_count'),
    zeroCount: number('zero_count'),
    unverifiedInCount: number('unverified_in_count'),
    spanSec: number('span_sec'),
    gaps: number('gaps'),
    gapSum: number('gap_sum'),
    gapSquares: number('gap_squares'),
    openApprovals: number('open_approvals'),
    openUnlisted: number('open_unlisted'),
    openUnlimited: number('open_unlimited'),
  }
}
