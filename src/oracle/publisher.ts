/**
 * The publisher: proposes reports from finalized blocks, waits for a quorum of signatures, and brings them to the
 * contract. It holds no report signing key; its own key only pays for gas. Everything it knows is in Postgres and
 * on the chain, so it can be killed at any moment; a second one waits for the first to be gone.
 */
import type { Hex } from 'viem'
import { chainById } from '../chains/registry'
import { inTransaction } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { logger } from '../log'
import type { ChainFeed, OracleView } from './onchain'
import { readOracle } from './onchain'
import {
  BACK_OFF_REPORTS,
  backOffSec,
  boundValue,
  type Due,
  decide,
  type FeedView,
  type PolicySettings,
} from './policy'
import { isCanonical, recoverSigner, submissionDigest } from './report'
import {
  type AsOfBlock,
  feedRowId,
  insertProposal,
  type LiveSubmission,
  readLive,
  setReportStatus,
} from './reports'
import { type Sender, sendSubmission, settleTransactions } from './transactions'
import type { MeasuredValue, ValueSource } from './values'

const log = logger('oracle:publisher')

/** Life and confidence of reports; the signers hold the publisher to MAX_TTL_SEC and to the same confidence. */
export const ORACLE_SETTINGS: PolicySettings = { ttlSec: 120, minConfidenceBps: 9_500 }

/** A row of oracle-last-rounds.sql. */
interface LastRounds {
  feed_id: Hex
  signed_round: string | null
  statuses: string[] | null
  age_sec: number | null
}

export interface Publisher extends Sender {
  values: ValueSource
  settings: PolicySettings
}

/** The publisher's key must not be able to sign reports: who pays for gas has no say in what is said. */
export async function refuseSignersKey({ client, target, account }: Sender): Promise<void> {
  const { signers } = await readOracle(client, target.contract)
  if (!signers.some((signer) => signer.toLowerCase() === account.address.toLowerCase())) return
  throw new PlimsollError('the publisher’s key is one of the report signers', {
    details: [`address ${account.address}`],
    hint: 'give the publisher a key of its own',
    exitCode: 2,
  })
}

/** One look at everything: settle what was sent, send what is signed, propose what is due. */
export async function publisherTurn(publisher: Publisher): Promise<void> {
  await settleTransactions(publisher)
  const view = await readOracle(publisher.client, publisher.target.contract)
  await recordFeeds(publisher, view)
  for (const live of await readLive(publisher.pool, publisher.target)) await advance(publisher, view, live)
  if (!view.paused) await propose(publisher, view)
}

async function recordFeeds({ pool, target }: Publisher, view: OracleView): Promise<void> {
  for (const feed of view.feeds) {
    const { rails, groupId, allowed } = feed
    const config = { groupId, allowed, ...rails }
    await pool.query(sql('oracle-upsert-feed'), [
      feedRowId(target, feed.feedId),
      target.chainId,
      target.contract.toLowerCase(),
      feed.feedId,
      `${feed.subjectChainId}:${feed.subject}`,
      feed.metric,
      feed.subjectChainId,
      feed.proxy,
      JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
    ])
  }
}

/** Moves one proposed or signed submission on: to the chain, or out of the way. */
async function advance(publisher: Publisher, view: OracleView, live: LiveSubmission): Promise<void> {
  if (live.parts.some((part) => part.status === 'sent')) return
  const ids = live.parts.map((part) => part.id)
  const drop = async (reason: string) => {
    log.info(`report ${ids.join(', ')} dropped: ${reason}`)
    await setReportStatus(publisher.pool, ids, { status: 'dropped', reason })
  }
  const overdue = live.submission.reports.some((report) => view.nowSec > report.expiresAt)
  if (overdue) return drop('it expired before it was sent')
  for (const report of live.submission.reports) {
    const last = view.feeds.find((feed) => feed.feedId === report.feedId)?.last
    if (last && last.round >= report.round) return drop(`round ${last.round} is on the chain already`)
  }
  const { signatures, refusals } = await readAnswers(publisher, view, live)
  const quorum = Number(view.quorum)
  if (view.signers.length - refusals.length < quorum) return drop(`refused: ${refusals.join('; ')}`)
  if (signatures.length < quorum) return
  await setReportStatus(publisher.pool, ids, { status: 'signed' })
  await sendSubmission(publisher, live, signatures.slice(0, quorum))
}

/** Valid signatures of members of the signer set, one each, and the reasons of those who refused. */
async function readAnswers({ pool, target }: Publisher, view: OracleView, live: LiveSubmission) {
  const signatures: Hex[] = []
  const refusals: string[] = []
  const { rows } = await pool.query<{ signer: string; signature: Hex | null; refusal: string | null }>(
    sql('oracle-signatures'),
    [live.parts.slice(0, 1).map((part) => part.id)],
  )
  const members = new Set(view.signers.map((signer) => signer.toLowerCase()))
  for (const { signer, signature, refusal } of rows) {
    if (!members.has(signer)) continue
    if (signature === null) {
      refusals.push(`${signer}: ${refusal ?? 'no reason'}`)
      continue
    }
    const recovered = isCanonical(signature)
      ? await recoverSigner(target, live.submission, signature).catch(() => undefined)
      : undefined
    if (recovered?.toLowerCase() === signer) signatures.push(signature)
    else refusals.push(`${signer}: the signature is not one over this report`)
  }
  return { signatures, refusals }
}

