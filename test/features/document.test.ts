import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { featuresDocument } from '../../src/features/document'
import { FEATURE_GROUPS } from '../../src/features/registry'
import { packageRoot } from '../../src/package-root'

it('docs/features.md says what the groups say: else run `npx tsx scripts/document-features.ts`', () => {
  expect(readFileSync(join(packageRoot, 'docs/features.md'), 'utf8')).toBe(featuresDocument(FEATURE_GROUPS))
})

it('a bar in a definition does not break its table', () => {
  const { account } = FEATURE_GROUPS
  const odd = { ...account, schema: [{ name: 'x', unit: '1', description: '|a| > 0', missing: 'NaN' }] }
  expect(featuresDocument({ odd })).toContain('| x | 1 | \\|a\\| > 0 | NaN |')
})
