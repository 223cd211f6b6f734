/** What a configurator announces for a comet. */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordAddress, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { ASSET_FIELD, BASE_FIELD, CONFIGURATOR } from './abi'
import { type AssetConfig, assetAt, configurationAt } from './config'
import type { CometSeed, NewEvent } from './events'
import { configuredComet, emit } from './seeds'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** topic0 → decoder of the configurator's events. */
export const CONFIG_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [CONFIGURATOR.SetConfiguration, setConfiguration],
  [CONFIGURATOR.CometDeployed, cometDeployed],
  [CONFIGURATOR.AddAsset, (log, context) => wholeAsset(log, context, 0)],
  [CONFIGURATOR.UpdateAsset, (log, context) => wholeAsset(log, context, 7)],
  [CONFIGURATOR.UpdateAssetPriceFeed, updateAssetPriceFeed],
  [CONFIGURATOR.SetBaseTokenPriceFeed, setBaseTokenPriceFeed],
  ...[...BASE_FIELD.keys()].map((topic): [Hex, Decoder] => [topic, baseField]),
  ...[...ASSET_FIELD.keys()].map((topic): [Hex, Decoder] => [topic, assetField]),
])

/** SetConfiguration(comet indexed, old, new) */
function setConfiguration(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SetConfiguration', 2, 2)
  return about(log, context, (comet) => ({ name: 'configuration', comet, config: configurationAt(log, 1) }))
}

/** CometDeployed(comet indexed, implementation indexed) */
function cometDeployed(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'CometDeployed', 3, 0)
  const implementation = topicAddress(log, 2)
  return about(log, context, (comet) => ({ name: 'deployed', comet, implementation }))
}

/** AddAsset(comet indexed, config); UpdateAsset(comet indexed, old config, new config) */
function wholeAsset(log: RawLog, context: DecodeContext, word: number): Decoded {
  return about(log, context, (comet) => {
    expectShape(log, 'AssetConfig', 2, word + 7)
    const change = assetAt(log, word)
    return { name: 'assetField', comet, asset: change.asset, change }
  })
}

/** UpdateAssetPriceFeed(comet indexed, asset indexed, old, new) */
function updateAssetPriceFeed(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'UpdateAssetPriceFeed', 3, 2)
  const [asset, priceFeed] = [topicAddress(log, 2), wordAddress(log, 1)]
  return about(log, context, (comet) => ({ name: 'assetField', comet, asset, change: { priceFeed } }))
}

/** SetBaseTokenPriceFeed(comet indexed, old indexed, new indexed) */
function setBaseTokenPriceFeed(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SetBaseTokenPriceFeed', 4, 0)
  const value = topicAddress(log, 3)
  return about(log, context, (comet) => ({ name: 'baseField', comet, field: 'basePriceFeed', value }))
}

function baseField(log: RawLog, context: DecodeContext): Decoded {
  const field = BASE_FIELD.get(log.topics[0] as Hex)
  if (field === undefined) return NOTHING
  expectShape(log, field, 2, 2)
  const value = wordUint(log, 1, 64).toString()
  return about(log, context, (comet) => ({ name: 'baseField', comet, field, value }))
}

function assetField(log: RawLog, context: DecodeContext): Decoded {
  const field = ASSET_FIELD.get(log.topics[0] as Hex)
  if (field === undefined) return NOTHING
  expectShape(log, field, 3, 2)
  const asset = topicAddress(log, 2)
  const change: Partial<AssetConfig> = { [field]: wordUint(log, 1, 128).toString() }
  return about(log, context, (comet) => ({ name: 'assetField', comet, asset, change }))
}

function about(log: RawLog, context: DecodeContext, toEvent: (comet: CometSeed) => NewEvent): Decoded {
  const comet = configuredComet(log, topicAddress(log, 1), context)
  return comet === undefined ? NOTHING : emit(log, toEvent(comet))
}
