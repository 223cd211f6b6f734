/** Every protocol we decode. A new one is one folder and one line here. */
import type { ChainSpec, Hex } from '../chains/types'
import { aaveV2 } from './aave-v2/protocol'
import { aaveV3 } from './aave-v3/protocol'
import { admin } from './admin/protocol'
import { balancerV2 } from './balancer-v2/protocol'
import { bridgeArbitrum } from './bridge-arbitrum/protocol'
import { bridgeOpStack } from './bridge-op-stack/protocol'
import { bridgePolygonChild } from './bridge-polygon-pos/child-token'
import { bridgePolygonPos } from './bridge-polygon-pos/protocol'
import { chainlink } from './chainlink/protocol'
import { compoundV2 } from './compound-v2/protocol'
import { compoundV3 } from './compound-v3/protocol'
import { erc20 } from './erc20/protocol'
import { maker } from './maker/protocol'
import { morphoBlue } from './morpho-blue/protocol'
import { permit2 } from './permit2/protocol'
import { pyth } from './pyth/protocol'
import type { Protocol } from './types'
import { uniswapV2 } from './uniswap-v2/protocol'
import { uniswapV3 } from './uniswap-v3/protocol'
import { wrappedNative } from './wrapped-native/protocol'

export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'aave-v2': aaveV2,
  'aave-v3': aaveV3,
  admin,
  'balancer-v2': balancerV2,
  'bridge-arbitrum': bridgeArbitrum,
  'bridge-op-stack': bridgeOpStack,
  'bridge-polygon-child': bridgePolygonChild,
  'bridge-polygon-pos': bridgePolygonPos,
  chainlink,
  'compound-v2': compoundV2,
  'compound-v3': compoundV3,
  erc20,
  maker,
  'morpho-blue': morphoBlue,
  permit2,
  pyth,
  'uniswap-v2': uniswapV2,
  'uniswap-v3': uniswapV3,
  'wrapped-native': wrappedNative,
}

/** The protocols that are indexed on a chain, in the order of their names. */
export function protocolsOf({ protocols }: Pick<ChainSpec, 'protocols'>): Protocol[] {
  return Object.values(PROTOCOLS).filter(({ name }) => protocols === undefined || protocols.includes(name))
}

/** topic0 → the protocols that claim it. At most one of them yields facts of a table for a given log. */
export const PROTOCOLS_BY_TOPIC: ReadonlyMap<Hex, readonly Protocol[]> = byTopic(Object.values(PROTOCOLS))

function byTopic(protocols: readonly Protocol[]): Map<Hex, Protocol[]> {
  const index = new Map<Hex, Protocol[]>()
  for (const protocol of protocols) {
    for (const topic of protocol.topics) index.set(topic, [...(index.get(topic) ?? []), protocol])
  }
  return index
}
