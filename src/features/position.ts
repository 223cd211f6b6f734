/**
 * Feature group `position`: an account's debt in one lending pool at block B, as the models `credit` and `liquidation`
 * define their inputs (src/models/{credit,liquidation}/spec.ts). The subject is `${chainId}:${account}:${pool}`.
 *
 * Health comes from the protocol's own arithmetic over the versions that held at B, in exact integers; it crosses to
 * floats once. Dollars are the pool's own, or come by the market price of what the pool reckons in (dollars.ts). The volatility is that of the health factor which the amounts of B would have had along the history of
 * the prices that the protocol used.
 */
import type { Hex } from '../chains/types'
import { creditRow, creditVolatility } from '../models/credit/features'
import { creditSpec } from '../models/credit/spec'
import { ewmaVolatility, liquidationRow, type ValuePoint } from '../models/liquidation/features'
import { liquidationSpec } from '../models/liquidation/spec'
import { isOf, type PriceLine } from '../prices/price-line'
import {
  BASE_UNIT_SOURCE,
  type Holding,
  type LendingAccount,
  type LendingRisk,
  type RiskInput,
} from '../protocols/lending-risk'
import { PROTOCOLS } from '../protocols/registry'
import type { MarketState, PositionState, Protocol } from '../protocols/types'
import { accountTrustBps, type Dollars, dollarsOf, inDollars, type MarketView, USD_DECIMALS } from './dollars'
import { toFloat } from './float'
import type { Habit, Habits } from './position-habits'
import { featureTable } from './table'
import type { AsOf, FeatureTable, Withheld } from './types'

const WAD_DECIMALS = 18
const BPS_DECIMALS = 4
const DAY_SEC = 86_400

/** Everything the group needs, as of one block. */
export interface PositionInput {
  at: AsOf
  positions: readonly PositionState[]
  /** When owners acted; a position without an entry is one whose actions are not known. */
  habits?: Habits
  markets: ReadonlyMap<string, MarketState>
  prices: PriceLine
  market: MarketView
  /** What the assets of markets are called, by address, where that is known; no feature goes by it. */
  symbols?: ReadonlyMap<Hex, string>
}

/** One account in one lending pool. Money in US dollars with 8 decimals. */
export interface Standing {
  subjectId: string
  accountId: string
  protocol: string
  pool: Hex
  data: LendingAccount
  /** From the unit of `risk`'s own answers to these dollars. */
  dollars: Dollars
  /** How sure the prices are that the money rests on, 0 to 10000. */
  priceConfidenceBps: number
  /** null without debt. */
  healthFactorWad: bigint | null
  /** Debt by market. */
  debts: readonly { marketId: string; asset: Hex; debtBase: bigint }[]
  marketIds: readonly string[]
  /** What `data` was computed from and by, for liquidation prices and what-if questions. */
  input: RiskInput
  risk: LendingRisk
}

export interface PositionFeatures extends FeatureTable {
  at: AsOf
  /** Complete subjects, with or without debt, ascending by subject; the table holds those with debt. */
  standings: readonly Standing[]
  /** Pools that are wholly known: every reserve and every subject complete. */
  completePools: ReadonlySet<string>
}

export const positionColumns = [...liquidationSpec.inputs, ...creditSpec.inputs].map((input) => input.name)

/** Rows → standings and table. Pure; the order of the input's rows does not matter. */
export function computePositions(
  input: PositionInput,
  protocols: Readonly<Record<string, Protocol>> = PROTOCOLS,
): PositionFeatures {
  const { standings: all, withheld, completePools } = computeStandings(input, protocols)
  const standings = all.filter(({ data }) => data.totalCollateralBase !== 0n || data.totalDebtBase !== 0n)
  const historyOf = priceHistories(input)
  const rows = standings
    .filter(({ healthFactorWad }) => healthFactorWad !== null)
    .map((standing) => ({ subjectId: standing.subjectId, values: rowOf(standing, input, historyOf) }))
  return {
    ...featureTable('position', positionColumns, rows, withheld),
    at: input.at,
    standings,
    completePools,
  }
}

