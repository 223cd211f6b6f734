/**
 * Maker's flash mint, `FlashLoan(receiver indexed, token, amount, fee)`: the signature of Balancer's event with the
 * token not indexed. The receiver asked for the loan itself or through a contract that the event does not name.
 */
import { hasShape, topicAddress, topicOf, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'

export const FLASH_LOAN = topicOf('FlashLoan(address,address,uint256,uint256)')

/** Every other form is Balancer's to read or to refuse. */
export function flashMint(log: RawLog, context: DecodeContext): Decoded {
  if (!hasShape(log, 2, 3)) return NOTHING
  const receiver = topicAddress(log, 1)
  return {
    facts: [
      {
        table: 'flash_loan',
        subIndex: 0,
        verified: listedAs(log, context, 'maker', 'flash') !== undefined,
        protocol: 'maker',
        initiator: receiver,
        receiver,
        asset: wordAddress(log, 0),
        amount: wordUint(log, 1),
        premium: wordUint(log, 2),
      },
    ],
    events: [],
  }
}
