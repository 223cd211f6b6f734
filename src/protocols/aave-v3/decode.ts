/**
 * Aave V3 logs → lending facts, flash loans and events for the fold.
 *
 * The pool, its configurator and its oracle are believed when the chain file lists them; aTokens and debt tokens when
 * a listed configurator announced them. A pool event of anyone else becomes an unverified fact and moves nothing.
 * Withdraw, LiquidationCall, ReserveDataUpdated and the collateral switches are the same events in Aave V2; a log of
 * a listed V2 pool is left to that protocol.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { POOL, SCALED_TOKEN } from './abi'
import { CONFIG_DECODERS } from './decode-config'
import type { MarketSeed } from './events'
import { emit, poolSeed, seedOf } from './seeds'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded
type LendingKind = Extract<Fact, { table: 'lending_event' }>['kind']

/** Decodes one log whose topic0 is in `AAVE_V3_TOPICS`. Throws UndecodableLog when it does not fit its event. */
export function decodeAaveV3(log: RawLog, context: DecodeContext): Decoded {
  const decoder = DECODERS.get(log.topics[0] as Hex)
  return decoder === undefined ? NOTHING : decoder(log, context)
}

const DECODERS = new Map<Hex, Decoder>([
  [
    POOL.Supply,
    (log, context) =>
      lending(log, context, 'Supply', 'supply', {
        account: 'topic2',
        by: 'word0',
        amountWord: 1,
        shape: [4, 2],
      }),
  ],
  [
    POOL.Withdraw,
    (log, context) =>
      lending(log, context, 'Withdraw', 'withdraw', {
        account: 'topic2',
        by: 'topic2',
        amountWord: 0,
        shape: [4, 1],
      }),
  ],
  [
    POOL.Borrow,
    (log, context) =>
      lending(log, context, 'Borrow', 'borrow', {
        account: 'topic2',
        by: 'word0',
        amountWord: 1,
        shape: [4, 4],
      }),
  ],
  [
    POOL.Repay,
    (log, context) =>
      lending(log, context, 'Repay', 'repay', {
        account: 'topic2',
        by: 'topic3',
        amountWord: 0,
        shape: [4, 2],
      }),
  ],
  [POOL.LiquidationCall, liquidationCall],
  [POOL.FlashLoan, flashLoan],
  [POOL.ReserveDataUpdated, reserveDataUpdated],
  [POOL.CollateralEnabled, (log, context) => collateral(log, context, true)],
  [POOL.CollateralDisabled, (log, context) => collateral(log, context, false)],
  [POOL.UserEModeSet, userEModeSet],
  [POOL.Upgraded, upgraded],
  [SCALED_TOKEN.Mint, (log, context) => scaledChange(log, context, 1n)],
  [SCALED_TOKEN.Burn, (log, context) => scaledChange(log, context, -1n)],
  [SCALED_TOKEN.BalanceTransfer, balanceTransfer],
  [SCALED_TOKEN.StableMint, stableDebt],
  [SCALED_TOKEN.StableBurn, stableDebt],
  ...CONFIG_DECODERS,
])

export const AAVE_V3_TOPICS: readonly Hex[] = [...DECODERS.keys()]

interface LendingLayout {
  account: 'topic2'
  by: 'word0' | 'topic2' | 'topic3'
  amountWord: number
  shape: [topics: number, words: number]
}

function lending(
  log: RawLog,
  context: DecodeContext,
  name: string,
  kind: LendingKind,
  layout: LendingLayout,
): Decoded {
  if (ofAaveV2(log, context)) return NOTHING
  expectShape(log, name, ...layout.shape)
  const account = topicAddress(log, 2)
  const by =
    layout.by === 'word0' ? wordAddress(log, 0) : layout.by === 'topic2' ? account : topicAddress(log, 3)
  const fact = lendingFact(log, context, { kind, account, initiator: by, asset: topicAddress(log, 1) })
  return { facts: [{ ...fact, amount: wordUint(log, layout.amountWord) }], events: [] }
}

/** LiquidationCall(collateralAsset indexed, debtAsset indexed, user indexed, debtToCover, seized, liquidator, receiveAToken) */
function liquidationCall(log: RawLog, context: DecodeContext): Decoded {
  if (ofAaveV2(log, context)) return NOTHING
  expectShape(log, 'LiquidationCall', 4, 4)
  const parties = { account: topicAddress(log, 3), initiator: wordAddress(log, 2) }
  const fact = lendingFact(log, context, { kind: 'liquidation', ...parties, asset: topicAddress(log, 2) })
  const seized = { collateralAsset: topicAddress(log, 1), collateralAmount: wordUint(log, 1) }
  return { facts: [{ ...fact, amount: wordUint(log, 0), ...seized }], events: [] }
}

/** FlashLoan(target indexed, initiator, asset indexed, amount, interestRateMode, premium, referralCode indexed) */
function flashLoan(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'FlashLoan', 4, 4)
  const fact: Fact = {
    table: 'flash_loan',
    protocol: 'aave-v3',
    subIndex: 0,
    verified: listedAs(log, context, 'aave-v3', 'pool') !== undefined,
    initiator: wordAddress(log, 0),
    receiver: topicAddress(log, 1),
    asset: topicAddress(log, 2),
    amount: wordUint(log, 1),
    premium: wordUint(log, 3),
  }
  return { facts: [fact], events: [] }
}

