/**
 * Which transfers of each account count (its first `cap`, of any kind), and what needs all kinds together: contracts it
 * created, and the times its life spans. Both sides read the answer, so that they stop at the same transaction.
 */
import { CREATED, type TransferColumns } from './transfers'

/** Bits of a row's element: it counts for its sender, for its recipient. */
export const FOR_SENDER = 1
export const FOR_RECIPIENT = 2

export interface Places {
  /** An element a row. */
  counts: Uint8Array
  /** An element an account; times are seconds, meaningless for an account without a row. */
  createdCount: Int32Array
  firstSec: Uint32Array
  lastSec: Uint32Array
}

/** One pass. A transfer to oneself takes one place under the cap and counts on both sides. */
export function placesOf(columns: TransferColumns, accounts: number, cap: number): Places {
  const { from, to, timeSec, count: rows } = columns
  const counts = new Uint8Array(rows)
  const createdCount = new Int32Array(accounts)
  const [firstSec, lastSec] = [new Uint32Array(accounts), new Uint32Array(accounts)]
  const places = new Int32Array(accounts)
  // A constant of another module is looked up each time it is named.
  const created = CREATED
  for (let row = 0; row < rows; row++) {
    const sender = from[row]!
    const recipient = to[row]!
    let bits = 0
    const senderPlace = places[sender]!
    if (senderPlace < cap) {
      places[sender] = senderPlace + 1
      if (senderPlace === 0) firstSec[sender] = timeSec[row]!
      lastSec[sender] = timeSec[row]!
      if (recipient === created) createdCount[sender] = createdCount[sender]! + 1
      else bits = recipient === sender ? FOR_SENDER | FOR_RECIPIENT : FOR_SENDER
    }
    if (recipient !== created && recipient !== sender) {
      const recipientPlace = places[recipient]!
      if (recipientPlace < cap) {
        places[recipient] = recipientPlace + 1
        if (recipientPlace === 0) firstSec[recipient] = timeSec[row]!
        lastSec[recipient] = timeSec[row]!
        bits |= FOR_RECIPIENT
      }
    }
    counts[row] = bits
  }
  return { counts, createdCount, firstSec, lastSec }
}
