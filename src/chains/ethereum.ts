/** Ethereum mainnet. Finality: two epochs of 32 slots. */

import { aaveV2Contracts } from './aave-v2'
import { aaveV3Contracts } from './aave-v3'
import { custodied, dollars, loansOf, staked, wrapped } from './backing'
import { ETHEREUM_BRIDGES } from './bridges'
import { makerContracts } from './maker'
import { morphoBlueContracts } from './morpho-blue'
import { permit2Contract } from './permit2'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const ethereum: ChainSpec = {
  id: 1,
  name: 'ethereum',
  title: 'Ethereum',
  kind: 'public',
  finalityDepthBlocks: 64,
  blockTimeSec: 12,
  startBlock: 16291000,
  transactions: 'all',
  blocks: 'all',
  tokenLogs: 'all',
  scoreEveryBlocks: 5,
  tokens: [
    {
      address: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
      symbol: 'WETH',
      name: 'Wrapped Ether',
      decimals: 18,
      backing: wrapped('ETH'),
    },
    {
      address: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: dollars('Circle'),
    },
    {
      address: '0xdac17f958d2ee523a2206206994597c13d831ec7',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 6,
      backing: dollars('Tether'),
    },
    {
      address: '0x6b175474e89094c44da98b954eedeac495271d0f',
      symbol: 'DAI',
      name: 'Dai Stablecoin',
      decimals: 18,
      backing: loansOf('maker'),
    },
    {
      address: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
      symbol: 'WBTC',
      name: 'Wrapped BTC',
      decimals: 8,
      backing: custodied('BitGo', 'native:BTC'),
    },
    {
      address: '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0',
      symbol: 'wstETH',
      name: 'Wrapped liquid staked Ether 2.0',
      decimals: 18,
      backing: staked('Lido'),
    },
    {
      address: '0x514910771af9ca656af840dff83e8264ecf986ca',
      symbol: 'LINK',
      name: 'ChainLink Token',
      decimals: 18,
    },
    {
      address: '0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9',
      symbol: 'AAVE',
      name: 'Aave Token',
      decimals: 18,
    },
  ],
  feeds: [
    {
      address: '0xe62b71cf983019bff55bc83b48601ce8419650cc',
      asset: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
      decimals: 8,
      description: 'ETH / USD',
    },
    {
      address: '0xdbe1941bfbe4410d6865b9b7078e0b49af144d2d',
      asset: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
      decimals: 8,
      description: 'BTC / USD, taken for WBTC',
    },
    {
      address: '0x478238a1c8b862498c74d0647329aef9ea6819ed',
      asset: '0x6b175474e89094c44da98b954eedeac495271d0f',
      decimals: 8,
      description: 'DAI / USD',
    },
    {
      address: '0xa964273552c1dba201f5f000215f5bd5576e8f93',
      asset: '0xdac17f958d2ee523a2206206994597c13d831ec7',
      decimals: 8,
      description: 'USDT / USD',
    },
  ],
  pythFeeds: pythFeeds({
    'ETH / USD': '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
    'BTC / USD': '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
    'USDC / USD': '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
    'USDT / USD': '0xdac17f958d2ee523a2206206994597c13d831ec7',
  }),
  contracts: [
    wrappedNativeContract('0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'),
    ...aaveV3Contracts({
      pool: '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2',
      poolConfigurator: '0x64b761d848206f447fe2dd461b0c635ec39ebb27',
      oracle: '0x54586be62e3c3580375ae3723c145253060ca0c2',
      addressesProvider: '0x2f39d218133afab8f2b819b1066c7e434ad94e9e',
      aclManager: '0xc2aacf6553d20d1e9d78e365aaba8032af9c85b0',
      deployedAtBlock: 16291000,
    }),
    ...aaveV2Contracts({
      pool: '0x7d2768de32b0b80b7a3454c06bdac94a69ddc7a9',
      poolConfigurator: '0x311bb771e4f8952e6da169b425e7e92d6ac45756',
      oracle: '0xa50ba011c48153de246e5192c8f9258a2ba79ca9',
      addressesProvider: '0xb53c1a33016b2dc2ff3653530bff1848a515c8c5',
      deployedAtBlock: 11362000,
    }),
    {
      address: '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'Uniswap V2 factory',
      deployedAtBlock: 10000000,
    },
    {
      address: '0x1f98431c8ad98523631ae4a59f267346ea31f984',
      protocol: 'uniswap-v3',
      role: 'factory',
      label: 'Uniswap V3 factory',
      deployedAtBlock: 12369000,
    },
    {
      address: '0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac',
      protocol: 'uniswap-v2',
      role: 'factory',
      label: 'SushiSwap factory',
      deployedAtBlock: 10794000,
    },
    {
      address: '0xba12222222228d8ba445958a75a0704d566bf2c8',
      protocol: 'balancer-v2',
      role: 'vault',
      label: 'Balancer V2 vault',
      deployedAtBlock: 12272000,
    },
    {
      address: '0x316f9708bb98af7da9c68c1c3b5e79039cd336e3',
      protocol: 'compound-v3',
      role: 'configurator',
      label: 'Compound III configurator',
      deployedAtBlock: 15331000,
    },
    {
      address: '0xc3d688b66703497daa19211eedff47f25384cdc3',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III USDC',
      deployedAtBlock: 15331000,
      links: {
        base: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
        configurator: '0x316f9708bb98af7da9c68c1c3b5e79039cd336e3',
      },
    },
    {
      address: '0xa17581a9e3356d9a858b789d68b4d866e593ae94',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III WETH',
      deployedAtBlock: 16400000,
      links: {
        base: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
        configurator: '0x316f9708bb98af7da9c68c1c3b5e79039cd336e3',
        quote: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
      },
    },
    {
      address: '0x3afdc9bca9213a35503b077a6072f3d0d5ab0840',
      protocol: 'compound-v3',
      role: 'comet',
      label: 'Compound III USDT',
      deployedAtBlock: 20190000,
      links: {
        base: '0xdac17f958d2ee523a2206206994597c13d831ec7',
        configurator: '0x316f9708bb98af7da9c68c1c3b5e79039cd336e3',
      },
    },
    {
      address: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      protocol: 'compound-v2',
      role: 'comptroller',
      label: 'Compound V2 comptroller',
      deployedAtBlock: 7710671,
    },
    {
      address: '0x4ddc2d193948926d02f9b1fe9e1daa0718270ed5',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cETH',
      deployedAtBlock: 7710758,
      links: {
        underlying: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0x39aa39c021dfbae8fac545936693ac917d5e7563',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cUSDC',
      deployedAtBlock: 7710760,
      links: {
        underlying: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0x5d3a536e4d6dbd6114cc1ead35777bab948e3643',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cDAI',
      deployedAtBlock: 8983575,
      links: {
        underlying: '0x6b175474e89094c44da98b954eedeac495271d0f',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0xf650c3d88d12db855b8bf7d11be6c55a4e07dcc9',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cUSDT',
      deployedAtBlock: 9879363,
      links: {
        underlying: '0xdac17f958d2ee523a2206206994597c13d831ec7',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0xc11b1268c1a384e55c48c2391d8d480264a3a7f4',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cWBTC',
      deployedAtBlock: 8163813,
      links: {
        underlying: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0xccf4429db6322d5c611ee964527d42e5d685dd6a',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cWBTC2',
      deployedAtBlock: 12038653,
      links: {
        underlying: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0xface851a4921ce59e912d19329929ce6da6eb0c7',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cLINK',
      deployedAtBlock: 7710671,
      links: {
        underlying: '0x514910771af9ca656af840dff83e8264ecf986ca',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    {
      address: '0xe65cdb6479bac1e22340e4e755fae7e509ecd06c',
      protocol: 'compound-v2',
      role: 'cToken',
      label: 'Compound V2 cAAVE',
      deployedAtBlock: 7710671,
      links: {
        underlying: '0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9',
        comptroller: '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b',
      },
    },
    ...makerContracts(),
    {
      address: '0x60744434d6339a6b27d73d9eda62b6f66a0a04fa',
      protocol: 'maker',
      role: 'flash',
      label: 'Maker flash mint',
      deployedAtBlock: 0,
    },
    ...morphoBlueContracts({
      morpho: '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb',
      adaptiveCurveIrm: '0x870ac11d48b15db9a138cf899d20f13f79ba00bc',
      deployedAtBlock: 18883124,
    }),
    permit2Contract(15986406),
    pythContract('0x4305fb66699c3b2702d4d05cf36551390a4c69c6'),
    ...ETHEREUM_BRIDGES,
  ],
}
