/** Entry of a scorer process for tests: the database's URL in PLIMSOLL_TEST_DATABASE. */
import { runScorer } from '../../src/scorer/main'
import { chain } from './ledger'

process.on('disconnect', () => process.exit(1))
runScorer({
  dbUrl: process.env.PLIMSOLL_TEST_DATABASE ?? '',
  chains: [chain],
  models: { providers: ['cpu'], threads: 1 },
}).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