/** The exact half of `computePositions`: what accounts hold and owe, mere lenders included, without features. */
export function computeStandings(
  input: PositionInput,
  protocols: Readonly<Record<string, Protocol>> = PROTOCOLS,
): { standings: Standing[]; withheld: Withheld[]; completePools: ReadonlySet<string> } {
  const standings: Standing[] = []
  const withheld: Withheld[] = []
  const incompletePools = new Set<string>()
  for (const market of input.markets.values()) if (!market.complete) incompletePools.add(market.pool)
  for (const [subjectId, positions] of bySubject(input)) {
    const found = standingOf(subjectId, positions, input, protocols)
    if ('reason' in found) {
      withheld.push(found)
      incompletePools.add(positions[0]!.pool)
      continue
    }
    if (found.data.holdings.length > 0) standings.push(found)
  }
  standings.sort((a, b) => (a.subjectId < b.subjectId ? -1 : 1))
  const pools = new Set([...input.markets.values()].map((market) => market.pool as string))
  return {
    standings,
    withheld,
    completePools: new Set([...pools].filter((pool) => !incompletePools.has(pool))),
  }
}

/** Money of the pool as a float. */
export function baseToFloat(base: bigint): number {
  return toFloat(base, USD_DECIMALS)
}

/** A health factor as a float. */
export function healthToFloat(wad: bigint): number {
  return toFloat(wad, WAD_DECIMALS)
}

/** Rows of each account in each pool, by subject. */
export function bySubject(input: Pick<PositionInput, 'at' | 'positions'>): Map<string, PositionState[]> {
  const groups = new Map<string, PositionState[]>()
  for (const position of input.positions) {
    const id = `${input.at.chainId}:${position.account}:${position.pool}`
    const group = groups.get(id)
    if (group) group.push(position)
    else groups.set(id, [position])
  }
  for (const group of groups.values()) group.sort((a, b) => (a.marketId < b.marketId ? -1 : 1))
  return groups
}

function standingOf(
  subjectId: string,
  positions: readonly PositionState[],
  { at, markets, prices, market }: PositionInput,
  protocols: Readonly<Record<string, Protocol>>,
): Standing | Withheld {
  const { account, pool, protocol } = positions[0]!
  const risk = protocols[protocol]?.risk
  if (risk === undefined) return { subjectId, reason: `no health rules for ${protocol}` }
  const priceAt = (asset: Hex, source: string) => prices.at(`${at.chainId}:${asset}`, at.height, source)
  const input: RiskInput = { positions, markets, price: priceAt, timestampSec: at.timestampSec }
  const own = risk.account(input)
  if ('incomplete' in own) return { subjectId, reason: own.incomplete }
  const dollars = dollarsOf(own.base, market)
  if ('reason' in dollars) return { subjectId, reason: dollars.reason }
  const pricedAtSec = (asset: Hex, source: string) => priceAt(asset, source)?.timestampSec
  return {
    subjectId,
    accountId: `${at.chainId}:${account}`,
    protocol,
    pool,
    data: inDollars(own, dollars),
    dollars,
    priceConfidenceBps: accountTrustBps(own, { dollars, market, at, pricedAtSec }),
    healthFactorWad: own.totalDebtBase === 0n ? null : own.healthFactorWad,
    debts: own.holdings
      .filter((holding) => holding.debtBalance > 0n)
      .map((holding) => ({
        marketId: holding.marketId,
        asset: holding.asset,
        debtBase: dollars.usdUp(holding.debtValueAt(holding.price)),
      })),
    marketIds: own.holdings.map((holding) => holding.marketId),
    input,
    risk,
  }
}

