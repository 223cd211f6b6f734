/** Every feature group, a line each. Add a file and a line; test/features/registry.test.ts holds the room's contract. */
import { creditSpec } from '../models/credit/spec'
import { liquidationSpec } from '../models/liquidation/spec'
import { type AccountInput, accountColumns, accountSchema, computeAccounts } from './account'
import { readAccounts } from './account-read'
import {
  type CounterpartiesInput,
  computeCounterparties,
  counterpartiesColumns,
  counterpartiesSchema,
} from './counterparties'
import { readCounterparties } from './counterparties-read'
import { computeLending, type LendingInput } from './lending'
import { readLending } from './lending-read'
import { lendingColumns, lendingSchema } from './lending-schema'
import { computeMarkets, type MarketInput } from './market'
import { readMarkets } from './market-read'
import { marketColumns, marketSchema } from './market-schema'
import { computePositions, type PositionFeatures, type PositionInput, positionColumns } from './position'
import { readPositions } from './position-read'
import { computeTokens, type TokensInput, tokensColumns, tokensSchema } from './tokens'
import { readTokens } from './tokens-read'
import { readTouched } from './touched-read'
import type { FeatureGroup } from './types'

export const account: FeatureGroup<AccountInput> = {
  name: 'account',
  version: 2,
  about: 'An account’s life in top-level native-coin transactions; the inputs of the `illicit` model.',
  subject: 'account',
  columns: accountColumns,
  schema: accountSchema,
  read: readAccounts,
  compute: computeAccounts,
  touched: readTouched,
}

export const counterparties: FeatureGroup<CounterpartiesInput> = {
  name: 'counterparties',
  version: 1,
  about:
    'With whom an account exchanges value, how concentrated that is, and how near mixers and sanctioned accounts are.',
  subject: 'account',
  columns: counterpartiesColumns,
  schema: counterpartiesSchema,
  read: readCounterparties,
  compute: computeCounterparties,
  touched: readTouched,
}

export const tokens: FeatureGroup<TokensInput> = {
  name: 'tokens',
  version: 1,
  about:
    'How an account moves verified tokens, and whom it lets move them, since coverage of the chain began.',
  subject: 'account',
  columns: tokensColumns,
  schema: tokensSchema,
  read: readTokens,
  compute: computeTokens,
  touched: readTouched,
}

export const position: FeatureGroup<PositionInput, PositionFeatures> = {
  name: 'position',
  version: 2,
  about: 'An account’s debt in one lending pool; the inputs of the `liquidation` model.',
  subject: 'position',
  columns: positionColumns,
  schema: [...liquidationSpec.inputs, ...creditSpec.inputs].map((input) => ({
    ...input,
    missing: 'NaN without debt or a usable price.',
  })),
  read: readPositions,
  compute: computePositions,
}

export const lending: FeatureGroup<LendingInput> = {
  name: 'lending',
  version: 1,
  about: 'How an account carried its debt in one lending pool over the last 30 days.',
  subject: 'position',
  columns: lendingColumns,
  schema: lendingSchema,
  read: readLending,
  compute: computeLending,
}

export const market: FeatureGroup<MarketInput> = {
  name: 'market',
  version: 1,
  about:
    'The state of a lending market: its asset’s price, how much of it is lent, how much of the asset could be sold.',
  subject: 'market',
  columns: marketColumns,
  schema: marketSchema,
  read: readMarkets,
  compute: computeMarkets,
}

export const FEATURE_GROUPS = { account, counterparties, tokens, position, lending, market } as const
