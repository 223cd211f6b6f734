/** A process that begins a run and never ends it: the database's URL and the run as JSON in PLIMSOLL_TEST_RUN. */

import { openStore } from '../../../src/api/stress/store'
import { openPool } from '../../../src/db/pool'

async function main(): Promise<void> {
  const { url, run } = JSON.parse(process.env.PLIMSOLL_TEST_RUN ?? '{}')
  const store = openStore(openPool(url, { application: 'test' }), { databaseUrl: url, maxRuns: 1 })
  const { status } = await store.begin(run)
  process.send?.(status)
  setInterval(() => undefined, 1_000)
}

process.on('disconnect', () => process.exit(1))
void main()
