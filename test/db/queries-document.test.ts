/** docs/queries.md is written by scripts/explain.ts; a query that was added since is missing from it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/package-root'

const document = readFileSync(join(packageRoot, 'docs/queries.md'), 'utf8')
const queries = readdirSync(join(packageRoot, 'db/queries')).map((file) => file.replace(/\.sql$/, ''))

it('every named query has its row and its plan in docs/queries.md: else run `npx tsx scripts/explain.ts`', () => {
  expect(queries.length).toBeGreaterThan(50)
  const missing = queries.filter(
    (name) => !document.includes(`| [${name}](#${name}) |`) || !document.includes(`\n### ${name}\n`),
  )
  expect(missing).toEqual([])
})

it('docs/queries.md has no plan of a query that is gone', () => {
  const planned = [...document.matchAll(/^### (.+)$/gm)].map(([, name]) => name!)
  expect(planned.filter((name) => !queries.includes(name))).toEqual([])
})
