/** Morpho Blue: isolated lending markets, each known by the hash of its parameters. See state.ts for their rows. */
import type { Protocol } from '../types'
import { CONTRACT, MARKET } from './abi'
import { applyMorpho, touchedByMorpho } from './apply'
import { decodeMorpho, MORPHO_TOPICS } from './decode'
import { morphoPriceCalls } from './prices'
import { morphoRisk } from './risk'

export const morphoBlue: Protocol = {
  name: 'morpho-blue',
  decoderVersion: 1,
  topics: MORPHO_TOPICS,
  anyEmitter: true,
  decode: decodeMorpho,
  touches: touchedByMorpho,
  apply: applyMorpho,
  discoveryTopics: [MARKET.CreateMarket, CONTRACT.SetFeeRecipient],
  risk: morphoRisk,
  priceCalls: morphoPriceCalls,
}
