/** Polygon PoS. Finality: reorgs of more than a hundred blocks have happened, so 256 blocks. */

import { aaveV2Contracts } from './aave-v2'
import { aaveV3Contracts } from './aave-v3'
import { bridged, dollars, ETHEREUM_TOKENS, wrapped } from './backing'
import { morphoBlueContracts } from './morpho-blue'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const polygon: ChainSpec = {
  id: 137,
  name: 'polygon',
  title: 'Polygon PoS',
  kind: 'public',
  finalityDepthBlocks: 256,
  blockTimeSec: 2,
  startBlock: 25824000,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'all',
  scoreEveryBlocks: 30,
  tokens: [
    {
      address: '0x7ceb23fd6bc0add59e62ac25578270cff1b9f619',
      symbol: 'WETH',
      name: 'Wrapped Ether',
      decimals: 18,
      backing: bridged('bridge-polygon-pos', ETHEREUM_TOKENS.ETH),
      polygonPosRootChainId: 1,
    },
    {
      address: '0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270',
      symbol: 'WMATIC',
      name: 'Wrapped Matic',
      decimals: 18,
      backing: wrapped('POL'),
    },
    {
      address: '0x2791bca1f2de4661ed88a30c99a7a9449aa84174',
      symbol: 'USDC.e',
      name: 'USD Coin (PoS)',
      decimals: 6,
      backing: bridged('bridge-polygon-pos', ETHEREUM_TOKENS.USDC),
      polygonPosRootChainId: 1,
    },
    {
      address: '0x3c499c542cef5e3811e1192ce70d8cc03d5c3359',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: dollars('Circle'),
    },
    {
      address: '0xc2132d05d31c914a87c6611c10748aeb04b58e8f',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 6,
      backing: bridged('USDT0', ETHEREUM_TOKENS.USDT),
    },
    {
      address: '0x8f3cf7ad23cd3cadbd9735aff958023239c6a063',
      symbol: 'DAI',
      name: 'Dai Stablecoin',
      decimals: 18,
      backing: bridged('bridge-polygon-pos', ETHEREUM_TOKENS.DAI),
      polygonPosRootChainId: 1,
    },
    {
      address: '0x1bfd67037b42cf73acf2047067bd4f2c47d9bfd6',
      symbol: 'WBTC',
      name: 'Wrapped BTC',
      decimals: 8,
      backing: bridged('bridge-polygon-pos', ETHEREUM_TOKENS.WBTC),
      polygonPosRootChainId: 1,
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'ETH / USD': '0x7ceb23fd6bc0add59e62ac25578270cff1b9f619',
    'BTC / USD': '0x1bfd67037b42cf73acf2047067bd4f2c47d9bfd6',
    'USDC / USD': '0x3c499c542cef5e3811e1192ce70d8cc03d5c3359',
    'USDT / USD': '0xc2132d05d31c914a87c6611c10748aeb04b58e8f',
  }),
  contracts: [
    wrappedNativeContract('0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270'),
    ...aaveV3Contracts({
      pool: '0x794a61358d6845594f94dc1db02a252b5b4814ad',
      poolConfigurator: '0x8145edddf43f50276641b55bd3ad95944510021e',
      oracle: '0xb023e699f5a33916ea823a16485e259257ca8bd1',
      addressesProvider: '0xa97684ead0e402dc232d5a977953df7ecbab3cdb',
      aclManager: '0xa72636cbcaa8f5ff95b2cc47f3cdee83f3294a0b',
      deployedAtBlock: 25824000,
    }),
    ...aaveV2Contracts({
      pool: '0x8dff5e27ea6b7ac08ebfdf9eb090f32ee9a30fcf',
      poolConfigurator: '0x26db2b833021583566323e3b8985999981b9f1f3',
      oracle: '0x0229f777b0fab107f9591a41d5f02e4e98db6f2d',
      addressesProvider: '0xd05e3e715d945b59290df0ae8ef85c1bdb684744',
      deployedAtBlock: 12600000,
    }),
    {
      address: '0x9e5a52f57b3038f1b8eee45f28b3c1967e22799c',
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
      deployedAtBlock: 22757000,
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
      address: '0x83e0f742cacbe66349e3701b171ee2487a26e738',
      protocol: 'compound-v3',
      role: 'configurator',
      label: 'Compound III configurator',
      deployedAtBlock: 0,
    },
    {
      address: '0xf25212e676d1f7f89cd72ffee66158f541246445',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III USDC.e',
      deployedAtBlock: 0,
      links: {
        base: '0x2791bca1f2de4661ed88a30c99a7a9449aa84174',
        configurator: '0x83e0f742cacbe66349e3701b171ee2487a26e738',
      },
    },
    ...morphoBlueContracts({
      morpho: '0x1bf0c2541f820e775182832f06c0b7fc27a25f67',
      adaptiveCurveIrm: '0xe675a2161d4a6e2de2eed70ac98eebf257fbf0b0',
      deployedAtBlock: 66931042,
    }),
    permit2Contract(35701901),
    pythContract('0xff1a0f4744e8582df1ae09d5611b887b6a12925c'),
  ],
}
