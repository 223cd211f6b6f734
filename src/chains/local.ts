/**
 * The two chains of the local world. Both carry the same contracts at the same addresses; demo/deploy.ts creates them
 * and everything since block 0 is indexed, so that nothing on them is incomplete.
 */
import { LOCAL_CHAIN_IDS, LOCAL_WORLD } from './local-world'
import type { ChainSpec, Hex, WatchedContract } from './types'

/** Names as the token contracts themselves answer. */
const TOKEN_NAMES: Readonly<Record<string, string>> = {
  WETH: 'Wrapped Ether',
  WBTC: 'Wrapped BTC',
  USDC: 'USD Coin',
  DAI: 'Dai Stablecoin',
}

const { aave, uniswapV2, assets } = LOCAL_WORLD

const pool = {
  address: aave.pool,
  protocol: 'aave-v3',
  role: 'pool',
  label: 'Aave V3 pool',
  deployedAtBlock: 0,
  revision: 1,
} satisfies WatchedContract

/** A chain of the local world: harbor (which also carries the RiskOracle) or lagoon. */
export function localChain(name: keyof typeof LOCAL_CHAIN_IDS, title: string): ChainSpec {
  return {
    id: LOCAL_CHAIN_IDS[name],
    name,
    title,
    kind: 'local',
    finalityDepthBlocks: 12,
    blockTimeSec: 1,
    startBlock: 0,
    transactions: 'all',
    blocks: 'all',
    tokenLogs: 'all',
    scoreEveryBlocks: 4,
    tokens: assets.map(({ symbol, decimals, token }) => ({
      address: token,
      symbol,
      name: TOKEN_NAMES[symbol] ?? symbol,
      decimals,
    })),
    feeds: assets.map(({ symbol, token, feed }) => ({
      address: feed,
      asset: token,
      decimals: 8,
      description: `${symbol} / USD`,
    })),
    contracts: [
      pool,
      watched(aave.poolConfigurator, 'aave-v3', 'poolConfigurator', 'Aave V3 configurator'),
      watched(aave.oracle, 'aave-v3', 'oracle', 'Aave V3 oracle'),
      watched(aave.poolAddressesProvider, 'aave-v3', 'addressesProvider', 'Aave V3 addresses provider'),
      watched(aave.aclManager, 'aave-v3', 'aclManager', 'Aave V3 access control'),
      watched(uniswapV2.factory, 'uniswap-v2', 'factory', 'Uniswap V2 factory'),
      watched(uniswapV2.router, 'uniswap-v2', 'router', 'Uniswap V2 router'),
    ],
  }
}

function watched(address: Hex, protocol: string, role: string, label: string): WatchedContract {
  const links = protocol === 'aave-v3' ? { pool: aave.pool } : undefined
  return { address, protocol, role, label, deployedAtBlock: 0, ...(links && { links }) }
}
