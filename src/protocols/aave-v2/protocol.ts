/**
 * Aave V2 lending pools: facts only (health needs state that began long before any coverage).
 *
 * Withdraw, LiquidationCall and the collateral switches are word for word those of V3. They are read here when the
 * chain file lists the emitter as a V2 pool, and by Aave V3's decoder otherwise, so that a log never counts twice.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, Protocol, RawLog } from '../types'

const DEPOSIT = topicOf('Deposit(address,address,address,uint256,uint16)')
const BORROW = topicOf('Borrow(address,address,address,uint256,uint256,uint256,uint16)')
const REPAY = topicOf('Repay(address,address,address,uint256)')
const FLASH_LOAN = topicOf('FlashLoan(address,address,address,uint256,uint256,uint16)')
const WITHDRAW = topicOf('Withdraw(address,address,address,uint256)')
const LIQUIDATION_CALL = topicOf('LiquidationCall(address,address,address,uint256,uint256,address,bool)')
const COLLATERAL_ENABLED = topicOf('ReserveUsedAsCollateralEnabled(address,address)')
const COLLATERAL_DISABLED = topicOf('ReserveUsedAsCollateralDisabled(address,address)')

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'asset' | 'amount'> & Partial<LendingFact>

const EFFECTS: Readonly<Record<Hex, (log: RawLog) => Effect>> = {
  /** Deposit(reserve indexed, user, onBehalfOf indexed, amount, referral indexed) */
  [DEPOSIT]: (log) => {
    expectShape(log, 'Deposit', 4, 2)
    return { kind: 'supply', ...party(log, 2, wordAddress(log, 0)), amount: wordUint(log, 1) }
  },
  /** Borrow(reserve indexed, user, onBehalfOf indexed, amount, rateMode, rate, referral indexed) */
  [BORROW]: (log) => {
    expectShape(log, 'Borrow', 4, 4)
    return { kind: 'borrow', ...party(log, 2, wordAddress(log, 0)), amount: wordUint(log, 1) }
  },
  /** Repay(reserve indexed, user indexed, repayer indexed, amount) */
  [REPAY]: (log) => {
    expectShape(log, 'Repay', 4, 1)
    return { kind: 'repay', ...party(log, 2, topicAddress(log, 3)), amount: wordUint(log, 0) }
  },
  /** Withdraw(reserve indexed, user indexed, to indexed, amount) */
  [WITHDRAW]: (log) => {
    expectShape(log, 'Withdraw', 4, 1)
    return { kind: 'withdraw', ...party(log, 2, topicAddress(log, 2)), amount: wordUint(log, 0) }
  },
  /** LiquidationCall(collateral indexed, debt indexed, user indexed, debtToCover, seized, liquidator, receiveAToken) */
  [LIQUIDATION_CALL]: (log) => {
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
  [COLLATERAL_ENABLED]: (log) => collateralSwitch(log, 'collateralOn'),
  [COLLATERAL_DISABLED]: (log) => collateralSwitch(log, 'collateralOff'),
}

const SHARED_WITH_V3 = new Set<Hex>([WITHDRAW, LIQUIDATION_CALL, COLLATERAL_ENABLED, COLLATERAL_DISABLED])

function decode(log: RawLog, context: DecodeContext): Decoded {
  const topic0 = log.topics[0] as Hex
  const pool = listedAs(log, context, 'aave-v2', 'pool')
  if (pool === undefined && SHARED_WITH_V3.has(topic0)) return NOTHING
  const common = { protocol: 'aave-v2', subIndex: 0, verified: pool !== undefined } as const
  if (topic0 === FLASH_LOAN)
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
  return { facts: [fact], events: [] }
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

export const aaveV2: Protocol = {
  name: 'aave-v2',
  decoderVersion: 1,
  topics: [...(Object.keys(EFFECTS) as Hex[]), FLASH_LOAN],
  anyEmitter: true,
  decode,
}
