/** Aave V3: markets, positions and their health from events alone. See rules.ts for the revisions it knows. */
import type { MarketState, Protocol } from '../types'
import { CONFIGURATOR } from './abi'
import { applyAaveV3, touchedByAaveV3 } from './apply'
import { AAVE_V3_TOPICS, decodeAaveV3 } from './decode'
import { emittersOf } from './decode-config'
import { aaveV3Risk } from './risk'

export const aaveV3: Protocol = {
  name: 'aave-v3',
  decoderVersion: 1,
  topics: AAVE_V3_TOPICS,
  discoveryTopics: [CONFIGURATOR.ReserveInitialized],
  anyEmitter: true,
  decode: decodeAaveV3,
  touches: touchedByAaveV3,
  apply: applyAaveV3,
  emitters: (market: MarketState) => emittersOf(market.state),
  risk: aaveV3Risk,
}
