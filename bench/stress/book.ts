/** A made lending book and price scenarios for the benches of the systemic engine; the same from the same seed. */
import { seededRandom } from '../../src/math/statistics'
import type { PriceDepth } from '../../src/systemic/depth'
import { planParts, type SpiralPlan } from '../../src/systemic/spiral-plan'

const ASSETS = 24
/** The first are stablecoins, which are what most owe. */
const STABLES = 6
const POOLS = 3

export interface BookSize {
  positions: number
  seed: number
  /** Units of each volatile asset that a constant-product pool holds, times its price of 100; undefined: sales move nothing. */
  poolReserve?: number
}

/**
 * Seven in ten positions have one collateral, a quarter two, the rest three; one in twenty owes two assets. Popular
 * assets are popular as x². Health starts between 1.02 and 3.
 */
export function madeBook({ positions, seed, poolReserve }: BookSize): SpiralPlan {
  const random = seededRandom(seed)
  const prices = Float64Array.from({ length: ASSETS }, (_, a) => (a < STABLES ? 1 : 100))
  const [volatile, stable] = [
    () => STABLES + Math.floor(random() ** 2 * (ASSETS - STABLES)),
    () => Math.floor(random() ** 2 * STABLES),
  ]
  const rows = {
    asset: [] as number[],
    units: [] as number[],
    threshold: [] as number[],
    bonus: [] as number[],
  }
  const debts = { asset: [] as number[], market: [] as number[], units: [] as number[] }
  const [collateralStart, debtStart, closeRule] = [[0], [0], [] as number[]]
  for (let i = 0; i < positions; i++) {
    const pool = Math.floor(random() * POOLS)
    closeRule.push(pool)
    const kind = random()
    const held = new Set(Array.from({ length: kind < 0.7 ? 1 : kind < 0.95 ? 2 : 3 }, volatile))
    let limitUsd = 0
    for (const asset of held) {
      const units = 1 + 100 * random() ** 4
      rows.asset.push(asset)
      rows.units.push(units)
      rows.threshold.push(0.7 + 0.02 * (asset % 6))
      rows.bonus.push(1.04 + 0.01 * (asset % 6))
      limitUsd += units * prices[asset]! * (0.7 + 0.02 * (asset % 6))
    }
    const owed = new Set([random() < 0.9 ? stable() : volatile(), ...(random() < 0.05 ? [stable()] : [])])
    const owedUsd = limitUsd / (1.02 + 2 * random()) / owed.size
    for (const asset of owed) {
      debts.asset.push(asset)
      debts.market.push(pool * ASSETS + asset)
      debts.units.push(owedUsd / prices[asset]!)
    }
    collateralStart.push(rows.asset.length)
    debtStart.push(debts.asset.length)
  }
  return planParts({
    assets: Array.from(prices, (price, a) => ({ name: `asset ${a}`, depth: depthOf(a, price, poolReserve) })),
    markets: Array.from({ length: POOLS * ASSETS }, (_, m) => `market ${m}`),
    closeRules: [
      { closeShare: 0.5, closeHealth: 0.95, smallUsd: 2_000, leastLeftoverUsd: 1_000 },
      { closeShare: 0.5, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 },
      { closeShare: 1, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 },
    ],
    nearPrices: prices,
    ...{ gasUsd: 5, exit: 'oracle' },
    positions: {
      closeRule: Int32Array.from(closeRule),
      collateralStart: Int32Array.from(collateralStart),
      collateralAsset: Int32Array.from(rows.asset),
      collateralUnits: Float64Array.from(rows.units),
      collateralThreshold: Float64Array.from(rows.threshold),
      collateralBonus: Float64Array.from(rows.bonus),
      debtStart: Int32Array.from(debtStart),
      debtAsset: Int32Array.from(debts.asset),
      debtMarket: Int32Array.from(debts.market),
      debtUnits: Float64Array.from(debts.units),
    },
  })
}

function depthOf(asset: number, price: number, reserve: number | undefined): PriceDepth {
  if (reserve === undefined || asset < STABLES) return { kind: 'unmoved' }
  return {
    kind: 'ranges',
    sqrtLow: Float64Array.of(0),
    sqrtHigh: Float64Array.of(Number.POSITIVE_INFINITY),
    liquidity: Float64Array.of(reserve * Math.sqrt(price)),
    fee: 0.003,
  }
}

/** Scenarios × assets: the volatile fall or rise together by about `sigma`, each by half as much of its own; stables by 0.2 %. */
export function madePrices(
  { assets, groups }: SpiralPlan,
  { scenarios, seed, sigma }: { scenarios: number; seed: number; sigma: number },
): Float64Array {
  const random = seededRandom(seed + 1)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const prices = new Float64Array(new SharedArrayBuffer(scenarios * assets.length * 8))
  for (let s = 0; s < scenarios; s++) {
    const common = sigma * normal()
    for (let a = 0; a < assets.length; a++) {
      const own = normal()
      const move = a < STABLES ? 0.002 * own : common + 0.5 * sigma * own
      prices[s * assets.length + a] = groups.nearPrices[a]! * Math.exp(move)
    }
  }
  return prices
}