function rowOf(standing: Standing, { at, habits }: PositionInput, historyOf: HistoryOf): number[] {
  const weights = standing.data.holdings.map((holding) => weightOf(holding, historyOf))
  const history = healthHistory(weights, at.timestampSec)
  const facts = {
    healthFactor: standing.healthFactorWad === null ? Number.NaN : healthToFloat(standing.healthFactorWad),
    debtValue: baseToFloat(standing.data.totalDebtBase),
    collateralValue: baseToFloat(standing.data.totalCollateralBase),
  }
  const habit = habits?.get(standing.subjectId)
  return [
    ...liquidationRow({ ...facts, volatility: ewmaVolatility(history, at.timestampSec) }),
    ...creditRow({
      ...facts,
      volatility: creditVolatility(history, at.timestampSec),
      valueAtLastAction: habit === undefined ? 1 : valueThen(history, habit),
      ageDays: habit === undefined ? 0 : Math.max(0, at.timestampSec - habit.firstSec) / DAY_SEC,
    }),
  ]
}

/** Value of today's amounts when the owner last acted, over their value now; 1 when no price is as old. */
function valueThen(history: readonly ValuePoint[], { lastSec }: Habit): number {
  const then = history.findLast((point) => point.timeSec <= lastSec)
  const now = history[history.length - 1]
  return then === undefined || now === undefined ? 1 : then.value / now.value
}

/** What one asset adds to the health factor, in whole tokens, and its price over time. */
interface Weight {
  /** Collateral × liquidation threshold. */
  collateral: number
  debt: number
  history: readonly ValuePoint[]
}

function weightOf(holding: Holding, historyOf: HistoryOf): Weight {
  const unit = Number(holding.unit)
  return {
    collateral: holding.collateral
      ? toFloat(holding.supplyBalance * holding.thresholdBps, BPS_DECIMALS) / unit
      : 0,
    debt: Number(holding.debtBalance) / unit,
    history: historyOf(holding.asset, holding.priceSource),
  }
}

/**
 * Health factor of today's amounts at every past price, up to a factor that does not change over time. It begins when
 * every asset involved had a price, and ends at `endSec`.
 */
function healthHistory(all: readonly Weight[], endSec: number): ValuePoint[] {
  const weights = all.filter((weight) => weight.collateral > 0 || weight.debt > 0)
  if (weights.some((weight) => weight.history.length === 0)) return []
  const beginSec = Math.max(...weights.map((weight) => weight.history[0]!.timeSec))
  const times = new Set([
    ...weights.flatMap((weight) => weight.history.map((point) => point.timeSec)),
    endSec,
  ])
  const cursors = weights.map(() => 0)
  const points: ValuePoint[] = []
  for (const timeSec of [...times].filter((time) => time >= beginSec).sort((a, b) => a - b)) {
    let [collateral, debt] = [0, 0]
    for (const [i, weight] of weights.entries()) {
      while ((weight.history[cursors[i]! + 1]?.timeSec ?? Number.POSITIVE_INFINITY) <= timeSec) cursors[i]!++
      const price = weight.history[cursors[i]!]!.value
      collateral += weight.collateral * price
      debt += weight.debt * price
    }
    if (collateral > 0 && debt > 0) points.push({ timeSec, value: collateral / debt })
  }
  return points
}

const ALWAYS_ONE: readonly ValuePoint[] = [{ timeSec: 0, value: 1 }]

type HistoryOf = (asset: Hex, feed: string) => readonly ValuePoint[]

/** Prices of an asset by one feed up to the block, as floats; each history is made once. */
function priceHistories({ at, prices }: PositionInput): HistoryOf {
  const known = new Map<string, ValuePoint[]>()
  return (asset, feed) => {
    if (feed === BASE_UNIT_SOURCE) return ALWAYS_ONE
    const key = `${asset}|${feed}`
    let points = known.get(key)
    if (points === undefined) {
      points = prices
        .history(`${at.chainId}:${asset}`)
        .filter((point) => point.validFromBlock <= at.height && point.answer > 0n && isOf(point, feed))
        .map((point) => ({ timeSec: point.timestampSec, value: toFloat(point.answer, point.decimals) }))
      known.set(key, points)
    }
    return points
  }
}
