/** Uniswap V3: swaps and flash loans as facts; price, ticks and depth of pools that a listed factory announced. */
import type { Protocol } from '../types'
import { applyUniswapV3, touchedByUniswapV3 } from './apply'
import { decodeUniswapV3, POOL_CREATED, UNISWAP_V3_TOPICS, uniswapV3Emitters } from './decode'
import { uniswapV3Amm } from './depth'

export const uniswapV3: Protocol = {
  name: 'uniswap-v3',
  decoderVersion: 2,
  topics: UNISWAP_V3_TOPICS,
  discoveryTopics: [POOL_CREATED],
  anyEmitter: true,
  decode: decodeUniswapV3,
  touches: touchedByUniswapV3,
  apply: applyUniswapV3,
  emitters: uniswapV3Emitters,
  amm: uniswapV3Amm,
}
