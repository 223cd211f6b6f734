/**
 * Aave V3 logs → lending facts, flash loans and events for the fold.
 *
 * The pool, its configurator and its oracle are believed when the chain file lists them; aTokens and debt tokens when
 * a listed configurator announced them. A pool event of anyone else becomes an unverified fact and moves nothing.
 * Withdraw, LiquidationCall, ReserveDataUpdated and the collateral switches are the same events in Aave V2; a log of
 * a listed V2 pool is left to that protocol.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordAddress, wordBool, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { POOL } from './abi'
import { CONFIG_DECODERS, type Decoder } from './decode-config'
import { POOL_CONFIG_DECODERS } from './decode-pool'
import { TOKEN_DECODERS } from './decode-tokens'
import type { AaveProtocol } from './events'
import { emit, poolSeed, seedOf } from './seeds'

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
  [POOL.ReserveDataUpdated, (log, context) => reserveDataUpdated(log, context, 'aave-v3')],
  [POOL.CollateralEnabled, (log, context) => collateral(log, context, true)],
  [POOL.CollateralDisabled, (log, context) => collateral(log, context, false)],
  [POOL.UserEModeSet, userEModeSet],
  [POOL.Upgraded, (log, context) => upgraded(log, context, 'aave-v3')],
  [POOL.DeficitCreated, (log, context) => tallied(log, context, 'deficit', deficitCreated)],
  [POOL.DeficitCovered, (log, context) => tallied(log, context, 'deficit', deficitCovered)],
  [POOL.MintedToTreasury, (log, context) => tallied(log, context, 'mintedToTreasury', mintedToTreasury)],
  [POOL.IsolationModeTotalDebtUpdated, isolationModeTotalDebt],
  ...TOKEN_DECODERS,
  ...CONFIG_DECODERS,
  ...POOL_CONFIG_DECODERS,
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
  const asATokens = wordBool(log, 3)
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  const { events } =
    asATokens && pool
      ? emit(log, { name: 'seizedAsATokens', market: seedOf(pool, seized.collateralAsset, context) })
      : NOTHING
  return { facts: [{ ...fact, amount: wordUint(log, 0), ...seized }], events }
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
export function reserveDataUpdated(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  expectShape(log, 'ReserveDataUpdated', 2, 5)
  const asset = topicAddress(log, 1)
  const pool = listedAs(log, context, protocol, 'pool')
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
export function upgraded(log: RawLog, context: DecodeContext, protocol: AaveProtocol): Decoded {
  const pool = listedAs(log, context, protocol, 'pool')
  const market = pool && poolSeed(pool, context)
  return market?.complete ? emit(log, { name: 'upgraded', market }) : NOTHING
}

interface Amount {
  name: string
  shape: [topics: number, words: number]
  assetTopic: number
  amountWord: number
  sign: 1n | -1n
}

/** DeficitCreated(user indexed, debtAsset indexed, amount) */
const deficitCreated: Amount = {
  name: 'DeficitCreated',
  shape: [3, 1],
  assetTopic: 2,
  amountWord: 0,
  sign: 1n,
}
/** DeficitCovered(reserve indexed, caller, amount) */
const deficitCovered: Amount = {
  name: 'DeficitCovered',
  shape: [2, 2],
  assetTopic: 1,
  amountWord: 1,
  sign: -1n,
}
/** MintedToTreasury(reserve indexed, amount) */
const mintedToTreasury: Amount = {
  name: 'MintedToTreasury',
  shape: [2, 1],
  assetTopic: 1,
  amountWord: 0,
  sign: 1n,
}

function tallied(
  log: RawLog,
  context: DecodeContext,
  field: 'deficit' | 'mintedToTreasury',
  what: Amount,
): Decoded {
  expectShape(log, what.name, ...what.shape)
  const [asset, amount] = [topicAddress(log, what.assetTopic), wordUint(log, what.amountWord)]
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  if (pool === undefined) return NOTHING
  const market = seedOf(pool, asset, context)
  return emit(log, { name: 'tallied', market, field, delta: what.sign * amount })
}

/** IsolationModeTotalDebtUpdated(asset indexed, totalDebt), in units of two decimals, as the debt ceiling */
function isolationModeTotalDebt(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'IsolationModeTotalDebtUpdated', 2, 1)
  const [asset, total] = [topicAddress(log, 1), wordUint(log, 0)]
  const pool = listedAs(log, context, 'aave-v3', 'pool')
  if (pool === undefined) return NOTHING
  const changes = { isolationModeTotalDebt: total.toString() }
  return emit(log, { name: 'configured', market: seedOf(pool, asset, context), changes })
}

function ofAaveV2(log: RawLog, context: DecodeContext): boolean {
  return context.listed(log.address)?.protocol === 'aave-v2'
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
