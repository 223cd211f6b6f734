/** Liquidations as published sets hold them, and prices beside them. Sets hold no positions: only what was taken. */
import { lastAt, type Point } from './series'

export interface LiquidationRecord {
  timeSec: number
  user: string
  collateral: string
  debt: string
  /** Whole tokens. */
  collateralUnits: number
  debtUnits: number
  /** At the protocol's own prices; null where the set does not say. */
  collateralUsd: number | null
  debtUsd: number | null
}

/** One liquidation call of the Arbitrum set: its account's health around the block, null where the set does not say. */
export interface HealthRecord {
  timeSec: number
  protocol: string
  healthBefore: number | null
  healthAfter: number | null
  /** Compound's shortfall in the comptroller's own unit, as text because it exceeds a double. */
  shortfallBefore: bigint | null
  shortfallAfter: bigint | null
}

/** Hourly prices by symbol; a stable coin counts one dollar. */
export interface PriceBook {
  hourly: ReadonlyMap<string, readonly Point[]>
  stable: ReadonlySet<string>
}

const HOUR_SEC = 3_600

/** The last price not older than two hours; undefined where there is none. */
export function priceAt({ hourly, stable }: PriceBook, symbol: string, timeSec: number): number | undefined {
  if (stable.has(symbol)) return 1
  const point = lastAt(hourly.get(symbol) ?? [], timeSec)
  return point !== undefined && timeSec - point.timeSec <= 2 * HOUR_SEC ? point.value : undefined
}

/** Drops rows that are the same in everything. */
export function distinct(records: readonly LiquidationRecord[]): LiquidationRecord[] {
  const seen = new Map<string, LiquidationRecord>()
  for (const one of records)
    seen.set(
      [one.timeSec, one.user, one.collateral, one.debt, one.collateralUnits, one.debtUnits].join('|'),
      one,
    )
  return [...seen.values()].sort((a, b) => a.timeSec - b.timeSec)
}
