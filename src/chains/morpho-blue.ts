/** Morpho Blue's contracts of one chain. Addresses and blocks: Morpho's published SDK. */
import type { Hex, WatchedContract } from './types'

export function morphoBlueContracts(deployment: {
  morpho: Hex
  adaptiveCurveIrm: Hex
  deployedAtBlock: number
}): WatchedContract[] {
  const { morpho, adaptiveCurveIrm, deployedAtBlock } = deployment
  const common = { protocol: 'morpho-blue', deployedAtBlock }
  return [
    { ...common, address: morpho, role: 'morpho', label: 'Morpho Blue' },
    {
      ...common,
      address: adaptiveCurveIrm,
      role: 'adaptiveCurveIrm',
      label: 'Morpho adaptive-curve rate model',
      links: { morpho },
    },
  ]
}
