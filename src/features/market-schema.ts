/** Columns of the `market` group, in order. */
import type { FeatureColumn } from './types'

const NO_PRICE = 'NaN without a price.'
const NO_DOLLARS = 'NaN where the token’s decimals or market price, or somebody’s position, is not known.'

export const marketSchema: readonly FeatureColumn[] = [
  {
    name: 'volatility',
    unit: '1 / √year',
    description:
      'annualised volatility of the log of the price, exponentially weighted with a half-life of 14 days and leaning on 0.9 with the weight of a day.',
    missing: 'NaN with fewer than two prices.',
  },
  {
    name: 'priceChange1d',
    unit: '1',
    description: 'ln(price at block B / price a day before).',
    missing: 'NaN without a price a day before.',
  },
  {
    name: 'belowPeakShare30d',
    unit: '1',
    description: '1 − price / greatest price of the 30 days before.',
    missing: NO_PRICE,
  },
  {
    name: 'maxDrawdown30d',
    unit: '1',
    description: 'greatest fall from a peak to a later price within the 30 days.',
    missing: NO_PRICE,
  },
  {
    name: 'utilization',
    unit: '1',
    description: 'borrowed / supplied, of all accounts’ positions.',
    missing: 'NaN where nothing is supplied, or somebody’s position is not known.',
  },
  {
    name: 'suppliedUsd',
    unit: 'US dollars',
    description: 'supplied, at the market price.',
    missing: NO_DOLLARS,
  },
  {
    name: 'borrowedUsd',
    unit: 'US dollars',
    description: 'borrowed, at the market price.',
    missing: NO_DOLLARS,
  },
  {
    name: 'priceConfidence',
    unit: '1',
    description: 'confidence in the market price, 0 to 1 (docs/prices.md).',
    missing: 'NaN without a market price.',
  },
  {
    name: 'depth2PctUsd',
    unit: 'US dollars',
    description:
      'what sales of the asset fetch until its price has fallen by 2 % in every exchange pool that a listed factory announced and whose other token has a price.',
    missing: 'NaN without such a pool.',
  },
]

export const marketColumns = marketSchema.map(({ name }) => name)
