/**
 * What holds for a whole Aave pool, kept in the pool's own row: e-mode categories, premiums of flash loans, the unit
 * its oracle reckons in, and whether it still reads the oracle that the chain file lists.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicUint, wordAddress, wordBool, wordUint } from '../log-shape'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { CONFIGURATOR, ORACLE, PROVIDER } from './abi'
import type { Decoder } from './decode-config'
import type { AaveProtocol } from './events'
import { linkedTo, poolChanged, poolOf } from './seeds'

/** topic0 → decoder of every V3 event about the pool as a whole. */
export const POOL_CONFIG_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [CONFIGURATOR.EModeCategoryAdded, eModeCategoryAdded],
  [CONFIGURATOR.EModeCategoryIsolationChanged, eModeIsolationChanged],
  [CONFIGURATOR.FlashloanPremiumTotalUpdated, (log, context) => premium(log, context, 'flashLoanPremiumBps')],
  [
    CONFIGURATOR.FlashloanPremiumToProtocolUpdated,
    (log, context) => premium(log, context, 'flashLoanPremiumToProtocolBps'),
  ],
  [ORACLE.BaseCurrencySet, (log, context) => baseCurrencySet(log, context, 'aave-v3')],
  [PROVIDER.PriceOracleUpdated, priceOracleUpdated],
])

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
  return poolChanged(log, context, poolOf(log, context, 'aave-v3', 'poolConfigurator'), changes)
}

/** EModeCategoryIsolationChanged(categoryId indexed, isolated), from v3.7 */
function eModeIsolationChanged(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'EModeCategoryIsolationChanged', 2, 1)
  const changes = { [`eMode${topicUint(log, 1, 8)}Isolated`]: wordBool(log, 0) }
  return poolChanged(log, context, poolOf(log, context, 'aave-v3', 'poolConfigurator'), changes)
}

/** FlashloanPremium{Total,ToProtocol}Updated(old, new) */
function premium(log: RawLog, context: DecodeContext, field: string): Decoded {
  expectShape(log, 'FlashloanPremiumUpdated', 1, 2)
  const changes = { [field]: Number(wordUint(log, 1, 128)) }
  return poolChanged(log, context, poolOf(log, context, 'aave-v3', 'poolConfigurator'), changes)
}

/** BaseCurrencySet(baseCurrency indexed, baseCurrencyUnit), from the oracle's constructor; the zero address is USD */
export function baseCurrencySet(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  expectShape(log, 'BaseCurrencySet', 2, 1)
  const [currency, unit] = [topicAddress(log, 1), wordUint(log, 0)]
  const changes = { baseAsset: /^0x0*$/.test(currency) ? null : currency, baseUnit: unit.toString() }
  return poolChanged(log, context, poolOf(log, context, protocol, 'oracle'), changes)
}

/** PriceOracleUpdated(oldAddress indexed, newAddress indexed) of the addresses provider */
function priceOracleUpdated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PriceOracleUpdated', 3, 0)
  return oracleReplaced(log, context, topicAddress(log, 2), 'aave-v3')
}

/** Notes whether the oracle that the pool reads from here on is the listed one. */
export function oracleReplaced(
  log: RawLog,
  context: DecodeContext,
  oracle: Hex,
  protocol: AaveProtocol,
): Decoded {
  const pool = poolOf(log, context, protocol, 'addressesProvider')
  const listed = pool && linkedTo(pool, context, 'oracle')
  return poolChanged(log, context, pool, { oracleListed: listed?.address === oracle })
}
