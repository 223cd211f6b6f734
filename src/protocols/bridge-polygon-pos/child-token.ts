/**
 * Polygon's proof-of-stake bridge on Polygon: its child tokens.
 *
 * A child token is minted by the bridge's deposits and burned by withdrawals, and by nothing else, so its Transfer from or
 * to the zero address is the bridge transfer. That holds only for tokens that the chain file names as children. The same log
 * is a token transfer too, which the ERC-20 decoder records.
 */
import type { Hex, TokenSpec } from '../../chains/types'
import { hasShape, topicAddress, topicOf, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, Protocol, RawLog } from '../types'

const TRANSFER = topicOf('Transfer(address,address,uint256)')
const ZERO: Hex = `0x${'0'.repeat(40)}`

/** Transfer(from indexed, to indexed, amount); any other form is the ERC-20 decoder's to refuse. */
function decode(log: RawLog, context: DecodeContext): Decoded {
  const remoteChainId = context.token(log.address)?.polygonPosRootChainId
  if (remoteChainId === undefined || !hasShape(log, 3, 1)) return NOTHING
  const [from, to] = [topicAddress(log, 1), topicAddress(log, 2)]
  if ((from === ZERO) === (to === ZERO)) return NOTHING
  const leaves = to === ZERO
  return {
    facts: [
      {
        table: 'bridge_transfer',
        subIndex: 0,
        verified: true,
        bridge: 'polygon-pos',
        direction: leaves ? 'out' : 'in',
        account: leaves ? from : to,
        asset: log.address,
        amount: wordUint(log, 0),
        remoteChainId: BigInt(remoteChainId),
      },
    ],
    events: [],
  }
}

const isChild = (token: TokenSpec): boolean => token.polygonPosRootChainId !== undefined

export const bridgePolygonChild: Protocol = {
  name: 'bridge-polygon-child',
  decoderVersion: 1,
  topics: [TRANSFER],
  anyEmitter: false,
  tokens: (chain) => chain.tokens.filter(isChild),
  decode,
}
