/**
 * How an Aave V3 pool is set up: reserves announced, their parameters, e-mode categories, price sources. Believed
 * only from the configurator and the oracle that the chain file links to a listed pool.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicUint, wordAddress, wordBool, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { CONFIGURATOR, ORACLE, RESERVE_FIELD } from './abi'
import { emit, poolOf, poolSeed, seedOf } from './seeds'
import { initialState } from './state'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** topic0 → decoder of every configuration event we read. */
export const CONFIG_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [CONFIGURATOR.ReserveInitialized, reserveInitialized],
  [CONFIGURATOR.CollateralConfigurationChanged, collateralConfigurationChanged],
  [CONFIGURATOR.EModeCategoryAdded, eModeCategoryAdded],
  [CONFIGURATOR.EModeAssetCategoryChanged, eModeAssetCategoryChanged],
  [CONFIGURATOR.ReserveDropped, reserveDropped],
  [ORACLE.AssetSourceUpdated, assetSourceUpdated],
  ...[...RESERVE_FIELD.keys()].map((topic): [Hex, Decoder] => [topic, reserveField]),
])

/** ReserveInitialized(asset indexed, aToken indexed, stableDebtToken, variableDebtToken, strategy) */
function reserveInitialized(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveInitialized', 3, 3)
  const [asset, aToken] = [topicAddress(log, 1), topicAddress(log, 2)]
  const [stableDebtToken, variableDebtToken] = [wordAddress(log, 0), wordAddress(log, 1)]
  const pool = poolOf(log, context, 'poolConfigurator')
  if (pool === undefined) return NOTHING
  const market = seedOf(pool, asset, context)
  const tokens = { aToken, stableDebtToken, variableDebtToken }
  const announced = initialState(market)
  context.markets.add({ ...announced, state: { ...announced.state, ...tokens } }, emittersOf(tokens))
  return emit(log, { name: 'reserveInitialized', market, ...tokens })
}

/** CollateralConfigurationChanged(asset indexed, ltv, liquidationThreshold, liquidationBonus) */
function collateralConfigurationChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'CollateralConfigurationChanged', 2, 3)
  const changes = {
    ltvBps: Number(wordUint(log, 0, 16)),
    liquidationThresholdBps: Number(wordUint(log, 1, 16)),
    liquidationBonusBps: Number(wordUint(log, 2, 16)),
  }
  return configured(log, context, topicAddress(log, 1), changes)
}

/** EModeAssetCategoryChanged(asset indexed, oldCategoryId, newCategoryId), up to v3.1 */
function eModeAssetCategoryChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'EModeAssetCategoryChanged', 2, 2)
  return configured(log, context, topicAddress(log, 1), { eModeCategory: Number(wordUint(log, 1, 8)) })
}

function reserveDropped(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveDropped', 2, 0)
  return configured(log, context, topicAddress(log, 1), { listed: false })
}

function reserveField(log: RawLog, context: DecodeContext): Decoded {
  const rule = RESERVE_FIELD.get(log.topics[0] as Hex)
  if (rule === undefined) return NOTHING
  expectShape(log, rule.field, 2, rule.word + 1)
  const value = rule.bool ? wordBool(log, rule.word) : wordUint(log, rule.word)
  const stored =
    typeof value === 'boolean' ? value : rule.field.endsWith('Bps') ? Number(value) : value.toString()
  return configured(log, context, topicAddress(log, 1), { [rule.field]: stored })
}

/** EModeCategoryAdded(categoryId indexed, ltv, liquidationThreshold, liquidationBonus, oracle, label) */
function eModeCategoryAdded(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'EModeCategoryAdded', 2, 5)
  const key = `eMode${topicUint(log, 1, 8)}`
  const changes = {
    [`${key}LtvBps`]: Number(wordUint(log, 0, 16)),
    [`${key}LiquidationThresholdBps`]: Number(wordUint(log, 1, 16)),
    [`${key}LiquidationBonusBps`]: Number(wordUint(log, 2, 16)),
    [`${key}PriceSource`]: wordAddress(log, 3),
  }
  const pool = poolOf(log, context, 'poolConfigurator')
  const market = pool && poolSeed(pool, context)
  return market?.complete ? emit(log, { name: 'configured', market, changes }) : NOTHING
}

/** AssetSourceUpdated(asset indexed, source indexed) */
function assetSourceUpdated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'AssetSourceUpdated', 3, 0)
  const [asset, source] = [topicAddress(log, 1), topicAddress(log, 2)]
  const pool = poolOf(log, context, 'oracle')
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'priceSource', market: seedOf(pool, asset, context), source })
}

/** The emitters of a reserve's token events. */
export function emittersOf(tokens: Readonly<Record<string, unknown>>): { address: Hex; role: string }[] {
  return ['aToken', 'stableDebtToken', 'variableDebtToken'].flatMap((role) => {
    const address = tokens[role]
    return typeof address === 'string' && !/^0x0*$/.test(address) ? [{ address: address as Hex, role }] : []
  })
}

function configured(
  log: RawLog,
  context: DecodeContext,
  asset: Hex,
  changes: Record<string, string | number | boolean>,
): Decoded {
  const pool = poolOf(log, context, 'poolConfigurator')
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'configured', market: seedOf(pool, asset, context), changes })
}
