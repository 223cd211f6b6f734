/** Events of Morpho Blue 1.0 and of its AdaptiveCurveIrm that we read. Indexing is stated where each is decoded. */
import { topicOf } from '../log-shape'

/** Emitted by Morpho about one market; `id` is the first topic of each. */
export const MARKET = {
  CreateMarket: topicOf('CreateMarket(bytes32,(address,address,address,address,uint256))'),
  Supply: topicOf('Supply(bytes32,address,address,uint256,uint256)'),
  Withdraw: topicOf('Withdraw(bytes32,address,address,address,uint256,uint256)'),
  Borrow: topicOf('Borrow(bytes32,address,address,address,uint256,uint256)'),
  Repay: topicOf('Repay(bytes32,address,address,uint256,uint256)'),
  SupplyCollateral: topicOf('SupplyCollateral(bytes32,address,address,uint256)'),
  WithdrawCollateral: topicOf('WithdrawCollateral(bytes32,address,address,address,uint256)'),
  Liquidate: topicOf('Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)'),
  AccrueInterest: topicOf('AccrueInterest(bytes32,uint256,uint256,uint256)'),
  SetFee: topicOf('SetFee(bytes32,uint256)'),
} as const

/** Emitted by Morpho about itself. */
export const CONTRACT = {
  FlashLoan: topicOf('FlashLoan(address,address,uint256)'),
  SetAuthorization: topicOf('SetAuthorization(address,address,address,bool)'),
  SetOwner: topicOf('SetOwner(address)'),
  SetFeeRecipient: topicOf('SetFeeRecipient(address)'),
  EnableIrm: topicOf('EnableIrm(address)'),
  EnableLltv: topicOf('EnableLltv(uint256)'),
} as const

/** Emitted by the interest rate model, just before Morpho's AccrueInterest and just after CreateMarket. */
export const RATE_MODEL = { BorrowRateUpdate: topicOf('BorrowRateUpdate(bytes32,uint256,uint256)') } as const
