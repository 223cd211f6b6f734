/**
 * Compound III comets: facts only.
 *
 * In a comet the base asset is one signed balance: Supply of it first repays, Withdraw beyond the balance borrows,
 * and the event does not tell which. They are recorded as supply and withdraw. The base asset is known where the
 * chain file names it (`links.base`), else the comet's own address stands for it.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, Protocol, RawLog } from '../types'

const SUPPLY = topicOf('Supply(address,address,uint256)')
const WITHDRAW = topicOf('Withdraw(address,address,uint256)')
const SUPPLY_COLLATERAL = topicOf('SupplyCollateral(address,address,address,uint256)')
const WITHDRAW_COLLATERAL = topicOf('WithdrawCollateral(address,address,address,uint256)')
const ABSORB_DEBT = topicOf('AbsorbDebt(address,address,uint256,uint256)')
const ABSORB_COLLATERAL = topicOf('AbsorbCollateral(address,address,address,uint256,uint256)')

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'amount'> & Partial<LendingFact>

const EFFECTS: Readonly<Record<Hex, (log: RawLog) => Effect>> = {
  /** Supply(from indexed, dst indexed, amount) */
  [SUPPLY]: (log) => {
    expectShape(log, 'Supply', 3, 1)
    return { kind: 'supply', ...parties(log, 2, 1), amount: wordUint(log, 0) }
  },
  /** Withdraw(src indexed, to indexed, amount) */
  [WITHDRAW]: (log) => {
    expectShape(log, 'Withdraw', 3, 1)
    topicAddress(log, 2)
    return { kind: 'withdraw', ...parties(log, 1, 1), amount: wordUint(log, 0) }
  },
  /** SupplyCollateral(from indexed, dst indexed, asset indexed, amount) */
  [SUPPLY_COLLATERAL]: (log) => {
    expectShape(log, 'SupplyCollateral', 4, 1)
    return { kind: 'supply', ...parties(log, 2, 1), asset: topicAddress(log, 3), amount: wordUint(log, 0) }
  },
  /** WithdrawCollateral(src indexed, to indexed, asset indexed, amount) */
  [WITHDRAW_COLLATERAL]: (log) => {
    expectShape(log, 'WithdrawCollateral', 4, 1)
    topicAddress(log, 2)
    return { kind: 'withdraw', ...parties(log, 1, 1), asset: topicAddress(log, 3), amount: wordUint(log, 0) }
  },
  /** AbsorbDebt(absorber indexed, borrower indexed, basePaidOut, usdValue) */
  [ABSORB_DEBT]: (log) => {
    expectShape(log, 'AbsorbDebt', 3, 2)
    return { kind: 'liquidation', ...parties(log, 2, 1), amount: wordUint(log, 0) }
  },
  /** AbsorbCollateral(absorber indexed, borrower indexed, asset indexed, collateralAbsorbed, usdValue) */
  [ABSORB_COLLATERAL]: (log) => {
    expectShape(log, 'AbsorbCollateral', 4, 2)
    const seized = { collateralAsset: topicAddress(log, 3), collateralAmount: wordUint(log, 0) }
    return { kind: 'liquidation', ...parties(log, 2, 1), amount: 0n, ...seized }
  },
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const effect = EFFECTS[log.topics[0] as Hex]?.(log)
  if (effect === undefined) return NOTHING
  const comet = listedAs(log, context, 'compound-v3', 'comet')
  const fact: Fact = {
    table: 'lending_event',
    protocol: 'compound-v3',
    subIndex: 0,
    verified: comet !== undefined,
    pool: comet?.address ?? null,
    asset: comet?.links?.base ?? log.address,
    collateralAsset: null,
    collateralAmount: null,
    ...effect,
  }
  return { facts: [fact], events: [] }
}

function parties(
  log: RawLog,
  accountTopic: number,
  initiatorTopic: number,
): { account: Hex; initiator: Hex } {
  return { account: topicAddress(log, accountTopic), initiator: topicAddress(log, initiatorTopic) }
}

export const compoundV3: Protocol = {
  name: 'compound-v3',
  decoderVersion: 1,
  topics: Object.keys(EFFECTS) as Hex[],
  anyEmitter: true,
  decode,
}
