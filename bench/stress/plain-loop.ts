/** The loop that one would write first: every position of every scenario, row by row. */
import type { FirstRound } from '../../src/systemic/kernels/first-round'
import type { SpiralPlan } from '../../src/systemic/spiral-plan'

/** Fills the first `scenarios` rows of `out`. */
export function plainLoop(
  { positions, assets, markets }: SpiralPlan,
  prices: Float64Array,
  scenarios: number,
  out: FirstRound,
): void {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold, collateralBonus } =
    positions
  const { debtStart, debtAsset, debtMarket, debtUnits, closeRule } = positions
  for (let s = 0; s < scenarios; s++) {
    const row = s * assets.length
    for (let i = 0; i < closeRule.length; i++) {
      let [limit, seizable, owed] = [0, 0, 0]
      for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
        const value = collateralUnits[c]! * prices[row + collateralAsset[c]!]!
        limit += value * collateralThreshold[c]!
        seizable += value / collateralBonus[c]!
      }
      for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++)
        owed += debtUnits[d]! * prices[row + debtAsset[d]!]!
      if (limit >= owed) continue
      out.unhealthy[s]!++
      if (seizable >= owed) continue
      for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++)
        out.lossUsd[s * markets.length + debtMarket[d]!]! +=
          ((owed - seizable) * debtUnits[d]! * prices[row + debtAsset[d]!]!) / owed
    }
  }
}
