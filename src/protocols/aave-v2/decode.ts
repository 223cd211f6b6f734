/**
 * Aave V2 logs → lending facts, flash loans and events for the fold that V3 shares.
 *
 * Withdraw, LiquidationCall and the collateral switches are word for word those of V3. They are read here when the
 * chain file lists the emitter as a V2 pool, and by Aave V3's decoder otherwise, so that a log never counts twice.
 */
import type { Hex } from '../../chains/types'
import { POOL as COMMON } from '../aave-v3/abi'
import { reserveDataUpdated, upgraded } from '../aave-v3/decode'
import type { Decoder } from '../aave-v3/decode-config'
import { emit, seedOf } from '../aave-v3/seeds'
import { expectShape, topicAddress, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { POOL } from './abi'
import { CONFIG_DECODERS } from './decode-config'
import { TOKEN_DECODERS } from './decode-tokens'

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'asset' | 'amount'> & Partial<LendingFact>

const EFFECTS: Readonly<Record<Hex, (log: RawLog) => Effect>> = {
  /** Deposit(reserve indexed, user, onBehalfOf indexed, amount, referral indexed) */
  [POOL.Deposit]: (log) => {
    expectShape(log, 'Deposit', 4, 2)
    return { kind: 'supply', ...party(log, 2, wordAddress(log, 0)), amount: wordUint(log, 1) }
  },
  /** Borrow(reserve indexed, user, onBehalfOf indexed, amount, rateMode, rate, referral indexed) */
  [POOL.Borrow]: (log) => {
    expectShape(log, 'Borrow', 4, 4)
    return { kind: 'borrow', ...party(log, 2, wordAddress(log, 0)), amount: wordUint(log, 1) }
  },
  /** Repay(reserve indexed, user indexed, repayer indexed, amount) */
  [POOL.Repay]: (log) => {
    expectShape(log, 'Repay', 4, 1)
    return { kind: 'repay', ...party(log, 2, topicAddress(log, 3)), amount: wordUint(log, 0) }
  },
  /** Withdraw(reserve indexed, user indexed, to indexed, amount) */
  [COMMON.Withdraw]: (log) => {
    expectShape(log, 'Withdraw', 4, 1)
    return { kind: 'withdraw', ...party(log, 2, topicAddress(log, 2)), amount: wordUint(log, 0) }
  },
  /** LiquidationCall(collateral indexed, debt indexed, user indexed, debtToCover, seized, liquidator, receiveAToken) */
  [COMMON.LiquidationCall]: (log) => {
    expectShape(log, 'LiquidationCall', 4, 4)
    return {
      kind: 'liquidation',
      asset: topicAddress(log, 2),
      account: topicAddress(log, 3),
      initiator: wordAddress(log, 2),
      amount: wordUint(log, 0),
      collateralAsset: topicAddress(log, 1),
      collateralAmount: wordUint(log, 1),
    }
  },
  [COMMON.CollateralEnabled]: (log) => collateralSwitch(log, 'collateralOn'),
  [COMMON.CollateralDisabled]: (log) => collateralSwitch(log, 'collateralOff'),
}

const SHARED_WITH_V3 = new Set<Hex>([
  COMMON.Withdraw,
  COMMON.LiquidationCall,
  COMMON.CollateralEnabled,
  COMMON.CollateralDisabled,
])

const STATE_DECODERS = new Map<Hex, Decoder>([
  [COMMON.ReserveDataUpdated, (log, context) => reserveDataUpdated(log, context, 'aave-v2')],
  [COMMON.Upgraded, (log, context) => upgraded(log, context, 'aave-v2')],
  ...TOKEN_DECODERS,
  ...CONFIG_DECODERS,
])

export const AAVE_V2_TOPICS: readonly Hex[] = [
  ...(Object.keys(EFFECTS) as Hex[]),
  POOL.FlashLoan,
  ...STATE_DECODERS.keys(),
]

/** Decodes one log whose topic0 is in `AAVE_V2_TOPICS`. Throws UndecodableLog when it does not fit its event. */
export function decodeAaveV2(log: RawLog, context: DecodeContext): Decoded {
  const topic0 = log.topics[0] as Hex
  const decoder = STATE_DECODERS.get(topic0)
  if (decoder !== undefined) return decoder(log, context)
  const pool = listedAs(log, context, 'aave-v2', 'pool')
  if (pool === undefined && SHARED_WITH_V3.has(topic0)) return NOTHING
  const common = { protocol: 'aave-v2', subIndex: 0, verified: pool !== undefined } as const
  if (topic0 === POOL.FlashLoan)
    return { facts: [{ table: 'flash_loan', ...common, ...flashLoan(log) }], events: [] }
  const effect = EFFECTS[topic0]?.(log)
  if (effect === undefined) return NOTHING
  const nothingSeized = { collateralAsset: null, collateralAmount: null }
  const fact: Fact = {
    table: 'lending_event',
    ...common,
    pool: pool?.address ?? null,
    ...nothingSeized,
    ...effect,
  }
  const { kind, asset, account } = effect
  if (pool === undefined || (kind !== 'collateralOn' && kind !== 'collateralOff'))
    return { facts: [fact], events: [] }
  const market = seedOf(pool, asset, context)
  const { events } = emit(log, { name: 'collateral', market, account, enabled: kind === 'collateralOn' })
  return { facts: [fact], events }
}

/** FlashLoan(target indexed, initiator indexed, asset indexed, amount, premium, referralCode) */
function flashLoan(log: RawLog): {
  initiator: Hex
  receiver: Hex
  asset: Hex
  amount: bigint
  premium: bigint
} {
  expectShape(log, 'FlashLoan', 4, 3)
  return {
    receiver: topicAddress(log, 1),
    initiator: topicAddress(log, 2),
    asset: topicAddress(log, 3),
    amount: wordUint(log, 0),
    premium: wordUint(log, 1),
  }
}

/** ReserveUsedAsCollateral{Enabled,Disabled}(reserve indexed, user indexed) */
function collateralSwitch(log: RawLog, kind: 'collateralOn' | 'collateralOff'): Effect {
  expectShape(log, 'ReserveUsedAsCollateral', 3, 0)
  return { kind, ...party(log, 2, topicAddress(log, 2)), amount: 0n }
}

function party(
  log: RawLog,
  accountTopic: number,
  initiator: Hex,
): { asset: Hex; account: Hex; initiator: Hex } {
  return { asset: topicAddress(log, 1), account: topicAddress(log, accountTopic), initiator }
}
