/**
 * How a pool's reserves are set up: announced, their parameters, their place in e-modes, price sources. Believed only
 * from the configurator and the oracle that the chain file links to a listed pool. What Aave V2 says in the same words
 * is read here for both.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordAddress, wordBool, wordCount, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { CONFIGURATOR, ORACLE, RESERVE_FIELD } from './abi'
import type { AaveProtocol } from './events'
import { emit, poolOf, seedOf } from './seeds'
import { initialState } from './state'

export type Decoder = (log: RawLog, context: DecodeContext) => Decoded
type Changes = Record<string, string | number | boolean>

/** topic0 → decoder of the events that both protocols word alike. */
export function commonConfigDecoders(protocol: AaveProtocol): [Hex, Decoder][] {
  const upgrades = [
    CONFIGURATOR.ATokenUpgraded,
    CONFIGURATOR.StableDebtTokenUpgraded,
    CONFIGURATOR.VariableDebtTokenUpgraded,
  ]
  return [
    [CONFIGURATOR.ReserveInitialized, (log, context) => reserveInitialized(log, context, protocol)],
    [
      CONFIGURATOR.CollateralConfigurationChanged,
      (log, context) => collateralConfigurationChanged(log, context, protocol),
    ],
    [ORACLE.AssetSourceUpdated, (log, context) => assetSourceUpdated(log, context, protocol)],
    ...upgrades.map((topic): [Hex, Decoder] => [
      topic,
      (log, context) => tokenUpgraded(log, context, protocol),
    ]),
  ]
}

/** topic0 → decoder of every event about a reserve's configuration that V3 emits. */
export const CONFIG_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  ...commonConfigDecoders('aave-v3'),
  [CONFIGURATOR.EModeAssetCategoryChanged, eModeAssetCategoryChanged],
  [CONFIGURATOR.AssetCollateralInEModeChanged, (log, context) => inEMode(log, context, 'Collateral')],
  [CONFIGURATOR.AssetBorrowableInEModeChanged, (log, context) => inEMode(log, context, 'Borrowable')],
  [CONFIGURATOR.AssetLtvzeroInEModeChanged, (log, context) => inEMode(log, context, 'LtvZero')],
  [CONFIGURATOR.BorrowableInIsolationChanged, borrowableInIsolationChanged],
  [CONFIGURATOR.ReserveInterestRateDataChanged, rateDataChanged],
  [CONFIGURATOR.ReserveInterestRateStrategyChanged, rateStrategyChanged],
  [CONFIGURATOR.LiquidationGracePeriodDisabled, gracePeriodDisabled],
  [CONFIGURATOR.ReserveDropped, reserveDropped],
  ...[...RESERVE_FIELD.keys()].map((topic): [Hex, Decoder] => [topic, reserveField]),
])

/** ReserveInitialized(asset indexed, aToken indexed, stableDebtToken, variableDebtToken, strategy) */
function reserveInitialized(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  expectShape(log, 'ReserveInitialized', 3, 3)
  const [asset, aToken] = [topicAddress(log, 1), topicAddress(log, 2)]
  const [stableDebtToken, variableDebtToken] = [wordAddress(log, 0), wordAddress(log, 1)]
  const pool = poolOf(log, context, protocol, 'poolConfigurator')
  if (pool === undefined) return NOTHING
  const market = seedOf(pool, asset, context)
  const tokens = { aToken, stableDebtToken, variableDebtToken }
  const announced = initialState(market)
  context.markets.add({ ...announced, state: { ...announced.state, ...tokens } }, emittersOf(tokens))
  return emit(log, { name: 'reserveInitialized', market, ...tokens })
}

/** CollateralConfigurationChanged(asset indexed, ltv, liquidationThreshold, liquidationBonus) */
function collateralConfigurationChanged(
  log: RawLog,
  context: DecodeContext,
  protocol: AaveProtocol,
): Decoded {
  expectShape(log, 'CollateralConfigurationChanged', 2, 3)
  const changes = {
    ltvBps: Number(wordUint(log, 0, 16)),
    liquidationThresholdBps: Number(wordUint(log, 1, 16)),
    liquidationBonusBps: Number(wordUint(log, 2, 16)),
  }
  return configured(log, context, topicAddress(log, 1), changes, protocol)
}

