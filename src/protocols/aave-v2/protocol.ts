/** Aave V2: markets, positions and their health from events alone, by the fold and the arithmetic that V3 shares. */
import { CONFIGURATOR } from '../aave-v3/abi'
import { applyAave, touchedByAave } from '../aave-v3/apply'
import { emittersOf } from '../aave-v3/decode-config'
import { oracleCalls } from '../aave-v3/oracle-calls'
import { aaveRisk } from '../aave-v3/risk'
import type { LendingRisk } from '../lending-risk'
import type { MarketState, Protocol } from '../types'
import { AAVE_V2_TOPICS, decodeAaveV2 } from './decode'

export const aaveV2Risk: LendingRisk = aaveRisk('aave-v2')

export const aaveV2: Protocol = {
  name: 'aave-v2',
  decoderVersion: 2,
  topics: AAVE_V2_TOPICS,
  discoveryTopics: [CONFIGURATOR.ReserveInitialized],
  anyEmitter: true,
  decode: decodeAaveV2,
  touches: touchedByAave,
  apply: applyAave,
  emitters: (market: MarketState) => emittersOf(market.state),
  receipt: (market: MarketState) => emittersOf(market.state).find(({ role }) => role === 'aToken')?.address,
  risk: aaveV2Risk,
  priceCalls: oracleCalls,
}
