/** Compound III: collateral, signed base balances and health from events of comets and their configurator. */
import type { MarketState, Protocol } from '../types'
import { COMET } from './abi'
import { applyCompoundV3, touchedByCompoundV3 } from './apply'
import { COMPOUND_V3_TOPICS, decodeCompoundV3 } from './decode'
import { compoundV3PriceCalls } from './prices'
import { compoundV3Risk } from './risk'

export const compoundV3: Protocol = {
  name: 'compound-v3',
  decoderVersion: 2,
  topics: COMPOUND_V3_TOPICS,
  listedTopics: [COMET.Transfer, COMET.Upgraded],
  anyEmitter: true,
  decode: decodeCompoundV3,
  touches: touchedByCompoundV3,
  apply: applyCompoundV3,
  receipt: ({ pool, state }: MarketState) => (state.role === 'base' ? pool : undefined),
  risk: compoundV3Risk,
  priceCalls: compoundV3PriceCalls,
}
