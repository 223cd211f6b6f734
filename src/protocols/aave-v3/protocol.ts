/** Aave V3: markets, positions and their health from events alone. See rules.ts for the revisions it knows. */
import type { MarketState, Protocol } from '../types'
import { CONFIGURATOR } from './abi'
import { applyAave, touchedByAave } from './apply'
import { AAVE_V3_TOPICS, decodeAaveV3 } from './decode'
import { emittersOf } from './decode-config'
import { oracleCalls } from './oracle-calls'
import { aaveV3Risk } from './risk'

export const aaveV3: Protocol = {
  name: 'aave-v3',
  decoderVersion: 2,
  topics: AAVE_V3_TOPICS,
  discoveryTopics: [CONFIGURATOR.ReserveInitialized],
  anyEmitter: true,
  decode: decodeAaveV3,
  touches: touchedByAave,
  apply: applyAave,
  emitters: (market: MarketState) => emittersOf(market.state),
  receipt: (market: MarketState) => emittersOf(market.state).find(({ role }) => role === 'aToken')?.address,
  risk: aaveV3Risk,
  priceCalls: oracleCalls,
}
