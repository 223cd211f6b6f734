/** Every feature group, a line each. Add a file and a line; test/features/registry.test.ts holds the room's contract. */
import { type AccountInput, accountColumns, computeAccounts } from './account'
import { readAccounts } from './account-read'
import { computePositions, type PositionFeatures, type PositionInput, positionColumns } from './position'
import { readPositions } from './position-read'
import type { FeatureGroup } from './types'

export const account: FeatureGroup<AccountInput> = {
  name: 'account',
  columns: accountColumns,
  read: readAccounts,
  compute: computeAccounts,
}

export const position: FeatureGroup<PositionInput, PositionFeatures> = {
  name: 'position',
  columns: positionColumns,
  read: readPositions,
  compute: computePositions,
}

export const FEATURE_GROUPS = { account, position } as const
