/** Arbitrum One. Final once its batch is final on Ethereum: about twenty minutes, 5,000 blocks. */

import { aaveV3Contracts } from './aave-v3'
import { bridged, dollars, ETHEREUM_TOKENS } from './backing'
import { ARBITRUM_BRIDGES } from './bridges'
import { morphoBlueContracts } from './morpho-blue'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'

export const arbitrum: ChainSpec = {
  id: 42161,
  name: 'arbitrum',
  title: 'Arbitrum One',
  kind: 'public',
  finalityDepthBlocks: 5000,
  blockTimeSec: 0.25,
  startBlock: 7742000,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'all',
  scoreEveryBlocks: 240,
  tokens: [
    {
      address: '0x82af49447d8a07e3bd95bd0d56f35241523fbab1',
      symbol: 'WETH',
      name: 'Wrapped Ether',
      decimals: 18,
      backing: bridged('bridge-arbitrum', ETHEREUM_TOKENS.ETH),
    },
    {
      address: '0xaf88d065e77c8cc2239327c5edb3a432268e5831',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: dollars('Circle'),
    },
    {
      address: '0xff970a61a04b1ca14834a43f5de4533ebddb5cc8',
      symbol: 'USDC.e',
      name: 'USD Coin (Arb1)',
      decimals: 6,
      backing: bridged('bridge-arbitrum', ETHEREUM_TOKENS.USDC),
    },
    {
      address: '0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 6,
      backing: bridged('USDT0', ETHEREUM_TOKENS.USDT),
    },
    {
      address: '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1',
      symbol: 'DAI',
      name: 'Dai Stablecoin',
      decimals: 18,
      backing: bridged('bridge-arbitrum', ETHEREUM_TOKENS.DAI),
    },
    {
      address: '0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f',
      symbol: 'WBTC',
      name: 'Wrapped BTC',
      decimals: 8,
      backing: bridged('bridge-arbitrum', ETHEREUM_TOKENS.WBTC),
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'ETH / USD': '0x82af49447d8a07e3bd95bd0d56f35241523fbab1',
    'BTC / USD': '0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f',
    'USDC / USD': '0xaf88d065e77c8cc2239327c5edb3a432268e5831',
    'USDT / USD': '0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9',
  }),
  contracts: [
    ...aaveV3Contracts({
      pool: '0x794a61358d6845594f94dc1db02a252b5b4814ad',
      poolConfigurator: '0x8145edddf43f50276641b55bd3ad95944510021e',
      oracle: '0xb56c2f0b653b2e0b10c9b928c8580ac5df02c7c7',
      addressesProvider: '0xa97684ead0e402dc232d5a977953df7ecbab3cdb',
      aclManager: '0xa72636cbcaa8f5ff95b2cc47f3cdee83f3294a0b',
      deployedAtBlock: 7742000,
    }),
    {
      address: '0xf1d7cc64fb4452f05c498126312ebe29f30fbcf9',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'Uniswap V2 factory',
      deployedAtBlock: 0,
    },
    {
      address: '0x1f98431c8ad98523631ae4a59f267346ea31f984',
      protocol: 'uniswap-v3',
      role: 'factory',
      label: 'Uniswap V3 factory',
      deployedAtBlock: 165,
    },
    {
      address: '0xc35dadb65012ec5796536bd9864ed8773abc74c4',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'SushiSwap factory',
      deployedAtBlock: 0,
    },
    {
      address: '0xba12222222228d8ba445958a75a0704d566bf2c8',
      protocol: 'balancer-v2',
      role: 'vault',
      label: 'Balancer V2 vault',
      deployedAtBlock: 0,
    },
    {
      address: '0xb21b06d71c75973babde35b49ffdac3f82ad3775',
      protocol: 'compound-v3',
      role: 'configurator',
      label: 'Compound III configurator',
      deployedAtBlock: 0,
    },
    {
      address: '0x9c4ec768c28520b50860ea7a15bd7213a9ff58bf',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III USDC',
      deployedAtBlock: 0,
      links: {
        base: '0xaf88d065e77c8cc2239327c5edb3a432268e5831',
        configurator: '0xb21b06d71c75973babde35b49ffdac3f82ad3775',
      },
    },
    ...morphoBlueContracts({
      morpho: '0x6c247b1f6182318877311737bac0844baa518f5e',
      adaptiveCurveIrm: '0x66f30587fb8d4206918deb78eca7d5ebbafd06da',
      deployedAtBlock: 296446593,
    }),
    permit2Contract(38692735),
    pythContract('0xff1a0f4744e8582df1ae09d5611b887b6a12925c'),
    ...ARBITRUM_BRIDGES,
  ],
}
