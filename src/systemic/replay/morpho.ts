/**
 * The November 2025 contagion on Morpho: Stream's xUSD and Elixir's deUSD and sdeUSD lost their value, isolated markets
 * that took them as collateral could not be repaid, and the vaults that lent there passed the loss on.
 *
 * Predicts from the state at one moment before it, with what remains of the collaterals' prices given by the caller (0
 * for the blind forecast, the observed prices for the informed one), and compares with what the same tables show later.
 */
import { amountAgreement, hitAgreement, orderAgreement } from './agreement'
import { lossShareOfStayers, marketLoss, passThrough, sharedPressure } from './contagion'
import type { MorphoHistory, MorphoMarket } from './morpho-history'
import { lastAt, valueAt } from './series'

/** Below this nobody speaks of a hit: the tables hold vaults of a few cents. */
export const LEAST_HIT_USD = 100
/** A market counts as full from here. */
const FULL = 0.9999
const LEAST_SHARE_PRICE_FALL = 0.001
const SEED = 20_251_103
const DAY_SEC = 86_400

export interface MorphoMoments {
  /** State that the forecast may know. */
  stateSec: number
  /** Losses by market are read here. */
  outcomeSec: number
  /** Share prices and outflows are followed until here. */
  endSec: number
}

export interface MarketRow {
  name: string
  supplyUsd: number
  utilization: number
  uncoveredUsd: number
  drainUsd: number
  predictedUsd: number
  happenedUsd: number
  recordedUsd: number
  /** Seconds since the state at which it was full; Infinity where it never was. */
  fullAfterSec: number
  isUnpriced: boolean
}

export interface VaultRow {
  name: string
  chain: string
  assetsUsd: number
  predictedUsd: number
  predictedShare: number
  stuckUsd: number
  /** Assets just before the share price fell, or at the outcome. */
  remainingUsd: number
  stayersShare: number
  sharePriceFall: number
  isPredicted: boolean
  isHit: boolean
}

export function replayMorpho(
  history: MorphoHistory,
  moments: MorphoMoments,
  remaining: (collateral: string) => number,
) {
  const markets = history.markets.map((market) => marketRow(history, market, moments, remaining))
  const vaults = vaultRows(history, moments, markets)
  const priced = markets.filter((row) => !row.isUnpriced && row.supplyUsd >= LEAST_HIT_USD)
  const hits = (of: (row: VaultRow) => boolean) =>
    new Set(vaults.filter(of).map((row) => `${row.name} ${row.chain}`))
  return {
    moments,
    markets,
    vaults,
    hits: hitAgreement(
      hits((row) => row.isPredicted),
      hits((row) => row.isHit),
    ),
    badDebt: amountAgreement(
      priced.map((row) => row.predictedUsd),
      priced.map((row) => row.happenedUsd),
    ),
    recorded: amountAgreement(
      priced.map((row) => row.predictedUsd),
      priced.map((row) => row.recordedUsd),
    ),
    vaultLosses: amountAgreement(
      vaults.map((row) => row.predictedUsd),
      vaults.map((row) => row.stuckUsd),
    ),
    marketOrder: orderAgreement(
      priced.map((row) => 1 - row.utilization),
      priced.map((row) => row.fullAfterSec),
      SEED,
    ),
    runOrder: runOrder(history, vaults, moments),
    secondRound: secondRound(history, vaults, moments),
  }
}

export type MorphoReplay = ReturnType<typeof replayMorpho>

function marketRow(
  history: MorphoHistory,
  market: MorphoMarket,
  { stateSec, outcomeSec }: MorphoMoments,
  remaining: (collateral: string) => number,
): MarketRow {
  const [before, after] = [lastAt(market.states, stateSec), lastAt(market.states, outcomeSec)]
  const price = valueAt(history.prices.get(market.collateral) ?? [], stateSec) ?? 0
  const units = valueAt(market.collateralUnits, stateSec)
  const [supplyUsd, borrowUsd] = [before?.supplyUsd ?? 0, before?.borrowUsd ?? 0]
  const loss = marketLoss(
    {
      id: market.name,
      supplyUsd,
      borrowUsd,
      collateralUsd: units === undefined ? null : units * price,
      terms: market.terms,
      isFixedPrice: market.isFixedPrice,
    },
    remaining(market.collateral),
  )
  // Where collateral was not recorded at the time, what is there later stands in: without liquidations it is the same.
  const unitsLater = valueAt(market.collateralUnits, outcomeSec) ?? market.collateralUnitsLater
  const priceLater = valueAt(history.prices.get(market.collateral) ?? [], outcomeSec) ?? 0
  const happenedUsd = Math.max(0, (after?.borrowUsd ?? 0) - unitsLater * priceLater)
  const full = market.states.find((state) => state.timeSec >= stateSec && state.utilization >= FULL)
  return {
    name: market.name,
    supplyUsd,
    utilization: before?.utilization ?? 0,
    uncoveredUsd: loss.uncoveredUsd,
    drainUsd: loss.drainUsd,
    predictedUsd: loss.lossShare * supplyUsd,
    happenedUsd,
    recordedUsd: market.recordedBadDebtUsd,
    fullAfterSec: full === undefined ? Number.POSITIVE_INFINITY : full.timeSec - stateSec,
    isUnpriced: supplyUsd === 0 && (before?.utilization ?? 0) > 0,
  }
}

