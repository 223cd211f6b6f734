/**
 * `liquidation`: probability that a collateralised-debt position is liquidated within 30 days. Its inputs exist for any
 * lending position, and `liquidationRow` in ./features.ts computes them from a health factor, an amount pair and a
 * value history, for training and for serving alike.
 */
import type { ModelSpec } from '../spec'

export const liquidationSpec: ModelSpec = {
  name: 'liquidation',
  version: '1.0.0',
  group: 'position',
  inputs: [
    {
      name: 'logHealthFactor',
      unit: '1',
      description:
        'ln(health factor), health factor = Σ collateralᵢ · priceᵢ · liquidationThresholdᵢ / debt value at block B, by the ' +
        'prices that the protocol itself uses; clamped to [−1, 5]. A position without debt gets no score.',
    },
    {
      name: 'volatility',
      unit: '1 / √year',
      description:
        'annualised volatility of the log health factor that the position’s amounts of block B would have had along ' +
        'the protocol’s price history: σ² = (Σ wᵢ rᵢ² + 0.9² · τ) / (Σ wᵢ Δtᵢ + τ), rᵢ = log change over Δtᵢ years, ' +
        'wᵢ = 2^(−ageᵢ / 14 days), τ = 1 day (so a short history leans on 0.9); capped at 5.',
    },
    {
      name: 'distance30d',
      unit: 'standard deviations',
      description: 'logHealthFactor / (volatility · √(30/365)), clamped to [−2, 10].',
    },
    {
      name: 'firstPassage30d',
      unit: 'probability',
      description:
        'structural probability that a driftless log health factor touches 0 within 30 days: min(1, 2Φ(−distance30d)).',
    },
    {
      name: 'leverage',
      unit: '1',
      description:
        'debt value / collateral value (not weighted by thresholds) at block B; clamped to [0, 3].',
    },
  ],
  output: {
    name: 'liquidation30d',
    description: 'probability of at least one liquidation within 30 days',
    range: [0, 1],
  },
  direction: 'higher is riskier',
  exactness: 'bits',
  minimum: [
    {
      feature: 'logHealthFactor',
      atLeast: -1,
      because: 'a position without debt or with unknown prices has none',
    },
    { feature: 'volatility', atLeast: 0, because: 'without a price history the distance has no unit' },
  ],
  missing: 'no score',
  reasonsMethod: 'linear',
}
