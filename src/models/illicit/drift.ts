/**
 * Another collector, made up: the same accounts with every native-coin column defined a little differently. Some count
 * internal transfers, contract creations or fees, divide by n − 1, cut time to days, skip zero values, cap counts, call
 * the balance what is left. Each `seed` is one such collector; its choices hold for all rows, its noise is per row.
 */
import { seededRandom } from '../../math/statistics'
import { deriveInputs } from '../derive'
import { names, WIDTH, withoutTokens } from './groups'
import { plainInputs } from './inputs'
import { illicitSpec } from './spec'

type Account = Record<string, number>
type Change = (account: Account, noise: () => number) => void

const DAY_MIN = 1440
const FEE_ETH = 0.0006

/** Definitions that another collector may have; each is taken with probability one half. */
const changes: readonly Change[] = [
  (a, noise) => {
    const inner = noise() < 0.15 * Math.sqrt(a.receivedCount! + 1) ? 1 : 0
    a.receivedCount! += inner
    a.totalReceivedEth! += inner * a.avgReceivedEth! * Math.exp(2 * noise() - 1)
    a.uniqueSendersCount! += inner
  },
  (a) => {
    a.sentCount! += a.createdCount!
  },
  (a) => {
    if (a.sentCount! > 1) a.avgSentGapMin! *= a.sentCount! / (a.sentCount! - 1)
    if (a.receivedCount! > 1) a.avgReceivedGapMin! *= a.receivedCount! / (a.receivedCount! - 1)
  },
  (a) => {
    a.spanMin = Math.floor(a.spanMin! / DAY_MIN) * DAY_MIN
  },
  (a, noise) => {
    a.spanMin! *= Math.exp(0.8 * noise() - 0.4)
  },
  (a, noise) => {
    if (a.minReceivedEth === 0) a.minReceivedEth = a.avgReceivedEth! * noise() ** 3
    if (a.minSentEth === 0) a.minSentEth = a.avgSentEth! * noise() ** 3
  },
  (a, noise) => {
    a.totalSentEth! += a.sentCount! * FEE_ETH * Math.exp(2 * noise() - 1)
  },
  (a, noise) => {
    a.uniqueSendersCount = Math.round(a.uniqueSendersCount! * (0.85 + 0.25 * noise()))
    a.uniqueRecipientsCount = Math.round(a.uniqueRecipientsCount! * (0.85 + 0.25 * noise()))
  },
  (a) => {
    a.sentCount = Math.min(a.sentCount!, 1000)
    a.receivedCount = Math.min(a.receivedCount!, 1000)
  },
  (a) => {
    if (a.receivedCount! > 0) a.avgReceivedEth = a.totalReceivedEth! / a.receivedCount!
    if (a.sentCount! > 0) a.avgSentEth = a.totalSentEth! / a.sentCount!
  },
]

/** Rows (row-major float32, spec order) as collector `seed` would have written them, without token columns. */
export function redefine(rows: Float32Array, seed: number): Float32Array {
  const random = seededRandom(seed)
  const taken = changes.filter(() => random() < 0.5)
  const withCreated = random() < 0.5
  const result = withoutTokens(rows)
  for (let start = 0; start < rows.length; start += WIDTH) {
    const account: Account = {}
    for (const { name } of plainInputs) account[name] = rows[start + names.indexOf(name)]!
    for (const change of taken) change(account, random)
    account.transactionCount =
      account.sentCount! + account.receivedCount! + (withCreated ? account.createdCount! : 0)
    const row = names.map((name) => (name === 'netEth' ? Number.NaN : (account[name] ?? Number.NaN)))
    deriveInputs(illicitSpec, row)
    result.set(row, start)
  }
  return result
}
