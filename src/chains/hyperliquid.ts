/** HyperEVM, the EVM of Hyperliquid. Its consensus finalises at once; a few blocks of margin for nodes that lag. */
import type { ChainSpec } from './types'

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
    },
  ],
  feeds: [],
  contracts: [],
}
