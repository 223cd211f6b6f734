/** A made chain's native-coin transfers: some accounts busy, most quiet, habits, creations, transfers to oneself. */
import { CREATED, type TransferColumns, transferColumns } from '../../src/features/columnar/transfers'
import { seededRandom } from '../../src/math/statistics'

/** Steepness of activity: the busiest of a million accounts is in some 4,000 of 20 million transfers, below the cap. */
const SKEW = 1.5
const CREATION_SHARE = 0.02
const SELF_SHARE = 0.01
const HABIT_SHARE = 0.4
const HABITS = 3
const WORD = 2 ** 32
const GENESIS_SEC = 1_600_000_000

/** Values from 1e4 to 1e22 wei, evenly in their logarithm, so that most do not fit a double. */
export function makeTransfers(options: {
  accounts: number
  transfers: number
  seed: number
}): TransferColumns {
  const { accounts, transfers, seed } = options
  const random = seededRandom(seed)
  const columns = transferColumns(transfers)
  const pick = () => scatter(Math.floor(accounts * random() ** SKEW), accounts)
  for (let row = 0; row < transfers; row++) {
    const from = pick()
    const kind = random()
    columns.from[row] = from
    if (kind < CREATION_SHARE) columns.to[row] = CREATED
    else if (kind < CREATION_SHARE + SELF_SHARE) columns.to[row] = from
    else if (kind < CREATION_SHARE + SELF_SHARE + HABIT_SHARE)
      columns.to[row] = (from + 1 + 7919 * Math.floor(random() * HABITS)) % accounts
    else columns.to[row] = pick()
    const value = 10 ** (4 + 18 * random())
    columns.word2[row] = Math.floor(value / WORD / WORD)
    columns.word1[row] = Math.floor(value / WORD) % WORD
    columns.word0[row] = Math.floor(random() * WORD)
    columns.timeSec[row] = GENESIS_SEC + Math.floor(row / 10)
  }
  return columns
}

/** Spreads the busy accounts over all codes. 1,000,003 is prime, so no two meet while there are fewer accounts than it. */
function scatter(account: number, accounts: number): number {
  return (account * 1_000_003) % accounts
}
