/** The assets of the local world, their pool parameters and their price feeds. Adding an asset is one entry here. */
import { type Address, parseUnits } from 'viem'
import { CAST, demoAccount } from './accounts'
import { loadAaveArtifact, loadArtifact } from './artifacts'
import type { Deployer } from './deployer'

export type AssetSpec = {
  symbol: string
  name: string
  decimals: number
  /** Starting price in USD with 8 decimals. */
  basePriceE8: bigint
  /** The share of a crash that this asset takes: 1 for the crashing asset, 0 for a stable one. */
  crashBeta: number
  ltvBps: number
  liquidationThresholdBps: number
  liquidationBonusBps: number
  reserveFactorBps: number
  /** Rates of the reserve's curve, in basis points a year. */
  optimalUsageBps: number
  slope1Bps: number
  slope2Bps: number
}

export const ASSETS: readonly AssetSpec[] = [
  asset('WETH', 'Wrapped Ether', 18, 3000, 1, [8000, 8250, 10500, 1500], [8000, 330, 8000]),
  asset('WBTC', 'Wrapped BTC', 8, 60000, 0.8, [7000, 7500, 11000, 2000], [4500, 400, 30000]),
  asset('USDC', 'USD Coin', 6, 1, 0, [7700, 8000, 10500, 1000], [9000, 400, 6000]),
  asset('DAI', 'Dai Stablecoin', 18, 1, 0, [7500, 7800, 10500, 1000], [9000, 450, 7500]),
]

export type TokenAddresses = { token: Address; feed: Address }

/** Deploys the four tokens and then their feeds; WETH is the published WETH9, the others Aave's MintableERC20. */
export async function deployTokens(deployer: Deployer): Promise<TokenAddresses[]> {
  const weth = loadAaveArtifact('WETH9')
  const mintable = loadAaveArtifact('MintableERC20')
  const feedArtifact = loadArtifact('PriceFeed')
  const transmitter = demoAccount(CAST.transmitter).address
  const tokens: Address[] = []
  for (const { symbol, name, decimals } of ASSETS) {
    const wraps = symbol === 'WETH'
    tokens.push(await deployer.deploy(wraps ? weth : mintable, wraps ? [] : [name, symbol, decimals]))
  }
  const feeds: Address[] = []
  for (const { symbol, basePriceE8 } of ASSETS) {
    feeds.push(await deployer.deploy(feedArtifact, [`${symbol} / USD`, transmitter, basePriceE8]))
  }
  await deployer.flush()
  return tokens.map((token, index) => ({ token, feed: feeds[index]! }))
}

/** The asset with this symbol. Throws when the world has none. */
export function assetSpec(symbol: string): AssetSpec {
  const found = ASSETS.find((spec) => spec.symbol === symbol)
  if (found === undefined) throw new Error(`the local world has no asset ${symbol}`)
  return found
}

/** A decimal amount in base units of an asset: units('USDC', '1.5') → 1500000n. */
export function units(symbol: string, amount: string): bigint {
  return parseUnits(amount, assetSpec(symbol).decimals)
}

function asset(
  symbol: string,
  name: string,
  decimals: number,
  priceUsd: number,
  crashBeta: number,
  [ltvBps, liquidationThresholdBps, liquidationBonusBps, reserveFactorBps]: [number, number, number, number],
  [optimalUsageBps, slope1Bps, slope2Bps]: [number, number, number],
): AssetSpec {
  return {
    symbol,
    name,
    decimals,
    basePriceE8: BigInt(priceUsd) * 100_000_000n,
    crashBeta,
    ltvBps,
    liquidationThresholdBps,
    liquidationBonusBps,
    reserveFactorBps,
    optimalUsageBps,
    slope1Bps,
    slope2Bps,
  }
}
