/**
 * `credit`: probability that a collateralised-debt position is liquidated within 30 days, and, as further outputs of the
 * same graph, within 1 and 7. Its inputs exist for a position of any lending protocol; `creditRow` in ./features.ts
 * computes them for training and for serving alike. The score from 300 to 850 is in ./score.ts.
 */
import type { ModelSpec } from '../spec'

export const creditSpec: ModelSpec = {
  name: 'credit',
  version: '1.0.0',
  group: 'position',
  inputs: [
    {
      name: 'distanceRoot30d',
      unit: '√ standard deviations',
      description:
        'sign(z) · √|z|, z = ln(health factor) / (σ · √(30/365)) clamped to [−1, 10]. Health factor = Σ collateralᵢ · ' +
        'priceᵢ · liquidationThresholdᵢ / debt value at block B, by the prices that the protocol itself uses. σ is the ' +
        'annualised volatility of the health factor that the amounts of block B would have had along the protocol’s ' +
        'price history: σ² = (Σ wᵢ rᵢ² + 0.9² · τ) / (Σ wᵢ Δtᵢ + τ), rᵢ = log change over Δtᵢ years, ' +
        'wᵢ = 2^(−ageᵢ / 30 days), τ = 30 days; capped at 5.',
    },
    {
      name: 'chosenDistanceRoot30d',
      unit: '√ standard deviations',
      description:
        'as distanceRoot30d, for the health factor that the amounts of block B had at the prices of the moment when the ' +
        'owner last supplied, withdrew, borrowed or repaid: the level at which he chose to leave the position. Its ' +
        'logarithm counts for at most twice that of block B, and below 1 for no more than that. A position whose actions ' +
        'are not known has the health factor of block B.',
    },
    {
      name: 'youth',
      unit: '1',
      description:
        '1 / (1 + days since the owner’s first action on the position / 14). A position whose actions are not known counts as new.',
    },
    {
      name: 'loanToValue',
      unit: '1',
      description: 'debt value / collateral value (not weighted by thresholds) at block B, at most 3.',
    },
  ],
  output: {
    name: 'liquidated30d',
    description: 'probability of at least one liquidation within 30 days',
    range: [0, 1],
  },
  direction: 'higher is riskier',
  exactness: 'bits',
  minimum: [
    {
      feature: 'distanceRoot30d',
      atLeast: -1,
      because: 'a position without debt or with unknown prices has none',
    },
  ],
  missing: 'no score',
  reasonsMethod: 'linear',
}
