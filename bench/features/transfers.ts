/**
 * A made chain's native-coin transfers: some accounts busy, most quiet, habits, creations, transfers to
 * oneself. The busiest of a million accounts is in some 4,000 of 20 million transfers, below the cap of the `account` group.
 */
import { CREATED, type TransferColumns, transferColumns } from '../../src/features/columnar/transfers'
import { seededRandom } from '../../src/math/statistics'

const CREATION_SHARE = 0.02
const SELF_SHARE = 0.01
const HABIT_SHARE = 0.4
const HABITS = 3
const WORD = 2 ** 32
const LEAST_BITS = 14
const BITS = 60
const POWERS = Array.from({ length: 65 }, (_, power) => 2 ** power)
const GENESIS_SEC = 1_600_000_000

/** Values of 14 to 73 bits, every length as often, so that most do not fit a double. */
export function makeTransfers(options: {
  accounts: number
  transfers: number
  seed: number
}): TransferColumns {
  const { accounts, transfers, seed } = options
  const random = seededRandom(seed)
  const columns = transferColumns(transfers)
  const pick = () => {
    const share = random()
    // The power 1.5, without the library's slow way to powers.
    return scatter(Math.floor(accounts * share * Math.sqrt(share)), accounts)
  }
  for (let row = 0; row < transfers; row++) {
    const from = pick()
    const kind = random()
    columns.from[row] = from
    if (kind < CREATION_SHARE) columns.to[row] = CREATED
    else if (kind < CREATION_SHARE + SELF_SHARE) columns.to[row] = from
    else if (kind < CREATION_SHARE + SELF_SHARE + HABIT_SHARE)
      columns.to[row] = (from + 1 + 7919 * Math.floor(random() * HABITS)) % accounts
    else columns.to[row] = pick()
    const bits = LEAST_BITS + Math.floor(random() * BITS)
    columns.word0[row] = random() * (bits < 32 ? POWERS[bits]! : WORD)
    columns.word1[row] = random() * (bits < 64 ? POWERS[Math.max(0, bits - 32)]! : WORD)
    columns.word2[row] = random() * POWERS[Math.max(0, bits - 64)]!
    columns.timeSec[row] = GENESIS_SEC + Math.floor(row / 10)
  }
  return columns
}

/** Spreads the busy accounts over all codes. 1,000,003 is prime, so no two meet while there are fewer accounts than it. */
function scatter(account: number, accounts: number): number {
  return (account * 1_000_003) % accounts
}
