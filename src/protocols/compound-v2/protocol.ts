/**
 * Compound V2 cTokens: facts only. None of their events has indexed arguments.
 *
 * The asset of a fact is the cToken's underlying where the chain file names it (`links.underlying`), else the cToken
 * itself. `Mint(address,uint256,uint256)` is also Uniswap V2's, whose sender is indexed: that form is left alone.
 */
import type { Hex } from '../../chains/types'
import { expectShape, hasShape, topicOf, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, Protocol, RawLog } from '../types'

const MINT = topicOf('Mint(address,uint256,uint256)')
const REDEEM = topicOf('Redeem(address,uint256,uint256)')
const BORROW = topicOf('Borrow(address,uint256,uint256,uint256)')
const REPAY_BORROW = topicOf('RepayBorrow(address,address,uint256,uint256,uint256)')
const LIQUIDATE_BORROW = topicOf('LiquidateBorrow(address,address,uint256,address,uint256)')

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'amount'> & Partial<LendingFact>

const EFFECTS: Readonly<Record<Hex, (log: RawLog) => Effect>> = {
  /** Mint(minter, mintAmount, mintTokens) */
  [MINT]: (log) => ofOne(log, 'Mint', 'supply', 3),
  /** Redeem(redeemer, redeemAmount, redeemTokens) */
  [REDEEM]: (log) => ofOne(log, 'Redeem', 'withdraw', 3),
  /** Borrow(borrower, borrowAmount, accountBorrows, totalBorrows) */
  [BORROW]: (log) => ofOne(log, 'Borrow', 'borrow', 4),
  /** RepayBorrow(payer, borrower, repayAmount, accountBorrows, totalBorrows) */
  [REPAY_BORROW]: (log) => {
    expectShape(log, 'RepayBorrow', 1, 5)
    return {
      kind: 'repay',
      initiator: wordAddress(log, 0),
      account: wordAddress(log, 1),
      amount: wordUint(log, 2),
    }
  },
  /** LiquidateBorrow(liquidator, borrower, repayAmount, cTokenCollateral, seizeTokens) */
  [LIQUIDATE_BORROW]: (log) => {
    expectShape(log, 'LiquidateBorrow', 1, 5)
    return {
      kind: 'liquidation',
      initiator: wordAddress(log, 0),
      account: wordAddress(log, 1),
      amount: wordUint(log, 2),
      collateralAsset: wordAddress(log, 3),
      collateralAmount: wordUint(log, 4),
    }
  },
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  const topic0 = log.topics[0] as Hex
  if (topic0 === MINT && hasShape(log, 2, 2)) return NOTHING
  const effect = EFFECTS[topic0]?.(log)
  if (effect === undefined) return NOTHING
  const cToken = listedAs(log, context, 'compound-v2', 'cToken')
  const fact: Fact = {
    table: 'lending_event',
    protocol: 'compound-v2',
    subIndex: 0,
    verified: cToken !== undefined,
    pool: cToken?.address ?? null,
    asset: cToken?.links?.underlying ?? log.address,
    collateralAsset: null,
    collateralAmount: null,
    ...effect,
  }
  return { facts: [fact], events: [] }
}

function ofOne(log: RawLog, name: string, kind: LendingFact['kind'], words: number): Effect {
  expectShape(log, name, 1, words)
  const account = wordAddress(log, 0)
  return { kind, account, initiator: account, amount: wordUint(log, 1) }
}

export const compoundV2: Protocol = {
  name: 'compound-v2',
  decoderVersion: 1,
  topics: Object.keys(EFFECTS) as Hex[],
  anyEmitter: true,
  decode,
}
