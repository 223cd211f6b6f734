/** Builders of what detectors judge: a small chain, facts and standings with sensible defaults. */
import type { ChainSpec, Hex } from '../../src/chains/types'
import type {
  AdminFact,
  FactRef,
  FactsView,
  FlashLoanFact,
  LiquidationFact,
  MarketSwitchFact,
  RoundView,
  SpendFact,
  StandingView,
  SwapFact,
} from '../../src/detectors/types'
import { type MarketPoint, marketLine } from '../../src/prices/market-line'
import { type PricePoint, priceLine } from '../../src/prices/price-line'

export const CHAIN_ID = 31337
export const POOL: Hex = '0x00000000000000000000000000000000000000a1'
export const WETH = `${CHAIN_ID}:0x00000000000000000000000000000000000000e1`
export const USDC = `${CHAIN_ID}:0x00000000000000000000000000000000000000e2`
export const GENESIS_SEC = 1_700_000_000

export const chain: ChainSpec = {
  id: CHAIN_ID,
  name: 'harbor',
  title: 'Harbor',
  kind: 'local',
  finalityDepthBlocks: 12,
  blockTimeSec: 1,
  startBlock: 0,
  transactions: 'all',
  blocks: 'all',
  tokenLogs: 'all',
  scoreEveryBlocks: 5,
  tokens: [
    { address: '0x00000000000000000000000000000000000000e1', symbol: 'WETH', name: 'Ether', decimals: 18 },
  ],
  feeds: [],
  contracts: [
    { address: POOL, protocol: 'aave-v3', role: 'pool', label: 'Pool', deployedAtBlock: 3 },
    {
      address: '0x00000000000000000000000000000000000000a2',
      protocol: 'aave-v3',
      role: 'poolConfigurator',
      label: 'PoolConfigurator',
      deployedAtBlock: 7,
    },
  ],
}

/** Account id of a small number. */
export function who(n: number): string {
  return `${CHAIN_ID}:0x${n.toString(16).padStart(40, '0')}`
}

export function hashOf(height: number, fork = 0): Hex {
  return `0x${fork.toString(16).padStart(2, '0')}${height.toString(16).padStart(62, '0')}`
}

export function ref(height: number, logIndex = 0, tx = height): FactRef {
  return {
    id: `${CHAIN_ID}:${height}:${logIndex}`,
    height,
    blockHash: hashOf(height),
    timestampSec: GENESIS_SEC + height,
    txHash: hashOf(tx, 255),
    logIndex,
    subIndex: 0,
  }
}

export function price(assetId: string, height: number, usd: number, source = 'feed'): PricePoint {
  return {
    assetId,
    source,
    validFromBlock: height,
    timestampSec: GENESIS_SEC + height,
    answer: BigInt(Math.round(usd * 1e8)),
    decimals: 8,
  }
}

/** The same price as the market's. */
function marketPoint({ assetId, validFromBlock, timestampSec, answer, decimals }: PricePoint): MarketPoint {
  const asset = assetId.slice(assetId.indexOf(':') + 1) as Hex
  return { asset, source: 'chainlink', validFromBlock, updatedAtSec: timestampSec, answer, decimals }
}

export interface FactParts {
  liquidations?: LiquidationFact[]
  adminActions?: AdminFact[]
  flashLoans?: FlashLoanFact[]
  swaps?: SwapFact[]
  marketSwitches?: MarketSwitchFact[]
  spends?: SpendFact[]
  prices?: PricePoint[]
}

/** Facts of the blocks (fromHeight, toHeight]. */
export function facts(parts: FactParts = {}, fromHeight = 0, toHeight = 1_000): FactsView {
  const blocks = new Map<number, { hash: Hex; timestampSec: number }>()
  for (let height = fromHeight + 1; height <= toHeight; height++) {
    blocks.set(height, { hash: hashOf(height), timestampSec: GENESIS_SEC + height })
  }
  return {
    chain,
    fromHeight,
    toHeight,
    liquidations: parts.liquidations ?? [],
    adminActions: parts.adminActions ?? [],
    flashLoans: parts.flashLoans ?? [],
    swaps: parts.swaps ?? [],
    marketSwitches: parts.marketSwitches ?? [],
    spends: parts.spends ?? [],
    prices: priceLine(parts.prices ?? []),
    market: marketLine({ chain, points: (parts.prices ?? []).map(marketPoint) }),
    blocks,
    assets: new Map([
      [WETH, { symbol: 'WETH', decimals: 18 }],
      [USDC, { symbol: 'USDC', decimals: 6 }],
    ]),
  }
}

export function standing(over: Partial<StandingView> = {}): StandingView {
  return {
    subjectId: `${who(1)}:${POOL}`,
    accountId: who(1),
    protocol: 'aave-v3',
    pool: POOL,
    healthFactor: 1.5,
    collateralUsd: 20_000,
    debtUsd: 10_000,
    badDebtUsd: 0,
    priceConfidence: 1,
    marketIds: [`${CHAIN_ID}:${POOL}:weth`],
    score: null,
    ...over,
  }
}

export function round(
  standings: StandingView[] = [],
  accounts: RoundView['accounts'] = [],
  markets: RoundView['markets'] = [],
): RoundView {
  return {
    chain,
    at: { chainId: CHAIN_ID, height: 100, hash: hashOf(100), timestampSec: GENESIS_SEC + 100 },
    standings,
    accounts,
    markets,
  }
}

export function liquidationFact(height: number, over: Partial<LiquidationFact> = {}): LiquidationFact {
  return {
    ...ref(height, 4),
    protocol: 'aave-v3',
    accountId: who(1),
    liquidatorId: who(9),
    marketId: `${CHAIN_ID}:${POOL}:usdc`,
    debtAssetId: USDC,
    debtAmount: 1_000_000_000n,
    collateralAssetId: WETH,
    collateralAmount: 500_000_000_000_000_000n,
    ...over,
  }
}
