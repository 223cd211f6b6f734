/** HyperEVM, the EVM of Hyperliquid. Its consensus finalises at once; a few blocks of margin for nodes that lag. */

import { wrapped } from './backing'
import { morphoBlueContracts } from './morpho-blue'
import type { ChainSpec } from './types'
import { wrappedNativeContract } from './wrapped-native'

export const hyperliquid: ChainSpec = {
  id: 999,
  name: 'hyperliquid',
  title: 'HyperEVM',
  kind: 'public',
  finalityDepthBlocks: 8,
  blockTimeSec: 1,
  startBlock: 1,
  transactions: 'watched',
  blocks: 'relevant',
  tokenLogs: 'all',
  scoreEveryBlocks: 60,
  tokens: [
    {
      address: '0x5555555555555555555555555555555555555555',
      symbol: 'WHYPE',
      name: 'Wrapped HYPE',
      decimals: 18,
      backing: wrapped('HYPE'),
    },
  ],
  feeds: [],
  contracts: [
    wrappedNativeContract('0x5555555555555555555555555555555555555555'),
    ...morphoBlueContracts({
      morpho: '0x68e37de8d93d3496ae143f2e900490f6280c57cd',
      adaptiveCurveIrm: '0xd4a426f010986dcad727e8dd6eed44ca4a9b7483',
      deployedAtBlock: 1988429,
    }),
  ],
}
