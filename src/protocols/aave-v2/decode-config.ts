/** How a V2 pool's reserves are set up, where V3 says it in other words; the rest is commonConfigDecoders. */
import type { Hex } from '../../chains/types'
import { commonConfigDecoders, configured, type Decoder } from '../aave-v3/decode-config'
import { oracleReplaced } from '../aave-v3/decode-pool'
import { poolChanged, poolOf } from '../aave-v3/seeds'
import { expectShape, topicAddress, wordAddress, wordBool, wordUint } from '../log-shape'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { CONFIGURATOR, ORACLE, PROVIDER } from './abi'

/** topic0 → decoder of every event about a pool's or a reserve's configuration. */
export const CONFIG_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  ...commonConfigDecoders('aave-v2'),
  [CONFIGURATOR.BorrowingEnabled, borrowingEnabled],
  [CONFIGURATOR.BorrowingDisabled, flag('borrowingEnabled', false)],
  [CONFIGURATOR.ReserveActivated, flag('active', true)],
  [CONFIGURATOR.ReserveDeactivated, flag('active', false)],
  [CONFIGURATOR.ReserveFrozen, flag('frozen', true)],
  [CONFIGURATOR.ReserveUnfrozen, flag('frozen', false)],
  [CONFIGURATOR.ReserveFactorChanged, reserveFactorChanged],
  [CONFIGURATOR.RateStrategyChanged, rateStrategyChanged],
  [ORACLE.WethSet, wethSet],
  [PROVIDER.PriceOracleUpdated, priceOracleUpdated],
])

/** Event(asset indexed), whose name says it all */
function flag(field: 'borrowingEnabled' | 'active' | 'frozen', value: boolean): Decoder {
  return (log, context) => {
    expectShape(log, field, 2, 0)
    return configured(log, context, topicAddress(log, 1), { [field]: value }, 'aave-v2')
  }
}

/** BorrowingEnabledOnReserve(asset indexed, stableRateEnabled) */
function borrowingEnabled(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BorrowingEnabledOnReserve', 2, 1)
  wordBool(log, 0)
  return configured(log, context, topicAddress(log, 1), { borrowingEnabled: true }, 'aave-v2')
}

/** ReserveFactorChanged(asset indexed, factor) */
function reserveFactorChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveFactorChanged', 2, 1)
  const changes = { reserveFactorBps: Number(wordUint(log, 0, 16)) }
  return configured(log, context, topicAddress(log, 1), changes, 'aave-v2')
}

/** ReserveInterestRateStrategyChanged(asset indexed, strategy) */
function rateStrategyChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'ReserveInterestRateStrategyChanged', 2, 1)
  return configured(log, context, topicAddress(log, 1), { rateStrategy: wordAddress(log, 0) }, 'aave-v2')
}

/** WethSet(weth indexed), from the oracle's constructor: it reckons in ether, and that token is worth 1e18 always */
function wethSet(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'WethSet', 2, 0)
  const changes = { baseAsset: topicAddress(log, 1), baseUnit: (10n ** 18n).toString() }
  return poolChanged(log, context, poolOf(log, context, 'aave-v2', 'oracle'), changes)
}

/** PriceOracleUpdated(newAddress indexed) of the addresses provider */
function priceOracleUpdated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PriceOracleUpdated', 2, 0)
  return oracleReplaced(log, context, topicAddress(log, 1), 'aave-v2')
}
