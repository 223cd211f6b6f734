/** Columns of the `lending` group, in order. */
import type { FeatureColumn } from './types'

const NO_DEBT = 'NaN without debt at block B.'
const NEVER = '0 without any.'
const share = (limit: string) => ({
  unit: '1',
  description: `share of the time with debt, of the 30 days, at a health factor below ${limit}.`,
  missing: 'never: who owed nothing throughout has no row.',
})

export const lendingSchema: readonly FeatureColumn[] = [
  {
    name: 'borrowPowerUsedShare',
    unit: '1',
    description:
      'debt / (collateral · loan-to-value) at block B: above 1 where prices moved against the account.',
    missing: 'NaN without debt, or without collateral that may be borrowed against.',
  },
  { name: 'healthFactor', unit: '1', description: 'at block B, at most 10.', missing: NO_DEBT },
  {
    name: 'minHealthFactor30d',
    unit: '1',
    description: 'least of the samples with debt.',
    missing: 'never: who owed nothing throughout has no row.',
  },
  {
    name: 'meanHealthFactor30d',
    unit: '1',
    description: 'mean over the time with debt.',
    missing: 'never: who owed nothing throughout has no row.',
  },
  { name: 'below110Share30d', ...share('1.1') },
  { name: 'below125Share30d', ...share('1.25') },
  { name: 'below150Share30d', ...share('1.5') },
  {
    name: 'topUpCount30d',
    unit: 'count',
    description: 'supplies while in debt (of supplies and repayments the newest 64 are looked at).',
    missing: NEVER,
  },
  {
    name: 'stressedTopUpCount30d',
    unit: 'count',
    description: 'those at a health factor below 1.25 just before.',
    missing: NEVER,
  },
  {
    name: 'repayCount30d',
    unit: 'count',
    description: 'repayments (of supplies and repayments the newest 64 are looked at).',
    missing: NEVER,
  },
  {
    name: 'stressedRepayCount30d',
    unit: 'count',
    description: 'those at a health factor below 1.25 just before.',
    missing: NEVER,
  },
  { name: 'borrowCount30d', unit: 'count', description: 'borrowings.', missing: NEVER },
  {
    name: 'liquidationCount30d',
    unit: 'count',
    description: 'liquidations of this account.',
    missing: NEVER,
  },
  {
    name: 'liquidationCount',
    unit: 'count',
    description: 'liquidations of this account since coverage began.',
    missing: NEVER,
  },
  {
    name: 'sinceLiquidationDays',
    unit: 'days',
    description: 'time from the newest of them to block B.',
    missing: 'NaN without any.',
  },
]

export const lendingColumns = lendingSchema.map(({ name }) => name)
