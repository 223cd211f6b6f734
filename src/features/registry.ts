/** Every feature group, a line each. Add a file and a line; test/features/registry.test.ts holds the room's contract. */
import { account } from './account'
import { position } from './position'

export const FEATURE_GROUPS = { account, position } as const