/** ReserveDataUpdated(reserve indexed, liquidityRate, stableRate, variableRate, liquidityIndex, variableBorrowIndex) */
function reserveDataUpdated(log: RawLog, context: DecodeContext): Decoded {
  if (ofAaveV2(log, context)) return NOTHING
  expectShape(log, 'ReserveDataUpdated', 2, 5)
  const asset = topicAddress(log, 1)
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  if (pool === undefined) return NOTHING
  const changes = {
    liquidityRateRay: wordUint(log, 0).toString(),
    variableBorrowRateRay: wordUint(log, 2).toString(),
    liquidityIndexRay: wordUint(log, 3).toString(),
    borrowIndexRay: wordUint(log, 4).toString(),
    lastUpdateSec: log.block.timestampSec,
  }
  return emit(log, { name: 'reserveData', market: seedOf(pool, asset, context), changes })
}

/** ReserveUsedAsCollateral{Enabled,Disabled}(reserve indexed, user indexed) */
function collateral(log: RawLog, context: DecodeContext, enabled: boolean): Decoded {
  if (ofAaveV2(log, context)) return NOTHING
  expectShape(log, 'ReserveUsedAsCollateral', 3, 0)
  const [asset, account] = [topicAddress(log, 1), topicAddress(log, 2)]
  const kind = enabled ? 'collateralOn' : 'collateralOff'
  const fact = lendingFact(log, context, { kind, account, initiator: account, asset })
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  if (pool === undefined) return { facts: [fact], events: [] }
  const { events } = emit(log, { name: 'collateral', market: seedOf(pool, asset, context), account, enabled })
  return { facts: [fact], events }
}

/** UserEModeSet(user indexed, categoryId); not kept for a pool whose positions are incomplete anyway */
function userEModeSet(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'UserEModeSet', 2, 1)
  const [account, category] = [topicAddress(log, 1), Number(wordUint(log, 0, 8))]
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  const market = pool && poolSeed(pool, context)
  return market?.complete ? emit(log, { name: 'userEMode', market, account, category }) : NOTHING
}

/** Upgraded(implementation indexed) of a listed pool; everyone else's is the admin decoder's alone. */
function upgraded(log: RawLog, context: DecodeContext): Decoded {
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  const market = pool && poolSeed(pool, context)
  return market?.complete ? emit(log, { name: 'upgraded', market }) : NOTHING
}

/** Mint(caller indexed, onBehalfOf indexed, value, balanceIncrease, index); Burn(from indexed, target indexed, …) */
function scaledChange(log: RawLog, context: DecodeContext, sign: 1n | -1n): Decoded {
  expectShape(log, sign > 0n ? 'Mint' : 'Burn', 3, 3)
  const [value, balanceIncrease, indexRay] = [wordUint(log, 0), wordUint(log, 1), wordUint(log, 2)]
  const account = topicAddress(log, sign > 0n ? 2 : 1)
  const found = tokenMarket(log, context)
  if (found === undefined || found.role === 'stableDebtToken' || indexRay === 0n) return NOTHING
  const deltaBase = sign > 0n ? value - balanceIncrease : -(value + balanceIncrease)
  const side = found.role === 'aToken' ? 'supply' : 'debt'
  return emit(log, { name: 'scaledChange', market: found.seed, side, account, deltaBase, indexRay })
}

/** BalanceTransfer(from indexed, to indexed, value (already scaled), index), by aTokens only */
function balanceTransfer(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BalanceTransfer', 3, 2)
  const parties = { from: topicAddress(log, 1), to: topicAddress(log, 2), scaled: wordUint(log, 0) }
  const found = tokenMarket(log, context)
  if (found?.role !== 'aToken') return NOTHING
  return emit(log, { name: 'scaledTransfer', market: found.seed, ...parties })
}

/** Stable debt: Mint(user indexed, onBehalfOf indexed, six words); Burn(from indexed, five words) */
function stableDebt(log: RawLog, context: DecodeContext): Decoded {
  const mint = log.topics[0] === SCALED_TOKEN.StableMint
  expectShape(log, mint ? 'stable Mint' : 'stable Burn', mint ? 3 : 2, mint ? 6 : 5)
  const account = topicAddress(log, mint ? 2 : 1)
  const found = tokenMarket(log, context)
  if (found?.role !== 'stableDebtToken') return NOTHING
  return emit(log, { name: 'stableDebt', market: found.seed, account })
}

function ofAaveV2(log: RawLog, context: DecodeContext): boolean {
  return context.listed(log.address)?.protocol === 'aave-v2'
}

function tokenMarket(log: RawLog, context: DecodeContext): { seed: MarketSeed; role: string } | undefined {
  const found = context.markets.byEmitter(log.address)
  if (found === undefined || found.market.protocol !== 'aave-v3') return undefined
  const pool = context.listed(found.market.pool)
  return pool && { seed: seedOf(pool, found.market.asset, context), role: found.role }
}

function lendingFact(
  log: RawLog,
  context: DecodeContext,
  what: { kind: LendingKind; account: Hex; initiator: Hex; asset: Hex },
): Extract<Fact, { table: 'lending_event' }> {
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  return {
    table: 'lending_event',
    protocol: 'aave-v3',
    subIndex: 0,
    verified: pool !== undefined,
    ...what,
    pool: pool?.address ?? null,
    amount: 0n,
    collateralAsset: null,
    collateralAmount: null,
  }
}
