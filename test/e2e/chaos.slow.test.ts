/** A few rounds of the chaos bench: kill -9, a dead endpoint, PostgreSQL restarted or crashed, and forks, together. */
import { expect, it } from 'vitest'
import { KINDS, runChaos } from '../../bench/chaos-run'

it('loses no row and doubles none', async () => {
  const result = await runChaos({ rounds: 6, seed: 7 })
  expect(result).toMatchObject({ rounds: 6, lost: 0, doubled: 0 })
  expect(result.comparisons).toBeGreaterThan(0)
  expect(result.restarts).toBeGreaterThan(0)
  for (const kind of KINDS) expect(result.seen[kind], kind).toBeGreaterThan(0)
})
