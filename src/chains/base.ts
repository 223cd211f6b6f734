/** Base. Final once its batch is final on Ethereum: about twenty minutes, 600 blocks. */

import { aaveV3Contracts } from './aave-v3'
import { bridged, dollars, ETHEREUM_TOKENS, staked } from './backing'
import { OP_STACK_BRIDGE } from './bridges'
import { morphoBlueContracts } from './morpho-blue'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const base: ChainSpec = {
  id: 8453,
  name: 'base',
  title: 'Base',
  kind: 'public',
  finalityDepthBlocks: 600,
  blockTimeSec: 2,
  startBlock: 2357000,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'listed',
  scoreEveryBlocks: 30,
  tokens: [
    {
      address: '0x4200000000000000000000000000000000000006',
      symbol: 'WETH',
      name: 'Wrapped Ether',
      decimals: 18,
      backing: bridged('bridge-op-stack', ETHEREUM_TOKENS.ETH),
    },
    {
      address: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: dollars('Circle'),
    },
    {
      address: '0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca',
      symbol: 'USDbC',
      name: 'USD Base Coin',
      decimals: 6,
      backing: bridged('bridge-op-stack', ETHEREUM_TOKENS.USDC),
    },
    {
      address: '0x2ae3f1ec7f1f5012cfeab0185bfc7aa3cf0dec22',
      symbol: 'cbETH',
      name: 'Coinbase Wrapped Staked ETH',
      decimals: 18,
      backing: staked('Coinbase'),
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'ETH / USD': '0x4200000000000000000000000000000000000006',
    'USDC / USD': '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
  }),
  contracts: [
    wrappedNativeContract('0x4200000000000000000000000000000000000006'),
    ...aaveV3Contracts({
      pool: '0xa238dd80c259a72e81d7e4664a9801593f98d1c5',
      poolConfigurator: '0x5731a04b1e775f0fdd454bf70f3335886e9a96be',
      oracle: '0x2cc0fc26ed4563a5ce5e8bdcfe1a2878676ae156',
      addressesProvider: '0xe20fcbdbffc4dd138ce8b2e6fbb6cb49777ad64d',
      aclManager: '0x43955b0899ab7232e3a454cf84aedd22ad46fd33',
      deployedAtBlock: 2357000,
    }),
    {
      address: '0x8909dc15e40173ff4699343b6eb8132c65e18ec6',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'Uniswap V2 factory',
      deployedAtBlock: 0,
    },
    {
      address: '0x33128a8fc17869897dce68ed026d694621f6fdfd',
      protocol: 'uniswap-v3',
      role: 'factory',
      label: 'Uniswap V3 factory',
      deployedAtBlock: 1371680,
    },
    {
      address: '0xba12222222228d8ba445958a75a0704d566bf2c8',
      protocol: 'balancer-v2',
      role: 'vault',
      label: 'Balancer V2 vault',
      deployedAtBlock: 0,
    },
    {
      address: '0x45939657d1ca34a8fa39a924b71d28fe8431e581',
      protocol: 'compound-v3',
      role: 'configurator',
      label: 'Compound III configurator',
      deployedAtBlock: 0,
    },
    {
      address: '0xb125e6687d4313864e53df431d5425969c15eb2f',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III USDC',
      deployedAtBlock: 0,
      links: {
        base: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
        configurator: '0x45939657d1ca34a8fa39a924b71d28fe8431e581',
      },
    },
    ...morphoBlueContracts({
      morpho: '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb',
      adaptiveCurveIrm: '0x46415998764c29ab2a25cbea6254146d50d22687',
      deployedAtBlock: 13977148,
    }),
    permit2Contract(1425180),
    pythContract('0x8250f4af4b972684f7b336503e2d6dfedeb1487a'),
    OP_STACK_BRIDGE,
  ],
}