async function propose(publisher: Publisher, view: OracleView): Promise<void> {
  const free = await freeFeeds(publisher, view)
  if (free.length === 0) return
  const rounds = await finalizedRounds(publisher)
  const measured = new Map<Hex, { value: MeasuredValue; asOf: AsOfBlock }>()
  for (const { feed } of free) {
    const chainId = feed.subjectChainId
    const height = rounds.get(chainId)
    if (height === undefined || !feed.allowed) continue
    const value = await publisher.values(feed, height)
    if (value !== undefined)
      measured.set(feed.feedId, { value, asOf: { chainId, height, hash: value.blockHash } })
  }
  const views = free.map(
    ({ feed, nextRound }): FeedView => ({
      feedId: feed.feedId,
      groupId: feed.groupId,
      allowed: feed.allowed,
      rails: feed.rails,
      last: feed.last,
      nextRound,
      current: measured.get(feed.feedId)?.value,
    }),
  )
  const { due, withheld } = decide(views, view.nowSec, publisher.settings)
  for (const { feedId, reason } of withheld) log.debug(`feed ${feedId} withheld: ${reason}`)
  for (const submission of due) await record(publisher, view, { submission, measured })
}

/** Feeds that could move now: nothing of them or of their group is on its way or backing off, and minDelay has passed. */
async function freeFeeds({ pool, target }: Publisher, view: OracleView) {
  const live = await readLive(pool, target)
  const busy = new Set(live.flatMap(({ submission }) => submission.reports.map((report) => report.feedId)))
  const early = ({ last, rails }: ChainFeed) =>
    last.round > 0n && view.nowSec < last.updatedAt + BigInt(rails.minDelaySec)
  const { rows } = await pool.query<LastRounds>(sql('oracle-last-rounds'), [
    target.chainId,
    target.contract.toLowerCase(),
    BACK_OFF_REPORTS,
  ])
  const backing = new Set(rows.filter(isBackingOff).map((row) => row.feed_id))
  const held = new Set(
    view.feeds
      .filter((feed) => busy.has(feed.feedId) || backing.has(feed.feedId) || early(feed))
      .map(groupOf),
  )
  const signed = new Map(rows.map((row) => [row.feed_id, BigInt(row.signed_round ?? 0)]))
  return view.feeds
    .filter((feed) => !held.has(groupOf(feed)))
    .map((feed) => {
      const last = signed.get(feed.feedId) ?? 0n
      return { feed, nextRound: (last > feed.last.round ? last : feed.last.round) + 1n }
    })
}

/** Whether a feed's latest reports were dropped, so that the next one has to wait. */
function isBackingOff({ statuses, age_sec }: LastRounds): boolean {
  if (statuses === null || age_sec === null) return false
  const kept = statuses.findIndex((status) => status !== 'dropped')
  return age_sec < backOffSec(kept === -1 ? statuses.length : kept)
}

/** The group of a coupled feed, or the feed itself. */
function groupOf(feed: ChainFeed): Hex {
  return BigInt(feed.groupId) === 0n ? feed.feedId : feed.groupId
}

/**
 * The last finalized scoring round of every indexed chain: the heights at which the scorer scores too, so that a
 * report can be held against the stored scores, and the value is not computed anew at every block.
 */
async function finalizedRounds({ pool }: Publisher): Promise<Map<bigint, bigint>> {
  const { rows } = await pool.query<{ chain_id: string; finalized_height: string }>(sql('oracle-finalized'))
  return new Map(
    rows.map((row) => {
      const chainId = BigInt(row.chain_id)
      const finalized = BigInt(row.finalized_height)
      const every = BigInt(chainById(Number(chainId))?.scoreEveryBlocks ?? 1)
      return [chainId, finalized - (finalized % every)]
    }),
  )
}

async function record(
  { pool, target }: Publisher,
  view: OracleView,
  {
    submission,
    measured,
  }: { submission: Due; measured: ReadonlyMap<Hex, { value: MeasuredValue; asOf: AsOfBlock }> },
): Promise<void> {
  const digest = submissionDigest(target, submission)
  const asOf = new Map([...measured].map(([feedId, entry]) => [feedId, entry.asOf]))
  const reasons = new Map<Hex, string>()
  for (const { feedId } of submission.reports) {
    const feed = view.feeds.find((candidate) => candidate.feedId === feedId)
    const value = measured.get(feedId)?.value.value
    const bounded = feed && value !== undefined ? boundValue(value, feed.last, feed.rails) : undefined
    const clamped = bounded?.ok && bounded.clamped ? `, clamped from ${value}` : ''
    reasons.set(feedId, `${submission.trigger}${clamped}`)
  }
  await inTransaction(pool, (tx) => insertProposal(tx, target, { submission, digest, asOf, reasons }))
  for (const report of submission.reports) {
    log.info(
      `proposed ${report.value} for feed ${report.feedId}, round ${report.round} (${reasons.get(report.feedId)})`,
    )
  }
}
