/** Cronos: a CometBFT chain, whose blocks are final at once; a few blocks of margin for nodes that lag. */

import { custodied, ETHEREUM_TOKENS, wrapped } from './backing'
import { pythContract, pythFeeds } from './pyth'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const cronos: ChainSpec = {
  id: 25,
  name: 'cronos',
  title: 'Cronos',
  kind: 'public',
  finalityDepthBlocks: 8,
  blockTimeSec: 6,
  startBlock: 1,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'all',
  scoreEveryBlocks: 10,
  tokens: [
    {
      address: '0x5c7f8a570d578ed84e63fdfa7b1ee72deae1ae23',
      symbol: 'WCRO',
      name: 'Wrapped CRO',
      decimals: 18,
      backing: wrapped('CRO'),
    },
    {
      address: '0xc21223249ca28397b4b6541dffaecc539bff0c59',
      symbol: 'USDC',
      name: 'USD Coin',
      decimals: 6,
      backing: custodied('Crypto.com', ETHEREUM_TOKENS.USDC),
    },
    {
      address: '0x66e428c3f67a68878562e79a0234c1f83c208770',
      symbol: 'USDT',
      name: 'Tether USD',
      decimals: 6,
      backing: custodied('Crypto.com', ETHEREUM_TOKENS.USDT),
    },
  ],
  feeds: [],
  pythFeeds: pythFeeds({
    'USDC / USD': '0xc21223249ca28397b4b6541dffaecc539bff0c59',
    'USDT / USD': '0x66e428c3f67a68878562e79a0234c1f83c208770',
  }),
  contracts: [
    wrappedNativeContract('0x5c7f8a570d578ed84e63fdfa7b1ee72deae1ae23'),
    pythContract('0xe0d0e68297772dd5a1f1d99897c581e2082dba5b'),
  ],
}
