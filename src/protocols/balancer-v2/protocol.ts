/** Balancer V2's vault: flash loans, `FlashLoan(recipient indexed, token indexed, amount, feeAmount)`. */
import { expectShape, hasShape, topicAddress, topicOf, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Protocol, RawLog } from '../types'

const FLASH_LOAN = topicOf('FlashLoan(address,address,uint256,uint256)')

/** The event names only the recipient, who asked for the loan. With the token not indexed it is Maker's event. */
function decode(log: RawLog, context: DecodeContext): Decoded {
  if (hasShape(log, 2, 3)) return NOTHING
  expectShape(log, 'FlashLoan', 3, 2)
  const receiver = topicAddress(log, 1)
  return {
    facts: [
      {
        table: 'flash_loan',
        subIndex: 0,
        verified: listedAs(log, context, 'balancer-v2', 'vault') !== undefined,
        protocol: 'balancer-v2',
        initiator: receiver,
        receiver,
        asset: topicAddress(log, 2),
        amount: wordUint(log, 0),
        premium: wordUint(log, 1),
      },
    ],
    events: [],
  }
}

export const balancerV2: Protocol = {
  name: 'balancer-v2',
  decoderVersion: 1,
  topics: [FLASH_LOAN],
  anyEmitter: true,
  decode,
}
