/** OP Mainnet. Final once its batch is final on Ethereum: about twenty minutes, 600 blocks. */

import { aaveV3Contracts } from './aave-v3'
import { bridged, dollars, ETHEREUM_TOKENS } from './backing'
import { OP_STACK_BRIDGE } from './bridges'
import { morphoBlueContracts } from './morpho-blue'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const optimism: ChainSpec = {
  id: 10,
  name: 'optimism',
  title: 'OP Mainnet',
  kind: 'public',
  finalityDepthBlocks: 600,
  blockTimeSec: 2,
  startBlock: 4365000,
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
      address: '0x0b2c639c533813f4aa9d7837caf62653d097ff85',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: dollars('Circle'),
    },
    {
      address: '0x7f5c764cbc14f9669b88837ca1490cca17c31607',
      symbol: 'USDC.e',
      name: 'USD Coin (bridged)',
      decimals: 6,
      backing: bridged('bridge-op-stack', ETHEREUM_TOKENS.USDC),
    },
    {
      address: '0x94b008aa00579c1307b0ef2c499ad98a8ce58e58',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 6,
      backing: bridged('bridge-op-stack', ETHEREUM_TOKENS.USDT),
    },
    {
      address: '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1',
      symbol: 'DAI',
      name: 'Dai Stablecoin',
      decimals: 18,
      backing: bridged('Maker bridge', ETHEREUM_TOKENS.DAI),
    },
    {
      address: '0x68f180fcce6836688e9084f035309e29bf0a2095',
      symbol: 'WBTC',
      name: 'Wrapped BTC',
      decimals: 8,
      backing: bridged('bridge-op-stack', ETHEREUM_TOKENS.WBTC),
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'ETH / USD': '0x4200000000000000000000000000000000000006',
    'BTC / USD': '0x68f180fcce6836688e9084f035309e29bf0a2095',
    'USDC / USD': '0x0b2c639c533813f4aa9d7837caf62653d097ff85',
    'USDT / USD': '0x94b008aa00579c1307b0ef2c499ad98a8ce58e58',
  }),
  contracts: [
    wrappedNativeContract('0x4200000000000000000000000000000000000006'),
    ...aaveV3Contracts({
      pool: '0x794a61358d6845594f94dc1db02a252b5b4814ad',
      poolConfigurator: '0x8145edddf43f50276641b55bd3ad95944510021e',
      oracle: '0xd81eb3728a631871a7ebbad631b5f424909f0c77',
      addressesProvider: '0xa97684ead0e402dc232d5a977953df7ecbab3cdb',
      aclManager: '0xa72636cbcaa8f5ff95b2cc47f3cdee83f3294a0b',
      deployedAtBlock: 4365000,
    }),
    {
      address: '0x0c3c1c532f1e39edf36be9fe0be1410313e074bf',
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
      deployedAtBlock: 0,
    },
    {
      address: '0xba12222222228d8ba445958a75a0704d566bf2c8',
      protocol: 'balancer-v2',
      role: 'vault',
      label: 'Balancer V2 vault',
      deployedAtBlock: 0,
    },
    ...morphoBlueContracts({
      morpho: '0xce95afbb8ea029495c66020883f87aae8864af92',
      adaptiveCurveIrm: '0x8cd70a8f399428456b29546bc5dbe10ab6a06ef6',
      deployedAtBlock: 130770075,
    }),
    permit2Contract(38854427),
    pythContract('0xff1a0f4744e8582df1ae09d5611b887b6a12925c'),
    OP_STACK_BRIDGE,
  ],
}
