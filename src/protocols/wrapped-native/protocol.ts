/**
 * Wrapped native coins of WETH9's kind: a deposit mints and a withdrawal burns without a Transfer. Both are recorded as
 * transfers from and to the zero address, so that the balances of such a token add up.
 *
 * Any contract may call an event Deposit; only what the chain file lists is read.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Protocol, RawLog } from '../types'

const DEPOSIT = topicOf('Deposit(address,uint256)')
const WITHDRAWAL = topicOf('Withdrawal(address,uint256)')
const ZERO: Hex = `0x${'0'.repeat(40)}`

/** Deposit(to indexed, amount), Withdrawal(from indexed, amount) */
function decode(log: RawLog, context: DecodeContext): Decoded {
  if (listedAs(log, context, 'wrapped-native', 'token') === undefined) return NOTHING
  const wraps = log.topics[0] === DEPOSIT
  expectShape(log, wraps ? 'Deposit' : 'Withdrawal', 2, 1)
  const account = topicAddress(log, 1)
  const parties = wraps ? { from: ZERO, to: account } : { from: account, to: ZERO }
  const what = { asset: log.address, amount: wordUint(log, 0), tokenId: null, standard: 'erc20' } as const
  return {
    facts: [{ table: 'token_transfer', subIndex: 0, verified: true, ...parties, ...what }],
    events: [],
  }
}

export const wrappedNative: Protocol = {
  name: 'wrapped-native',
  decoderVersion: 1,
  topics: [DEPOSIT, WITHDRAWAL],
  anyEmitter: false,
  decode,
}