function vaultRows(
  history: MorphoHistory,
  { stateSec, outcomeSec, endSec }: MorphoMoments,
  rows: readonly MarketRow[],
): VaultRow[] {
  const shares = new Map(
    rows.map((row, i) => [
      history.markets[i]!.id,
      row.supplyUsd === 0 ? 0 : row.predictedUsd / row.supplyUsd,
    ]),
  )
  const lost = new Set(history.markets.filter((_, i) => rows[i]!.happenedUsd > 0).map((market) => market.id))
  const risky = history.markets.map((market, i) => ({ id: market.id, supplyUsd: rows[i]!.supplyUsd }))
  const vaults = history.vaults.map((vault) => ({
    id: vault.id,
    assetsUsd: valueAt(vault.assetsUsd, stateSec) ?? 0,
    suppliedUsd: new Map(
      [...vault.suppliedUsd].flatMap(([id, points]) => {
        const usd = heldAt(points, stateSec)
        return usd > 0 ? [[id, usd] as const] : []
      }),
    ),
  }))
  const losses = passThrough(risky, shares, vaults).vaults
  return history.vaults.map((vault, k): VaultRow => {
    const { lossUsd, lossShare } = losses[k]!
    const stuckUsd = [...vault.suppliedUsd].reduce(
      (sum, [id, points]) => sum + (lost.has(id) ? heldAt(points, outcomeSec - 2 * DAY_SEC) : 0),
      0,
    )
    const fall = largestFall(vault.sharePrice, stateSec, endSec)
    const remainingUsd = valueAt(vault.assetsUsd, (fall.timeSec ?? outcomeSec) - DAY_SEC) ?? 0
    return {
      name: vault.name,
      chain: vault.chain,
      assetsUsd: vaults[k]!.assetsUsd,
      predictedUsd: lossUsd,
      predictedShare: lossShare,
      stuckUsd,
      remainingUsd,
      stayersShare: lossShareOfStayers(lossUsd, remainingUsd),
      sharePriceFall: fall.share,
      isPredicted: lossUsd >= LEAST_HIT_USD,
      isHit: stuckUsd >= LEAST_HIT_USD || fall.share >= LEAST_SHARE_PRICE_FALL,
    }
  })
}

/** Allocation tables stop the day a vault has left for good: what is older than two days is over. */
function heldAt(points: readonly { timeSec: number; value: number }[], timeSec: number): number {
  const last = lastAt(points, timeSec)
  return last === undefined || last.timeSec < timeSec - 2 * DAY_SEC ? 0 : last.value
}

/** Largest fall from a peak within a period, and the moment of its lowest point. */
function largestFall(
  points: readonly { timeSec: number; value: number }[],
  fromSec: number,
  toSec: number,
): { share: number; timeSec: number | undefined } {
  let peak = 0
  let found: { share: number; timeSec: number | undefined } = { share: 0, timeSec: undefined }
  for (const { timeSec, value } of points) {
    if (timeSec < fromSec || timeSec > toSec) continue
    peak = Math.max(peak, value)
    const share = peak === 0 ? 0 : 1 - value / peak
    if (share > found.share) found = { share, timeSec }
  }
  return found
}

/** Do depositors leave the vaults with the largest predicted loss first? Order of losing a fifth of the assets. */
function runOrder(history: MorphoHistory, rows: readonly VaultRow[], { stateSec }: MorphoMoments) {
  const chosen = rows.flatMap((row, i) => (row.assetsUsd >= 1_000 ? [i] : []))
  const leftAfter = chosen.map((i) => {
    const points = history.vaults[i]!.assetsHourly
    const before = valueAt(points, stateSec)
    const left = points.find((p) => p.timeSec > stateSec && before !== undefined && p.value < 0.8 * before)
    return left === undefined ? Number.POSITIVE_INFINITY : left.timeSec - stateSec
  })
  return orderAgreement(
    chosen.map((i) => -rows[i]!.predictedShare),
    leftAfter,
    SEED,
  )
}

/** Vaults that were not predicted to lose, by how much they share with those that were, beside what they lost in assets. */
function secondRound(history: MorphoHistory, rows: readonly VaultRow[], { stateSec }: MorphoMoments) {
  const byId = new Map(history.vaults.map((vault, i) => [vault.id, { vault, row: rows[i]! }]))
  const hit = new Set([...byId].filter(([, { row }]) => row.isPredicted).map(([id]) => id))
  const pressure = sharedPressure(history.sharedSupplies, hit)
  const found = [...pressure].flatMap(([id, value]) => {
    const one = byId.get(id)
    if (one === undefined || hit.has(id) || one.row.assetsUsd < 1_000) return []
    const week = one.vault.assetsUsd.filter(
      (p) => p.timeSec > stateSec && p.timeSec <= stateSec + 7 * DAY_SEC,
    )
    const least = Math.min(one.row.assetsUsd, ...week.map((point) => point.value))
    return [{ name: one.row.name, pressure: value, outflow: 1 - least / one.row.assetsUsd }]
  })
  const order = orderAgreement(
    found.map((one) => one.pressure),
    found.map((one) => one.outflow),
    SEED,
  )
  return { vaults: found, order }
}
