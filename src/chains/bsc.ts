/** BNB Smart Chain. Fast finality takes a few blocks; without it fifteen blocks of honest validators. */

import { aaveV3Contracts } from './aave-v3'
import { custodied, ETHEREUM_TOKENS, wrapped } from './backing'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const bsc: ChainSpec = {
  id: 56,
  name: 'bsc',
  title: 'BNB Smart Chain',
  kind: 'public',
  finalityDepthBlocks: 15,
  blockTimeSec: 0.75,
  startBlock: 33571000,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'listed',
  scoreEveryBlocks: 80,
  tokens: [
    {
      address: '0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c',
      symbol: 'WBNB',
      name: 'Wrapped BNB',
      decimals: 18,
      backing: wrapped('BNB'),
    },
    {
      address: '0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 18,
      backing: custodied('Binance', ETHEREUM_TOKENS.USDC),
    },
    {
      address: '0x55d398326f99059ff775485246999027b3197955',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 18,
      backing: custodied('Binance', ETHEREUM_TOKENS.USDT),
    },
    {
      address: '0x2170ed0880ac9a755fd29b2688956bd959f933f8',
      symbol: 'ETH',
      name: 'Ethereum Token',
      decimals: 18,
      backing: custodied('Binance', ETHEREUM_TOKENS.ETH),
    },
    {
      address: '0x7130d2a12b9bcbfae4f2634d864a1ee1ce3ead9c',
      symbol: 'BTCB',
      name: 'BTCB Token',
      decimals: 18,
      backing: custodied('Binance', 'native:BTC'),
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'ETH / USD': '0x2170ed0880ac9a755fd29b2688956bd959f933f8',
    'BTC / USD': '0x7130d2a12b9bcbfae4f2634d864a1ee1ce3ead9c',
    'USDC / USD': '0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d',
    'USDT / USD': '0x55d398326f99059ff775485246999027b3197955',
  }),
  contracts: [
    wrappedNativeContract('0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c'),
    ...aaveV3Contracts({
      pool: '0x6807dc923806fe8fd134338eabca509979a7e0cb',
      poolConfigurator: '0x67bdf23c7fce7c65ff7415ba3f2520b45d6f9584',
      oracle: '0x39bc1bfda2130d6bb6dbefd366939b4c7aa7c697',
      addressesProvider: '0xff75b6da14ffbbfd355daf7a2731456b3562ba6d',
      aclManager: '0x2d97f8fa96886fd923c065f5457f9ddd494e3877',
      deployedAtBlock: 33571000,
    }),
    {
      address: '0x8909dc15e40173ff4699343b6eb8132c65e18ec6',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'Uniswap V2 factory',
      deployedAtBlock: 0,
    },
    {
      address: '0xdb1d10011ad0ff90774d0c6bb92e5c5c8b4461f7',
      protocol: 'uniswap-v3',
      role: 'factory',
      label: 'Uniswap V3 factory',
      deployedAtBlock: 0,
    },
    permit2Contract(0),
    pythContract('0x4d7e825f80bdf85e913e0dd2a2d54927e9de1594'),
    {
      address: '0xc35dadb65012ec5796536bd9864ed8773abc74c4',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'SushiSwap factory',
      deployedAtBlock: 0,
    },
  ],
}
