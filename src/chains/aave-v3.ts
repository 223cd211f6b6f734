/** The contracts of one Aave V3 deployment, as a chain file lists them. Addresses: Aave's published address book. */
import type { Hex, WatchedContract } from './types'

export interface AaveV3Deployment {
  pool: Hex
  poolConfigurator: Hex
  oracle: Hex
  addressesProvider: Hex
  aclManager: Hex
  /** Of the first of them; an earlier block is safe, a later one is not. */
  deployedAtBlock: number
  /** POOL_REVISION where it never changed since deployment; without it positions stay incomplete. */
  revision?: number
}

/** One entry a contract; configurator, oracle and access control are linked to their pool. */
export function aaveV3Contracts(deployment: AaveV3Deployment): WatchedContract[] {
  const { pool, deployedAtBlock, revision } = deployment
  const common = { protocol: 'aave-v3', deployedAtBlock }
  const links = { pool }
  return [
    { ...common, address: pool, role: 'pool', label: 'Aave V3 pool', ...(revision && { revision }) },
    {
      ...common,
      links,
      address: deployment.poolConfigurator,
      role: 'poolConfigurator',
      label: 'Aave V3 configurator',
    },
    { ...common, links, address: deployment.oracle, role: 'oracle', label: 'Aave V3 oracle' },
    {
      ...common,
      links,
      address: deployment.addressesProvider,
      role: 'addressesProvider',
      label: 'Aave V3 addresses provider',
    },
    { ...common, links, address: deployment.aclManager, role: 'aclManager', label: 'Aave V3 access control' },
  ]
}
