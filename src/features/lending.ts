/**
 * Feature group `lending`: how an account carried its debt in one lending pool over the 30 days before block B. The
 * subject is `${chainId}:${account}:${pool}`, as of `position`.
 *
 * Health is the protocol's own arithmetic (src/protocols) over the versions that held, sampled at the blocks at which
 * prices changed, and at the ends of the window: positions and prices are those of the sampled block, between samples the
 * last one stands. What the account did is judged by its health just before: positions and prices of the block before, the
 * market's rates and indexes of the newest sample below. Health factors above 10 count as 10.
 */
import type { PriceLine } from '../prices/price-line'
import type { LendingAccount } from '../protocols/lending-risk'
import { PROTOCOLS } from '../protocols/registry'
import type { MarketState, PositionState, Protocol } from '../protocols/types'
import { healthPath } from './health-path'
import { lendingColumns } from './lending-schema'
import { healthToFloat } from './position'
import { featureTable } from './table'
import type { AsOf, FeatureTable, Withheld } from './types'

export const WINDOW_SEC = 30 * 86_400
const DAY_SEC = 86_400
/** Below it, defending a position is done under stress. */
const STRESS = 1.25
const HEALTH_CAP = 10
const BPS = 10_000n
/** Newest own deeds of a window that are judged. */
const MAX_DEEDS = 64

/** A position's version: it holds from the end of a block on. */
export interface PositionVersion extends PositionState {
  validFromBlock: number
}

/** A sampled block, with the markets as of its end. */
export interface Sample {
  height: number
  timestampSec: number
  markets: ReadonlyMap<string, MarketState>
}

export interface LendingDeed {
  accountId: string
  pool: string
  kind: 'supply' | 'borrow' | 'repay' | 'liquidation'
  height: number
  timestampSec: number
}

export interface LendingInput {
  at: AsOf
  /** Begin of the window: deeds above this block count. */
  fromHeight: number
  /** Ascending; the last is block B. */
  samples: readonly Sample[]
  versions: readonly PositionVersion[]
  deeds: readonly LendingDeed[]
  prices: PriceLine
}

/** Rows → table. Subjects that owed nothing throughout the window are left out. */
export function computeLending(
  input: LendingInput,
  protocols: Readonly<Record<string, Protocol>> = PROTOCOLS,
): FeatureTable {
  const samples = [...input.samples].sort((a, b) => a.height - b.height)
  const ordered = { ...input, samples }
  const deeds = groupedBy(input.deeds, (deed) => `${deed.accountId}:${deed.pool}`)
  const rows: { subjectId: string; values: number[] }[] = []
  const withheld: Withheld[] = []
  const subjects = groupedBy(input.versions, ({ account, pool }) => `${input.at.chainId}:${account}:${pool}`)
  for (const [subjectId, versions] of subjects) {
    const found = rowOf(ordered, { versions, deeds: deeds.get(subjectId) ?? [], protocols })
    if (found === undefined) continue
    if ('reason' in found) withheld.push({ subjectId, ...found })
    else rows.push({ subjectId, values: found })
  }
  return featureTable('lending', lendingColumns, rows, withheld)
}

interface Subject {
  versions: readonly PositionVersion[]
  deeds: readonly LendingDeed[]
  protocols: Readonly<Record<string, Protocol>>
}

function rowOf(input: LendingInput, subject: Subject): number[] | { reason: string } | undefined {
  const last = input.samples.at(-1)!
  const now = accountAt(input, subject, { height: last.height, sample: last })
  if (now === undefined) return undefined
  if ('reason' in now) return now
  const points = input.samples.flatMap((sample) => {
    const then = accountAt(input, subject, { height: sample.height, sample })
    // A sample before the first price, or before the account came, is no sample of its health.
    if (then === undefined || 'reason' in then || then.totalDebtBase === 0n) return []
    return [{ timeSec: sample.timestampSec, health: cappedHealth(then) }]
  })
  if (points.length === 0) return undefined
  const path = healthPath(
    points,
    input.samples.map((sample) => sample.timestampSec),
  )
  const debt = now.totalDebtBase
  const power = (now.totalCollateralBase * now.ltvBps) / BPS
  return [
    debt === 0n || power === 0n ? Number.NaN : Number(debt) / Number(power),
    debt === 0n ? Number.NaN : cappedHealth(now),
    ...[path.min, path.mean, path.below110Share, path.below125Share, path.below150Share],
    ...deedValues(input, subject),
  ]
}

