/** The synthetic chains of the benches as chain files: one listed token, and nothing else that is believed. */
import type { ChainSpec, Hex } from '../src/chains/types'

/** The token of the replay chain and of the bench chain. */
export const TOKEN: Hex = '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512'

/** keccak of Transfer(address,address,uint256). */
export const TRANSFER_TOPIC: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/**
 * A chain that is indexed for one token's logs and no transactions, as a yardstick does. The replay chain looks at the
 * address of a filter only, so a protocol that is asked for by topic alone would be sent everything.
 */
export function benchChain(spec: Partial<ChainSpec> & { id: number }): ChainSpec {
  return {
    name: `bench-${spec.id}`,
    title: `Bench ${spec.id}`,
    kind: 'local',
    finalityDepthBlocks: 12,
    blockTimeSec: 1,
    startBlock: 0,
    transactions: 'none',
    blocks: 'relevant',
    protocols: ['erc20'],
    tokenLogs: 'listed',
    scoreEveryBlocks: 1_000_000,
    tokens: [{ address: TOKEN, symbol: 'BENCH', name: 'Bench token', decimals: 18 }],
    feeds: [],
    contracts: [],
    ...spec,
  }
}