/** AssetSourceUpdated(asset indexed, source indexed) */
function assetSourceUpdated(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  expectShape(log, 'AssetSourceUpdated', 3, 0)
  const [asset, source] = [topicAddress(log, 1), topicAddress(log, 2)]
  const pool = poolOf(log, context, protocol, 'oracle')
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'priceSource', market: seedOf(pool, asset, context), source })
}

/**
 * {AToken,StableDebtToken,VariableDebtToken}Upgraded(asset indexed, proxy indexed, implementation indexed): which
 * arithmetic the new code has is not told, so the reserve is incomplete from here on.
 */
function tokenUpgraded(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  expectShape(log, 'token upgrade', 4, 0)
  const asset = topicAddress(log, 1)
  const pool = poolOf(log, context, protocol, 'poolConfigurator')
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'upgraded', market: seedOf(pool, asset, context) })
}

/** EModeAssetCategoryChanged(asset indexed, oldCategoryId, newCategoryId), up to v3.1 */
function eModeAssetCategoryChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'EModeAssetCategoryChanged', 2, 2)
  return configured(log, context, topicAddress(log, 1), { eModeCategory: Number(wordUint(log, 1, 8)) })
}

/** Asset{Collateral,Borrowable,Ltvzero}InEModeChanged(asset indexed, categoryId, allowed), from v3.2 and v3.6 */
function inEMode(log: RawLog, context: DecodeContext, list: string): Decoded {
  expectShape(log, `Asset${list}InEModeChanged`, 2, 2)
  const field = `eMode${list}${wordUint(log, 0, 8)}`
  return configured(log, context, topicAddress(log, 1), { [field]: wordBool(log, 1) })
}

/** BorrowableInIsolationChanged(asset, borrowable): nothing indexed */
function borrowableInIsolationChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BorrowableInIsolationChanged', 1, 2)
  return configured(log, context, wordAddress(log, 0), { borrowableInIsolation: wordBool(log, 1) })
}

/**
 * ReserveInterestRateDataChanged(asset indexed, strategy indexed, data): the strategy of v3.1 and later takes four
 * words in basis points, optimal usage, base rate and the two slopes; of another strategy only its address is kept.
 */
function rateDataChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveInterestRateDataChanged', 3, 2)
  const asset = topicAddress(log, 1)
  const changes: Changes = { rateStrategy: topicAddress(log, 2) }
  if (wordUint(log, 0) === 32n && wordUint(log, 1) === 128n && wordCount(log) >= 6) {
    const names = ['optimalUsageBps', 'baseRateBps', 'slope1Bps', 'slope2Bps']
    for (const [index, name] of names.entries()) changes[name] = Number(wordUint(log, 2 + index, 32))
  }
  return configured(log, context, asset, changes)
}

/** ReserveInterestRateStrategyChanged(asset indexed, oldStrategy, newStrategy) */
function rateStrategyChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveInterestRateStrategyChanged', 2, 2)
  return configured(log, context, topicAddress(log, 1), { rateStrategy: wordAddress(log, 1) })
}

function gracePeriodDisabled(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'LiquidationGracePeriodDisabled', 2, 0)
  return configured(log, context, topicAddress(log, 1), { liquidationGraceUntilSec: '0' })
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

/** The emitters of a reserve's token events. */
export function emittersOf(tokens: Readonly<Record<string, unknown>>): { address: Hex; role: string }[] {
  return ['aToken', 'stableDebtToken', 'variableDebtToken'].flatMap((role) => {
    const address = tokens[role]
    return typeof address === 'string' && !/^0x0*$/.test(address) ? [{ address: address as Hex, role }] : []
  })
}

/** New fields of a reserve, from the listed configurator. */
export function configured(
  log: RawLog,
  context: DecodeContext,
  asset: Hex,
  changes: Changes,
  protocol: AaveProtocol = 'aave-v3',
): Decoded {
  const pool = poolOf(log, context, protocol, 'poolConfigurator')
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'configured', market: seedOf(pool, asset, context), changes })
}
