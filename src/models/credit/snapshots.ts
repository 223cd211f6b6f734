/**
 * A history as daily snapshots: every vault with debt and collateral at 00:00 UTC, its inputs from what happened before
 * that moment, and the days until its next liquidation. Nothing is left out but dust and vaults whose collateral is gone
 * (moved by calls that the files do not hold); both are counted. Pure.
 */
import { ewmaVolatility, firstPassageProbability, type ValuePoint } from '../liquidation/features'
import type { VaultHistory } from './events'
import { creditRow, creditVolatility } from './features'
import { type PriceHistory, priceIndexAt } from './prices'
import { feeGrowth, stepAt, type VaultState, vaultStates } from './vault'

const DAY_SEC = 86_400
/** Below this a vault is dust: nobody gains by liquidating it. */
const MIN_DEBT_DAI = 10
const MIN_COLLATERAL_ETH = 1e-6
/** Prices older than this no longer move the volatility. */
const PRICE_MEMORY_SEC = 365 * DAY_SEC
const HORIZON_YEARS = 30 / 365

export type Snapshots = {
  /** Row-major in the order of `creditSpec`, float32. */
  rows: Float32Array
  vaults: readonly string[]
  timesSec: Float64Array
  /** Days until the vault's next liquidation; Infinity when the history holds none. */
  daysToLiquidation: Float64Array
  healthFactors: Float64Array
  debtsDai: Float64Array
  /** Days since the owner's first action on the vault. */
  agesDays: Float64Array
  /** 2Φ(−distance) over 30 days with the usual fortnight's volatility: the structural baseline. */
  structural: Float64Array
  counts: { dust: number; noCollateral: number }
}

type Moment = { timeSec: number; priceAt: number; volatility: number; fortnightVolatility: number }
type Context = {
  prices: PriceHistory
  growth: (timeSec: number) => number
  ratio: (timeSec: number) => number
}

/** Snapshots of [fromSec, untilSec], both ends included, at full days. */
export function takeSnapshots(
  history: VaultHistory,
  prices: PriceHistory,
  { fromSec, untilSec }: { fromSec: number; untilSec: number },
): Snapshots {
  const growth = feeGrowth(history.feePerYear)
  const context: Context = {
    prices,
    growth,
    ratio: (timeSec) => stepAt(history.liquidationRatio, timeSec),
  }
  const cursors = [...vaultStates(history.events, growth)].map(([vault, states]) => ({
    vault,
    states,
    liquidationsSec: states.filter((state) => state.kind === 'liquidation').map((state) => state.timeSec),
    next: 0,
  }))
  const found: Found = {
    rows: [],
    vaults: [],
    timesSec: [],
    days: [],
    health: [],
    debts: [],
    ages: [],
    structural: [],
  }
  const counts = { dust: 0, noCollateral: 0 }
  for (let timeSec = Math.ceil(fromSec / DAY_SEC) * DAY_SEC; timeSec <= untilSec; timeSec += DAY_SEC) {
    let moment: Moment | undefined
    for (const cursor of cursors) {
      const { states, vault, liquidationsSec } = cursor
      while (cursor.next < states.length && states[cursor.next]!.timeSec < timeSec) cursor.next++
      const state = states[cursor.next - 1]
      if (state === undefined || state.debtShares === 0) continue
      if (state.debtShares * growth(timeSec) < MIN_DEBT_DAI) counts.dust++
      else if (state.collateralEth < MIN_COLLATERAL_ETH) counts.noCollateral++
      else {
        moment ??= momentAt(prices, timeSec)
        add(found, { vault, past: states.slice(0, cursor.next), liquidationsSec, moment }, context)
      }
    }
  }
  return {
    rows: Float32Array.from(found.rows.flat()),
    vaults: found.vaults,
    timesSec: Float64Array.from(found.timesSec),
    daysToLiquidation: Float64Array.from(found.days),
    healthFactors: Float64Array.from(found.health),
    debtsDai: Float64Array.from(found.debts),
    agesDays: Float64Array.from(found.ages),
    structural: Float64Array.from(found.structural),
    counts,
  }
}

type Found = {
  rows: number[][]
  vaults: string[]
  timesSec: number[]
  days: number[]
  health: number[]
  debts: number[]
  ages: number[]
  structural: number[]
}

function add(
  found: Found,
  subject: { vault: string; past: readonly VaultState[]; liquidationsSec: readonly number[]; moment: Moment },
  { prices, growth, ratio }: Context,
): void {
  const { vault, past, liquidationsSec, moment } = subject
  const { timeSec } = moment
  const { collateralEth, debtShares } = past[past.length - 1]!
  const price = prices.points[moment.priceAt]!.value
  const debtValue = debtShares * growth(timeSec)
  const collateralValue = collateralEth * price
  const healthFactor = collateralValue / ratio(timeSec) / debtValue
  const lastAction = past.findLast((state) => state.kind !== 'liquidation') ?? past[past.length - 1]!
  const lastPrice = prices.points[priceIndexAt(prices, lastAction.timeSec)]!.value
  const ageDays = (timeSec - past[0]!.timeSec) / DAY_SEC
  const next = liquidationsSec.find((liquidationSec) => liquidationSec >= timeSec)
  found.rows.push(
    creditRow({
      healthFactor,
      debtValue,
      collateralValue,
      volatility: moment.volatility,
      valueAtLastAction: lastPrice / price,
      ageDays,
    }),
  )
  found.vaults.push(vault)
  found.timesSec.push(timeSec)
  found.days.push(next === undefined ? Number.POSITIVE_INFINITY : (next - timeSec) / DAY_SEC)
  found.health.push(healthFactor)
  found.debts.push(debtValue)
  found.ages.push(ageDays)
  const sigma = moment.fortnightVolatility * Math.sqrt(HORIZON_YEARS)
  found.structural.push(firstPassageProbability(Math.log(healthFactor) / sigma))
}

function momentAt(prices: PriceHistory, timeSec: number): Moment {
  const priceAt = priceIndexAt(prices, timeSec)
  const known: ValuePoint[] = prices.points
    .slice(Math.max(0, priceAt - PRICE_MEMORY_SEC / 3600), priceAt + 1)
    .filter((point) => point.timeSec > timeSec - PRICE_MEMORY_SEC)
  return {
    timeSec,
    priceAt,
    volatility: creditVolatility(known, timeSec),
    fortnightVolatility: ewmaVolatility(known, timeSec),
  }
}
