/** A chain's life by seed: prices that wander and crash, positions that come and go, liquidations, transactions, tokens. */
import type { Hex } from '../../src/chains/types'
import { seededRandom } from '../../src/math/statistics'
import { address, type TestBlock, USDC, WETH } from './ledger'

const ACTORS = 8

/** Content of one block; depends on seed, height and fork only. */
export function storyBlock(seed: number, height: number, fork: number): TestBlock {
  if (height === 0) return {}
  const random = seededRandom(seed * 1_000_003 + height * 101 + fork)
  for (let i = 0; i < 5; i++) random()
  const chance = (p: number) => random() < p
  const actor = (): Hex => address(1 + Math.floor(random() * ACTORS))
  if (height === 1) {
    const accounts = Array.from({ length: ACTORS }, (_, i) => address(i + 1))
    return {
      prices: [
        { asset: WETH, usd: 2_000 },
        { asset: USDC, usd: 1 },
      ],
      positions: accounts.flatMap((account, i) => [
        { account, asset: WETH, supply: 10 },
        { account, asset: USDC, debt: 1_000 + i * 1_800 },
      ]),
    }
  }
  const crashing = height % 60 > 30
  return {
    prices: chance(0.4)
      ? [{ asset: WETH, usd: Math.round((crashing ? 1_500 : 2_000) * (0.9 + random() * 0.2)) }]
      : [],
    positions: chance(0.3)
      ? [{ account: actor(), asset: USDC, debt: chance(0.3) ? 0 : Math.round(random() * 16_000) }]
      : [],
    liquidations: chance(fork === 0 ? 0.1 : 1) ? [{ account: actor(), collateral: random() }] : [],
    transactions: Array.from({ length: Math.floor(random() * 3) }, () => ({
      from: actor(),
      to: actor(),
      ether: random(),
    })),
    transfers: Array.from({ length: Math.floor(random() * 3) }, () => ({
      from: actor(),
      to: actor(),
      asset: chance(0.5) ? WETH : USDC,
      amount: chance(0.1) ? 0 : random() * 100,
      verified: chance(0.9),
    })),
    approvals: chance(0.2)
      ? [
          {
            owner: actor(),
            spender: address(50 + Math.floor(random() * 3)),
            asset: USDC,
            amount: chance(0.3) ? 0 : 1e9,
          },
        ]
      : [],
    lending: chance(0.3)
      ? [{ account: actor(), kind: chance(0.5) ? 'repay' : 'supply', asset: USDC, amount: random() * 100 }]
      : [],
  }
}

/** Blocks [from, to] of a fork. */
export function storyBlocks(seed: number, range: { from: number; to: number; fork?: number }): TestBlock[] {
  const { from, to, fork = 0 } = range
  return Array.from({ length: to - from + 1 }, (_, i) => storyBlock(seed, from + i, fork))
}