function cappedHealth({ healthFactorWad }: LendingAccount): number {
  return Math.min(HEALTH_CAP, healthToFloat(healthFactorWad))
}

/** The account's standing at the end of a block; undefined when it held nothing. */
function accountAt(
  { at, prices }: LendingInput,
  { versions, protocols }: Subject,
  {
    height,
    sample,
    timestampSec = sample.timestampSec,
  }: { height: number; sample: Sample; timestampSec?: number },
): LendingAccount | { reason: string } | undefined {
  const held = new Map<string, PositionVersion>()
  for (const version of versions) {
    const known = held.get(version.marketId)
    if (version.validFromBlock > height) continue
    if (known === undefined || known.validFromBlock < version.validFromBlock)
      held.set(version.marketId, version)
  }
  const positions = [...held.values()].sort((a, b) => (a.marketId < b.marketId ? -1 : 1))
  if (positions.every(({ scaledSupply, scaledDebt }) => scaledSupply === 0n && scaledDebt === 0n)) {
    return positions.length === 0 || height < at.height ? undefined : empty()
  }
  const { protocol } = positions[0]!
  const risk = protocols[protocol]?.risk
  if (risk === undefined) return { reason: `no health rules for ${protocol}` }
  const found = risk.account({
    positions,
    markets: sample.markets,
    price: (asset, source) => prices.at(`${at.chainId}:${asset}`, height, source),
    timestampSec,
  })
  return 'incomplete' in found ? { reason: found.incomplete } : found
}

/** Somebody who has left the pool: no debt, no power to borrow; what was within the window still counts. */
function empty(): LendingAccount {
  return {
    ...{ totalCollateralBase: 0n, totalDebtBase: 0n, ltvBps: 0n, currentLiquidationThresholdBps: 0n },
    ...{ healthFactorWad: 0n, badDebtBase: 0n, base: { asset: null, decimals: 0 }, holdings: [] },
  }
}

function deedValues(input: LendingInput, subject: Subject): number[] {
  const recent = subject.deeds.filter((deed) => deed.height > input.fromHeight)
  const liquidations = subject.deeds.filter((deed) => deed.kind === 'liquidation')
  const lastSec = Math.max(...liquidations.map((deed) => deed.timestampSec))
  let [topUps, stressedTopUps, repays, stressedRepays] = [0, 0, 0, 0]
  const judged = recent
    .filter(({ kind }) => kind === 'supply' || kind === 'repay')
    .sort((a, b) => b.height - a.height || (a.kind < b.kind ? -1 : 1))
  for (const { kind, height, timestampSec } of judged.slice(0, MAX_DEEDS)) {
    const before = beforeDeed(input, subject, { height, timestampSec })
    const stressed = before !== undefined && before < STRESS ? 1 : 0
    if (kind === 'repay') {
      repays++
      stressedRepays += stressed
    } else if (before !== undefined) {
      topUps++
      stressedTopUps += stressed
    }
  }
  return [
    topUps,
    stressedTopUps,
    repays,
    stressedRepays,
    recent.filter((deed) => deed.kind === 'borrow').length,
    recent.filter((deed) => deed.kind === 'liquidation').length,
    liquidations.length,
    liquidations.length === 0 ? Number.NaN : (input.at.timestampSec - lastSec) / DAY_SEC,
  ]
}

/** Health just before a deed; undefined without debt, or where it is not known. */
function beforeDeed(
  input: LendingInput,
  subject: Subject,
  { height, timestampSec }: { height: number; timestampSec: number },
): number | undefined {
  const sample = input.samples.findLast((one) => one.height < height)
  if (sample === undefined) return undefined
  const before = accountAt(input, subject, { height: height - 1, sample, timestampSec })
  if (before === undefined || 'reason' in before || before.totalDebtBase === 0n) return undefined
  return cappedHealth(before)
}

function groupedBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
