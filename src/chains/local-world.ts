/**
 * Addresses of the local world, the same on both of its chains.
 *
 * demo/deploy.ts creates everything from account 0 of the well-known development mnemonic in a fixed order, so
 * the addresses are constants; test/demo/deploy.test.ts holds them against a fresh deployment. All are lower-case.
 */
import type { Address } from 'viem'

export type LocalAsset = { symbol: string; decimals: number } & Record<
  'token' | 'feed' | 'aToken' | 'stableDebtToken' | 'variableDebtToken' | 'interestRateStrategy',
  Address
>

export type LocalWorldAddresses = {
  aave: Record<
    'poolAddressesProvider' | 'pool' | 'poolConfigurator' | 'aclManager' | 'oracle' | 'dataProvider',
    Address
  >
  uniswapV2: Record<'factory' | 'router' | 'pair', Address>
  assets: readonly LocalAsset[]
}

/** Chain ids by name; harbor also carries the RiskOracle. */
export const LOCAL_CHAIN_IDS = { harbor: 31337, lagoon: 31338 } as const

/** Blocks 1 to this one set the world up; the actors' first block comes after it. */
export const LOCAL_SETUP_BLOCKS = 12

export const LOCAL_WORLD: LocalWorldAddresses = {
  aave: {
    poolAddressesProvider: '0x959922be3caee4b8cd9a407cc3ac1c251c2007b1',
    pool: '0x24b3c7704709ed1491473f30393ffc93cfb0fc34',
    poolConfigurator: '0x033488800ae672726c34620d4bd817e1590d4cdc',
    aclManager: '0x68b1d87f95878fe05b998f19b66f4baba5de1aed',
    oracle: '0x322813fd9a801c5507c9de605d63cea4f2ce6c44',
    dataProvider: '0x67d269191c92caf3cd7723f116c85e6e9bf55933',
  },
  uniswapV2: {
    factory: '0xcbeaf3bde82155f56486fb5a1072cb8baaf547cc',
    router: '0x1429859428c0abc9c2c47c8ee9fbaf82cfa0f20f',
    pair: '0xe8d34a98047e0b05f97a24375fdcbf2abf8c15bf',
  },
  assets: [
    {
      symbol: 'WETH',
      decimals: 18,
      token: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
      feed: '0xdc64a140aa3e981100a9beca4e685f962f0cf6c9',
      aToken: '0xcdbe881ecec6c03cb76d9d1ebaaa5a32bf09391e',
      stableDebtToken: '0x28a49ee4a7d39b1d7930ec823c0ea9f6d01412ca',
      variableDebtToken: '0x7d503bea206f108639fd06e2959ddb58c01c032c',
      interestRateStrategy: '0xa82ff9afd8f496c3d6ac40e2a0f282e47488cfc9',
    },
    {
      symbol: 'WBTC',
      decimals: 8,
      token: '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512',
      feed: '0x5fc8d32690cc91d4c39d9d3abcbd16989f875707',
      aToken: '0x63af6c7e73f76e33b0df3dbfcf2baed4a9f86aa3',
      stableDebtToken: '0x0f708b10e6bc829e15d0614209a439c4c8b7d539',
      variableDebtToken: '0xe12ff631af7198fdd0f00a7e65c51562c806a612',
      interestRateStrategy: '0x1613beb3b2c4f22ee086b2b38c1476a3ce7f78e8',
    },
    {
      symbol: 'USDC',
      decimals: 6,
      token: '0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0',
      feed: '0x0165878a594ca255338adfa4d48449f69242eb8f',
      aToken: '0x15847bf8f9fb29c7c64ccbe0cf128135163f6636',
      stableDebtToken: '0x47e36fbe3ab90df1ee45f49001c53bdf46095576',
      variableDebtToken: '0x908f0e200fda1bdb477f1c02b57a42bf8c5376f3',
      interestRateStrategy: '0x851356ae760d987e095750cceb3bc6014560891c',
    },
    {
      symbol: 'DAI',
      decimals: 18,
      token: '0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9',
      feed: '0xa513e6e4b8f2a923d98304ec87f64353c4d5c853',
      aToken: '0xa426f016ab355bb41391ddff3c9a90615dd27827',
      stableDebtToken: '0x30b3208e17f56fa237a5bffae716991e27876659',
      variableDebtToken: '0x42dc2dd060434d41fb81904450f8ed4be036c2cd',
      interestRateStrategy: '0xf5059a5d33d5853360d16c683c16e67980206f36',
    },
  ],
}

export type LocalOracle = { riskOracle: Address; modelRegistry: Address; metric: string }

/** On harbor only: the RiskOracle with one feed of this metric for every asset of both chains. */
export const LOCAL_ORACLE: LocalOracle = {
  riskOracle: '0x922d6956c99e12dfeb3224dea977d0939758a1fe',
  modelRegistry: '0x162a433068f51e18b7d13932f27e66a3f99e6890',
  metric: 'market-risk',
}
