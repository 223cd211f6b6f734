/**
 * Events of a reserve's tokens: scaled balances that change hands, and the decimals they are set up with. Believed of
 * tokens that a listed configurator announced; the set-up, which comes first, of those that it must have created.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { SCALED_TOKEN, TOKEN } from './abi'
import type { Decoder } from './decode-config'
import type { AaveProtocol, MarketSeed } from './events'
import { emit, linkedTo, listedPool, seedOf } from './seeds'
import { couldHaveMade } from './token-birth'

/** topic0 → decoder of every event of V3's tokens. */
export const TOKEN_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [SCALED_TOKEN.Mint, (log, context) => scaledChange(log, context, 1n)],
  [SCALED_TOKEN.Burn, (log, context) => scaledChange(log, context, -1n)],
  [SCALED_TOKEN.BalanceTransfer, balanceTransfer],
  [SCALED_TOKEN.StableMint, stableDebt],
  [SCALED_TOKEN.StableBurn, stableDebt],
  ...initializedDecoders('aave-v3'),
])

/**
 * Initialized(underlyingAsset indexed, pool indexed, [treasury,] incentivesController, decimals, name, symbol, params):
 * an aToken's has the treasury, a debt token's has not.
 */
export function initializedDecoders(protocol: AaveProtocol): [Hex, Decoder][] {
  return [
    [TOKEN.AToken, (log, context) => initialized(log, context, protocol, 2)],
    [TOKEN.DebtToken, (log, context) => initialized(log, context, protocol, 1)],
  ]
}

function initialized(
  log: RawLog,
  context: DecodeContext,
  protocol: AaveProtocol,
  decimalsWord: number,
): Decoded {
  expectShape(log, 'Initialized', 3, decimalsWord + 1)
  const [asset, decimals] = [topicAddress(log, 1), Number(wordUint(log, decimalsWord, 8))]
  const pool = listedPool(topicAddress(log, 2), context, protocol)
  const configurator = pool && linkedTo(pool, context, 'poolConfigurator')
  if (pool === undefined || configurator === undefined) return NOTHING
  if (!couldHaveMade(configurator.address, log.address)) return NOTHING
  return emit(log, { name: 'tokenInitialized', market: seedOf(pool, asset, context), decimals })
}

/** Mint(caller indexed, onBehalfOf indexed, value, balanceIncrease, index); Burn(from indexed, target indexed, …) */
function scaledChange(log: RawLog, context: DecodeContext, sign: 1n | -1n): Decoded {
  expectShape(log, sign > 0n ? 'Mint' : 'Burn', 3, 3)
  const [value, balanceIncrease, indexRay] = [wordUint(log, 0), wordUint(log, 1), wordUint(log, 2)]
  const account = topicAddress(log, sign > 0n ? 2 : 1)
  const found = tokenMarket(log, context, 'aave-v3')
  if (found === undefined || found.role === 'stableDebtToken' || indexRay === 0n) return NOTHING
  const deltaBase = sign > 0n ? value - balanceIncrease : -(value + balanceIncrease)
  const side = found.role === 'aToken' ? 'supply' : 'debt'
  return emit(log, { name: 'scaledChange', market: found.seed, side, account, deltaBase, indexRay })
}

/** BalanceTransfer(from indexed, to indexed, value (already scaled), index), by aTokens only */
function balanceTransfer(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BalanceTransfer', 3, 2)
  const parties = { from: topicAddress(log, 1), to: topicAddress(log, 2), scaled: wordUint(log, 0) }
  const found = tokenMarket(log, context, 'aave-v3')
  if (found?.role !== 'aToken') return NOTHING
  return emit(log, { name: 'scaledTransfer', market: found.seed, ...parties })
}

/** Stable debt: Mint(user indexed, onBehalfOf indexed, six words); Burn(from indexed, five words) */
function stableDebt(log: RawLog, context: DecodeContext): Decoded {
  const mint = log.topics[0] === SCALED_TOKEN.StableMint
  expectShape(log, mint ? 'stable Mint' : 'stable Burn', mint ? 3 : 2, mint ? 6 : 5)
  const account = topicAddress(log, mint ? 2 : 1)
  const found = tokenMarket(log, context, 'aave-v3')
  if (found?.role !== 'stableDebtToken') return NOTHING
  return emit(log, { name: 'stableDebt', market: found.seed, account })
}

/** The reserve that an announced token belongs to, and which of its tokens it is. */
export function tokenMarket(
  log: RawLog,
  context: DecodeContext,
  protocol: AaveProtocol,
): { seed: MarketSeed; role: string } | undefined {
  const found = context.markets.byEmitter(log.address)
  if (found?.market.protocol !== protocol) return undefined
  const pool = listedPool(found.market.pool, context, protocol)
  return pool && { seed: seedOf(pool, found.market.asset, context), role: found.role }
}
