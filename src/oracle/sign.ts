/**
 * A signer's judgement of a proposed report: it computes the value again from the state at the block the report
 * names, checks finality and every rail itself, and signs only if its own number is the proposed one.
 *
 * Never two values for one (feed, round): a signature is a row keyed by (feed, round, signer), written before anyone
 * can see it, under a lock on the report, and only while no other report for that round has a signature of anyone.
 */
import type { Hex, LocalAccount } from 'viem'
import type { ChainClient } from '../chains/client'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { logger } from '../log'
import { type ChainFeed, type OracleView, readOracle } from './onchain'
import { boundValue, MAX_TTL_SEC, type PolicySettings, refusal } from './policy'
import { type OracleTarget, signSubmission, submissionDigest } from './report'
import {
  feedRowId,
  isReportRowId,
  type LiveReport,
  type LiveSubmission,
  readLive,
  roundRowId,
} from './reports'
import type { ValueSource } from './values'

const log = logger('oracle:signer')
/** As in the contract. */
const MAX_ROUND_SKIP = 1_000_000n

export interface Signer {
  pool: Pool
  client: ChainClient
  account: LocalAccount
  target: OracleTarget
  values: ValueSource
  settings: PolicySettings
}

/** `later`: this signer does not know enough yet, and answers when it does. */
export type Judgement =
  | { verdict: 'sign' }
  | { verdict: 'refuse'; reason: string }
  | { verdict: 'later'; reason: string }

/** One look at all live reports: answers each that this signer has not answered yet. */
export async function signerTurn(signer: Signer): Promise<void> {
  const open = await unanswered(signer)
  if (open.length === 0) return
  const view = await readOracle(signer.client, signer.target.contract)
  const self = signer.account.address.toLowerCase()
  if (!view.signers.some((member) => member.toLowerCase() === self)) {
    log.warn(`${self} is not in the contract's signer set; nothing is signed`)
    return
  }
  for (const live of open) {
    const judgement = await judge(signer, view, live)
    if (judgement.verdict === 'later') log.debug(`report ${live.parts[0]?.id} later: ${judgement.reason}`)
    else await answer(signer, live, judgement)
  }
}

async function unanswered({ pool, target, account }: Signer): Promise<LiveSubmission[]> {
  const live = (await readLive(pool, target)).filter(({ parts }) =>
    parts.every((part) => part.status !== 'sent'),
  )
  if (live.length === 0) return []
  const ids = live.flatMap(({ parts }) => parts.map((part) => part.id))
  const { rows } = await pool.query<{ report_id: string; signer: string }>(sql('oracle-signatures'), [ids])
  const self = account.address.toLowerCase()
  const answered = new Set(rows.filter((row) => row.signer === self).map((row) => row.report_id))
  return live.filter(({ parts }) => parts.every((part) => !answered.has(part.id)))
}

/** What this signer thinks of a submission, from its own reading of the chain and of the state. */
export async function judge(signer: Signer, view: OracleView, live: LiveSubmission): Promise<Judgement> {
  if (view.paused) return { verdict: 'later', reason: 'the contract is paused' }
  if (submissionDigest(signer.target, live.submission) !== live.digest) {
    return { verdict: 'refuse', reason: 'the digest is not that of the report' }
  }
  for (const part of live.parts) {
    const feed = view.feeds.find((candidate) => candidate.feedId === part.report.feedId)
    if (feed === undefined)
      return { verdict: 'refuse', reason: `the contract has no feed ${part.report.feedId}` }
    const judgement =
      judgeForm(signer, view, { feed, part }) ?? (await judgeValue(signer, view, { feed, part }))
    if (judgement !== undefined) return judgement
  }
  return { verdict: 'sign' }
}

/** What can be told without computing the value. */
function judgeForm(
  { target }: Signer,
  view: OracleView,
  { feed, part }: { feed: ChainFeed; part: LiveReport },
): Judgement | undefined {
  const { report } = part
  const refuse = (reason: string): Judgement => ({ verdict: 'refuse', reason })
  const feedRow = feedRowId(target, report.feedId)
  if (!isReportRowId(part.id, feedRow, report.round)) return refuse('the row id is not its feed and round')
  if (part.asOf.chainId !== feed.subjectChainId)
    return refuse(`as of chain ${part.asOf.chainId}, not the subject's`)
  if (report.round <= feed.last.round) return refuse(`round ${feed.last.round} is on the chain already`)
  if (report.round > feed.last.round + MAX_ROUND_SKIP) return refuse('the round skips too many numbers')
  if (report.previousValue !== feed.last.value) return refuse(`the previous value is ${feed.last.value}`)
  if (report.expiresAt < view.nowSec) return refuse('it has expired')
  if (report.expiresAt > view.nowSec + BigInt(MAX_TTL_SEC)) return refuse('it lives too long')
  return undefined
}

