/**
 * The two chains of the local world. Both carry the same contracts at the same addresses; demo/deploy.ts creates them
 * and everything since block 0 is indexed, so that nothing on them is incomplete.
 */
import { aaveV3Contracts } from './aave-v3'
import { custodied, dollars, wrapped } from './backing'
import { LOCAL_CHAIN_IDS, LOCAL_WORLD } from './local-world'
import type { Backing, ChainSpec, Hex, WatchedContract } from './types'
import { wrappedNativeContract } from './wrapped-native'

/** Names as the token contracts themselves answer. */
const TOKEN_NAMES: Readonly<Record<string, string>> = {
  WETH: 'Wrapped Ether',
  WBTC: 'Wrapped BTC',
  USDC: 'USD Coin',
  DAI: 'Dai Stablecoin',
}

/** What the tokens of the same names are elsewhere. */
const BACKING: Readonly<Record<string, Backing>> = {
  WETH: wrapped('ETH'),
  WBTC: custodied('local custodian', 'native:BTC'),
  USDC: dollars('local issuer'),
  DAI: dollars('local issuer'),
}

const { aave, uniswapV2, assets } = LOCAL_WORLD

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
      ...(BACKING[symbol] && { backing: BACKING[symbol] }),
    })),
    feeds: assets.map(({ symbol, token, feed }) => ({
      address: feed,
      asset: token,
      decimals: 8,
      description: `${symbol} / USD`,
    })),
    contracts: [
      ...aaveV3Contracts({
        pool: aave.pool,
        poolConfigurator: aave.poolConfigurator,
        oracle: aave.oracle,
        addressesProvider: aave.poolAddressesProvider,
        aclManager: aave.aclManager,
        deployedAtBlock: 0,
        revision: 1,
      }),
      ...assets.filter(({ symbol }) => symbol === 'WETH').map(({ token }) => wrappedNativeContract(token)),
      uniswap(uniswapV2.factory, 'factory'),
      uniswap(uniswapV2.router, 'router'),
    ],
  }
}

function uniswap(address: Hex, role: string): WatchedContract {
  return { address, protocol: 'uniswap-v2', role, label: `Uniswap V2 ${role}`, deployedAtBlock: 0 }
}
