/**
 * Feature group `tokens`: how an account moves tokens, and whom it lets move them, since coverage of the chain began.
 *
 * Counted are transfers of more than nothing of verified fungible tokens: anybody can make a contract that says you sent
 * its token, and a transfer of nothing in somebody's name needs no consent. What is left out is counted by itself, because
 * being aimed at says something as well. No amounts: tokens do not add up, and decimals are not always known.
 *
 * Burstiness (Goh and Barabási, "Burstiness and memory in complex systems", EPL 81, 2008): B = (σ − μ) / (σ + μ) of the
 * times between successive transfers; −1 for a clock, 0 for a Poisson process, towards 1 for bursts.
 */
import { featureTable } from './table'
import type { FeatureColumn, FeatureTable } from './types'

const COUNT = '0 without any.'

export const tokensSchema: readonly FeatureColumn[] = [
  { name: 'inCount', unit: 'count', description: 'transfers received.', missing: COUNT },
  { name: 'outCount', unit: 'count', description: 'transfers sent.', missing: COUNT },
  {
    name: 'selfCount',
    unit: 'count',
    description: 'transfers to oneself; in no other column.',
    missing: COUNT,
  },
  {
    name: 'outShare',
    unit: '1',
    description: 'outCount / (inCount + outCount): the in/out ratio, bounded.',
    missing: 'NaN without a transfer.',
  },
  { name: 'tokensCount', unit: 'count', description: 'distinct tokens moved.', missing: COUNT },
  {
    name: 'topTokenShare',
    unit: '1',
    description: 'share of the most frequent token in all counted transfers.',
    missing: 'NaN without a transfer.',
  },
  {
    name: 'mintCount',
    unit: 'count',
    description: 'transfers received from the zero address.',
    missing: COUNT,
  },
  {
    name: 'nftCount',
    unit: 'count',
    description: 'transfers of verified non-fungible tokens, either way.',
    missing: COUNT,
  },
  {
    name: 'zeroCount',
    unit: 'count',
    description: 'transfers of nothing, either way: the trace of address poisoning.',
    missing: COUNT,
  },
  {
    name: 'unverifiedInCount',
    unit: 'count',
    description: 'transfers received of contracts that nobody vouches for.',
    missing: 'NaN on chains that are indexed for listed tokens alone.',
  },
  {
    name: 'spanMin',
    unit: 'minutes',
    description: 'time of the last less time of the first counted transfer.',
    missing: '0 with fewer than two.',
  },
  {
    name: 'burstiness',
    unit: '1',
    description: '(σ − μ) / (σ + μ) of the times between successive counted transfers.',
    missing: 'NaN with fewer than three transfers, or all in one block.',
  },
  {
    name: 'openApprovalsCount',
    unit: 'count',
    description: 'pairs of token and spender whose newest approval allows more than nothing.',
    missing: COUNT,
  },
  {
    name: 'openUnlistedApprovalsCount',
    unit: 'count',
    description: 'those of them whose spender the chain file does not list: unverified spenders.',
    missing: COUNT,
  },
  {
    name: 'unlimitedUnlistedApprovalsCount',
    unit: 'count',
    description: 'those of these that allow 2¹⁵⁹ or more, or a whole collection.',
    missing: COUNT,
  },
]

export const tokensColumns = tokensSchema.map(({ name }) => name)

/** One account's token transfers and approvals, added up. Times in seconds. */
export interface TokenActivity {
  accountId: string
  inCount: number
  outCount: number
  selfCount: number
  tokens: number
  topToken: number
  mintCount: number
  nftCount: number
  zeroCount: number
  unverifiedInCount: number
  spanSec: number
  /** Of the times between successive transfers: how many, their sum, the sum of their squares. */
  gaps: number
  gapSum: number
  gapSquares: number
  openApprovals: number
  openUnlisted: number
  openUnlimited: number
}

export interface TokensInput {
  /** Why no account of this chain can be described, or null. */
  incomplete: string | null
  requested: readonly string[]
  /** Transfers of contracts that nobody vouches for are indexed. */
  seesUnverified: boolean
  activity: readonly TokenActivity[]
}

/** Rows → table. Accounts without a transfer or an approval are left out. */
export function computeTokens({
  incomplete,
  requested,
  seesUnverified,
  activity,
}: TokensInput): FeatureTable {
  if (incomplete !== null) {
    const withheld = requested.map((subjectId) => ({ subjectId, reason: incomplete }))
    return featureTable('tokens', tokensColumns, [], withheld)
  }
  const rows = activity.map((one) => ({ subjectId: one.accountId, values: valuesOf(one, seesUnverified) }))
  return featureTable('tokens', tokensColumns, rows, [])
}

function valuesOf(one: TokenActivity, seesUnverified: boolean): number[] {
  // 0 / 0 is NaN: a share of nothing is missing.
  return [
    one.inCount,
    one.outCount,
    one.selfCount,
    one.outCount / (one.inCount + one.outCount),
    one.tokens,
    one.topToken / (one.inCount + one.outCount + one.selfCount),
    one.mintCount,
    one.nftCount,
    one.zeroCount,
    seesUnverified ? one.unverifiedInCount : Number.NaN,
    one.spanSec / 60,
    burstiness(one),
    one.openApprovals,
    one.openUnlisted,
    one.openUnlimited,
  ]
}

/** In [−1, 1); NaN with fewer than two gaps, or none above zero. */
export function burstiness({
  gaps,
  gapSum,
  gapSquares,
}: Pick<TokenActivity, 'gaps' | 'gapSum' | 'gapSquares'>): number {
  if (gaps < 2 || gapSum === 0) return Number.NaN
  const mean = gapSum / gaps
  const deviation = Math.sqrt(Math.max(0, gapSquares / gaps - mean * mean))
  return (deviation - mean) / (deviation + mean)
}