/** The value, computed again at the block the report names, and the rails around it. */
async function judgeValue(
  signer: Signer,
  view: OracleView,
  { feed, part }: { feed: ChainFeed; part: LiveReport },
): Promise<Judgement | undefined> {
  const { report, asOf } = part
  const { rows } = await signer.pool.query<{ chain_id: string; finalized_height: string }>(
    sql('oracle-finalized'),
  )
  const finalized = rows.find((row) => BigInt(row.chain_id) === asOf.chainId)?.finalized_height
  if (finalized === undefined || BigInt(finalized) < asOf.height) {
    return { verdict: 'later', reason: `block ${asOf.height} of chain ${asOf.chainId} is not final here` }
  }
  const current = await signer.values(feed, asOf.height)
  if (current === undefined) return { verdict: 'refuse', reason: 'there is no value at that block' }
  const { last, rails, allowed, groupId, feedId } = feed
  const feedView = { feedId, groupId, allowed, rails, last, nextRound: report.round, current }
  const reason = refusal(feedView, view.nowSec, signer.settings)
  if (reason !== undefined) return { verdict: 'refuse', reason }
  const bounded = boundValue(current.value, last, rails)
  const found = {
    value: bounded.ok ? bounded.value : undefined,
    confidenceBps: current.confidenceBps,
    modelHash: current.modelHash,
    observedAt: current.observedAt,
    blockHash: current.blockHash,
  }
  const proposed = { ...report, blockHash: asOf.hash }
  for (const name of ['value', 'confidenceBps', 'modelHash', 'observedAt', 'blockHash'] as const) {
    if (found[name] === proposed[name]) continue
    return { verdict: 'refuse', reason: `${name} is ${found[name]}, proposed was ${proposed[name]}` }
  }
  return undefined
}

async function answer(
  { pool, account, target }: Signer,
  live: LiveSubmission,
  judgement: Exclude<Judgement, { verdict: 'later' }>,
): Promise<void> {
  const signature =
    judgement.verdict === 'sign' ? await signSubmission(account, target, live.submission) : null
  const refusal = judgement.verdict === 'refuse' ? judgement.reason : null
  const signer = account.address.toLowerCase()
  const id = live.parts.map((part) => part.id).join(', ')
  const recorded = await inTransaction(pool, (tx) =>
    recordAnswer(tx, target, live, { signer, signature, refusal }),
  )
  if (recorded === undefined)
    log.warn(`report ${id} is gone, or ${signer} answered it before; nothing is signed`)
  else if (recorded.refusal === null) log.info(`signed report ${id}`)
  else log.warn(`refused report ${id}: ${recorded.refusal}`)
}

interface Answer {
  signer: string
  signature: Hex | null
  refusal: string | null
}

/**
 * All parts or none. Nobody sees the signature unless it could be recorded for every (feed, round) it covers.
 * Resolves to what was recorded: a refusal instead of a signature when a round was signed for another report.
 */
async function recordAnswer(
  tx: PoolClient,
  target: OracleTarget,
  live: LiveSubmission,
  given: Answer,
): Promise<Answer | undefined> {
  const locked = await tx.query(sql('oracle-lock-reports'), [live.parts.map((part) => part.id), live.digest])
  if (locked.rowCount !== live.parts.length) return undefined
  const taken = given.signature === null ? undefined : await roundSignedBefore(tx, live)
  const recorded =
    taken === undefined
      ? given
      : { ...given, signature: null, refusal: `round ${taken} was signed for another report` }
  const { signer, signature, refusal } = recorded
  await tx.query('SAVEPOINT answer')
  for (const { id, report } of live.parts) {
    const scope = signature === null ? id : roundRowId(feedRowId(target, report.feedId), report.round)
    const values = [`${scope}:${signer}`, id, signer, signature, refusal]
    const { rowCount } = await tx.query(sql('oracle-insert-signature'), values)
    if (rowCount === 1) continue
    await tx.query('ROLLBACK TO SAVEPOINT answer')
    return undefined
  }
  return recorded
}

/** The first round of a submission that any signer signed another report for. */
async function roundSignedBefore(tx: PoolClient, live: LiveSubmission): Promise<bigint | undefined> {
  for (const { id, feedRow, report } of live.parts) {
    const { rowCount } = await tx.query(sql('oracle-round-signed'), [feedRow, report.round, id])
    if (rowCount !== 0) return report.round
  }
  return undefined
}
