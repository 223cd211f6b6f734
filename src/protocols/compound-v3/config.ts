/**
 * A comet's configuration. The configurator keeps it and announces each change; a comet takes it over as immutables when
 * an implementation is deployed from it and its proxy is upgraded to that. It is kept as JSON in the comet's own row,
 * numbers as decimal strings.
 */
import type { Hex } from '../../chains/types'
import { wordAddress, wordUint } from '../log-shape'
import { type RawLog, UndecodableLog } from '../types'

export interface AssetConfig {
  asset: Hex
  priceFeed: Hex
  decimals: number
  borrowCollateralFactor: string
  liquidateCollateralFactor: string
  liquidationFactor: string
  supplyCap: string
}

export const RATE_FIELDS = [
  'supplyKink',
  'supplyPerYearSlopeLow',
  'supplyPerYearSlopeHigh',
  'supplyPerYearBase',
  'borrowKink',
  'borrowPerYearSlopeLow',
  'borrowPerYearSlopeHigh',
  'borrowPerYearBase',
  'storeFrontPriceFactor',
] as const

export type RateField = (typeof RATE_FIELDS)[number]

export type CometConfig = Record<RateField, string> & {
  baseToken: Hex
  basePriceFeed: Hex
  assets: AssetConfig[]
}

/** More collaterals than any comet supports are refused. */
const MAX_ASSETS = 64
const ASSET_WORDS = 7

/** An AssetConfig that stands in seven data words from `word`: asset, feed, decimals, three factors, cap. */
export function assetAt(log: RawLog, word: number): AssetConfig {
  return {
    asset: wordAddress(log, word),
    priceFeed: wordAddress(log, word + 1),
    decimals: Number(wordUint(log, word + 2, 8)),
    borrowCollateralFactor: wordUint(log, word + 3, 64).toString(),
    liquidateCollateralFactor: wordUint(log, word + 4, 64).toString(),
    liquidationFactor: wordUint(log, word + 5, 64).toString(),
    supplyCap: wordUint(log, word + 6, 128).toString(),
  }
}

/** A Configuration whose offset stands in data word `index`: twenty words, then the offset of its assets. */
export function configurationAt(log: RawLog, index: number): CometConfig {
  const start = offsetAt(log, index, 0)
  const assetsAt = offsetAt(log, start + 20, start)
  const count = wordUint(log, assetsAt, 16)
  if (count > MAX_ASSETS) throw new UndecodableLog(`SetConfiguration: ${count} assets`)
  const rates = {} as Record<RateField, string>
  RATE_FIELDS.forEach((field, i) => {
    rates[field] = wordUint(log, start + 5 + i, 64).toString()
  })
  const assets = Array.from({ length: Number(count) }, (_, i) => assetAt(log, assetsAt + 1 + i * ASSET_WORDS))
  const [baseToken, basePriceFeed] = [wordAddress(log, start + 2), wordAddress(log, start + 3)]
  return { ...rates, baseToken, basePriceFeed, assets }
}

function offsetAt(log: RawLog, word: number, from: number): number {
  const offset = wordUint(log, word, 32)
  if (offset % 32n !== 0n) throw new UndecodableLog('SetConfiguration: an offset is out of place')
  return from + Number(offset / 32n)
}

/** The configuration with one collateral replaced, or added when it is new. */
export function withAsset(config: CometConfig, asset: Hex, change: Partial<AssetConfig>): CometConfig {
  const before = config.assets.find((entry) => entry.asset === asset)
  if (before === undefined)
    return isWhole(change) ? { ...config, assets: [...config.assets, change] } : config
  return {
    ...config,
    assets: config.assets.map((entry) => (entry === before ? { ...entry, ...change } : entry)),
  }
}

function isWhole(change: Partial<AssetConfig>): change is AssetConfig {
  return change.asset !== undefined && change.decimals !== undefined
}
