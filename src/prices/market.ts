/**
 * What an asset is worth in US dollars: one price out of several sources, and how far to believe it. Pure.
 *
 * Order: what is fresh before what is stale, then feeds before exchanges (Chainlink, Pyth, DEX). A price is stale when its
 * source has been silent for longer than it promises and an eighth more, for transactions take their time to be mined.
 *
 *   confidence = own × freshness × corroboration
 *   own             what the source says of itself: 1 for a quorum's feed, less for a pool's price (src/prices/dex.ts)
 *   freshness       1, and for a stale price limit / age: twice the silence, half the confidence
 *   corroboration   1     a second fresh source agrees and none contradicts
 *                   0.97  it stands alone: nothing says it is wrong, but nobody would notice if it were
 *                   0.9   one agrees, one contradicts
 *                   0.5   it is contradicted and nobody agrees: one of the two is wrong, and we do not know which
 *
 * Two feeds agree within 2 %: a feed reports moves of 0.5 to 2 %. A feed and an exchange agree within 5 %, because a
 * pool's price is the median of half an hour. Basis points are integers, so every process reaches the same ones.
 *
 * Worked: Chainlink 2000 of an hour ago (heartbeat an hour), DEX 2040 → 2000, confidence 1. Of three hours ago → the fresh
 * DEX price is taken; with no DEX price 2000 stands, stale, at 4050 s / 10800 s × 0.97 = 0.36.
 */
export const BPS = 10_000

/** Promised longest silence, seconds, where a chain file says nothing. */
export const HEARTBEAT_SEC: Readonly<Record<string, number>> = { chainlink: 86_400, pyth: 3_600, dex: 86_400 }
const HEARTBEAT_OTHERS_SEC = 86_400

const RANK: readonly string[] = ['chainlink', 'pyth', 'dex']
const AGREE_FEEDS_BPS = 200n
const AGREE_DEX_BPS = 500n
const ALONE_BPS = 9_700
const DISPUTED_BPS = 9_000
const CONTRADICTED_BPS = 5_000

/** What one source says. `answer / 10^decimals` US dollars for one whole token. */
export interface MarketCandidate {
  source: string
  answer: bigint
  decimals: number
  /** Since the source said so. */
  ageSec: number
  /** Longest silence it promises; undefined: as HEARTBEAT_SEC has it. */
  heartbeatSec?: number | undefined
  /** 0 to 10000, apart from age and company. */
  ownBps: number
}

/** A source in a price's account of itself. */
export interface MarketSource {
  source: string
  answer: bigint
  decimals: number
  ageSec: number
  stale: boolean
  /** With the price that was taken; true of that itself. */
  agrees: boolean
}

export interface MarketPrice {
  /** US dollars for one whole token are answer / 10^decimals; above zero. */
  answer: bigint
  decimals: number
  source: string
  ageSec: number
  /** 0 to 10000. */
  confidenceBps: number
  stale: boolean
  /** No other fresh source agrees. */
  singleSource: boolean
  /** The one taken first. */
  sources: readonly MarketSource[]
}

/** Longest age at which a price counts as fresh. */
export function freshForSec(source: string, heartbeatSec?: number): number {
  return Math.floor(((heartbeatSec ?? HEARTBEAT_SEC[source] ?? HEARTBEAT_OTHERS_SEC) * 9) / 8)
}

/** Share of confidence, in basis points, that an age leaves: all until `limitSec`, then limit / age. */
export function freshnessBps(ageSec: number, limitSec: number): number {
  return ageSec <= limitSec ? BPS : Math.floor((limitSec * BPS) / ageSec)
}

/** Whether two prices differ by at most `boundBps` of the second. */
export function agree(
  a: { answer: bigint; decimals: number },
  b: { answer: bigint; decimals: number },
  boundBps: bigint,
): boolean {
  const decimals = Math.max(a.decimals, b.decimals)
  const [x, y] = [a, b].map((price) => price.answer * 10n ** BigInt(decimals - price.decimals)) as [
    bigint,
    bigint,
  ]
  const apart = x > y ? x - y : y - x
  return apart * BigInt(BPS) <= y * boundBps
}

/** Chooses among what the sources say; undefined when none has a price above zero. Order does not matter. */
export function marketPrice(candidates: readonly MarketCandidate[]): MarketPrice | undefined {
  const known = candidates
    .filter(({ answer }) => answer > 0n)
    .map((candidate) => {
      const limitSec = freshForSec(candidate.source, candidate.heartbeatSec)
      return { ...candidate, limitSec, stale: candidate.ageSec > limitSec }
    })
    .sort(
      (a, b) =>
        Number(a.stale) - Number(b.stale) ||
        rank(a.source) - rank(b.source) ||
        (a.source < b.source ? -1 : 1),
    )
  const taken = known[0]
  if (taken === undefined) return undefined
  const isDex = ({ source }: { source: string }) => source === 'dex'
  const sources = known.map((one): MarketSource => {
    const { source, answer, decimals, ageSec, stale } = one
    const boundBps = isDex(one) || isDex(taken) ? AGREE_DEX_BPS : AGREE_FEEDS_BPS
    return { source, answer, decimals, ageSec, stale, agrees: one === taken || agree(one, taken, boundBps) }
  })
  const others = sources.slice(1).filter(({ stale }) => !stale)
  const agreeing = others.filter(({ agrees }) => agrees).length
  const company = companyBps(agreeing, others.length - agreeing)
  const freshness = freshnessBps(taken.ageSec, taken.limitSec)
  const { answer, decimals, source, ageSec, stale } = taken
  return {
    ...{ answer, decimals, source, ageSec, stale, sources },
    confidenceBps: timesBps(timesBps(taken.ownBps, freshness), company),
    singleSource: agreeing === 0,
  }
}

/** Product of two shares in basis points, rounded down. */
export function timesBps(a: number, b: number): number {
  return Math.floor((a * b) / BPS)
}

function companyBps(agreeing: number, contradicting: number): number {
  if (agreeing === 0) return contradicting === 0 ? ALONE_BPS : CONTRADICTED_BPS
  return contradicting === 0 ? BPS : DISPUTED_BPS
}

function rank(source: string): number {
  const found = RANK.indexOf(source)
  return found < 0 ? RANK.length : found
}
