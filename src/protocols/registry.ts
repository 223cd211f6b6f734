/** Every protocol we decode. A new one is one folder and one line here. */
import type { Hex } from '../chains/types'
import { aaveV3 } from './aave-v3/protocol'
import type { Protocol } from './types'

export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'aave-v3': aaveV3,
}

/** topic0 → the protocols that claim it. At most one of them yields facts for a given log. */
export const PROTOCOLS_BY_TOPIC: ReadonlyMap<Hex, readonly Protocol[]> = byTopic(Object.values(PROTOCOLS))

function byTopic(protocols: readonly Protocol[]): Map<Hex, Protocol[]> {
  const index = new Map<Hex, Protocol[]>()
  for (const protocol of protocols) {
    for (const topic of protocol.topics) index.set(topic, [...(index.get(topic) ?? []), protocol])
  }
  return index
}
