/** Compound V2: markets, positions and account liquidity from events, prices by calls to the comptroller's oracle. */
import type { Hex } from '../../chains/types'
import type { MarketState, Protocol } from '../types'
import { COMPTROLLER, CTOKEN } from './abi'
import { applyCompoundV2, touchedByCompoundV2 } from './apply'
import { COMPOUND_V2_TOPICS, decodeCompoundV2 } from './decode'
import { compoundV2PriceCalls } from './prices'
import { compoundV2Risk } from './risk'

export const compoundV2: Protocol = {
  name: 'compound-v2',
  decoderVersion: 2,
  topics: COMPOUND_V2_TOPICS,
  listedTopics: [CTOKEN.Transfer],
  discoveryTopics: [COMPTROLLER.MarketListed],
  anyEmitter: true,
  decode: decodeCompoundV2,
  touches: touchedByCompoundV2,
  apply: applyCompoundV2,
  emitters: ({ state }: MarketState) =>
    typeof state.cToken === 'string' ? [{ address: state.cToken as Hex, role: 'cToken' }] : [],
  receipt: ({ state }: MarketState) => (state.cToken ?? undefined) as Hex | undefined,
  risk: compoundV2Risk,
  priceCalls: compoundV2PriceCalls,
}
