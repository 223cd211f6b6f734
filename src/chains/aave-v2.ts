/** The contracts of one Aave V2 deployment, as a chain file lists them. Addresses: Aave's published address book. */
import type { Hex, WatchedContract } from './types'

export interface AaveV2Deployment {
  pool: Hex
  poolConfigurator: Hex
  oracle: Hex
  addressesProvider: Hex
  /** Of the first of them; an earlier block is safe, a later one is not. */
  deployedAtBlock: number
}

/**
 * One entry a contract, linked to their pool. No revision: the pools were upgraded since, to code that was not compared,
 * so their positions stay incomplete.
 */
export function aaveV2Contracts(deployment: AaveV2Deployment): WatchedContract[] {
  const { pool, deployedAtBlock } = deployment
  const common = { protocol: 'aave-v2', deployedAtBlock }
  const links = { pool }
  return [
    { ...common, address: pool, role: 'pool', label: 'Aave V2 lending pool' },
    {
      ...common,
      links,
      address: deployment.poolConfigurator,
      role: 'poolConfigurator',
      label: 'Aave V2 configurator',
    },
    { ...common, links, address: deployment.oracle, role: 'oracle', label: 'Aave V2 oracle' },
    {
      ...common,
      links,
      address: deployment.addressesProvider,
      role: 'addressesProvider',
      label: 'Aave V2 addresses provider',
    },
  ]
}
