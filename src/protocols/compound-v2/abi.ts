/**
 * Events of Compound V2 that we read. Sources: CTokenInterfaces.sol, Comptroller.sol and CToken.sol of
 * compound-finance/compound-protocol. No argument of any of them is indexed, but those of Transfer.
 */
import { topicOf } from '../log-shape'

/** Emitted by cTokens. */
export const CTOKEN = {
  Mint: topicOf('Mint(address,uint256,uint256)'),
  Redeem: topicOf('Redeem(address,uint256,uint256)'),
  Borrow: topicOf('Borrow(address,uint256,uint256,uint256)'),
  RepayBorrow: topicOf('RepayBorrow(address,address,uint256,uint256,uint256)'),
  LiquidateBorrow: topicOf('LiquidateBorrow(address,address,uint256,address,uint256)'),
  /** Of cTokens since 2020; carries the cash before the accrual. */
  AccrueInterest: topicOf('AccrueInterest(uint256,uint256,uint256,uint256)'),
  /** Of the first cTokens, cETH among them. */
  AccrueInterestOld: topicOf('AccrueInterest(uint256,uint256,uint256)'),
  Transfer: topicOf('Transfer(address,address,uint256)'),
  ReservesAdded: topicOf('ReservesAdded(address,uint256,uint256)'),
  ReservesReduced: topicOf('ReservesReduced(address,uint256,uint256)'),
  NewReserveFactor: topicOf('NewReserveFactor(uint256,uint256)'),
  NewMarketInterestRateModel: topicOf('NewMarketInterestRateModel(address,address)'),
} as const

/** Emitted by the comptroller (by its proxy, the Unitroller). */
export const COMPTROLLER = {
  MarketListed: topicOf('MarketListed(address)'),
  MarketEntered: topicOf('MarketEntered(address,address)'),
  MarketExited: topicOf('MarketExited(address,address)'),
  NewCollateralFactor: topicOf('NewCollateralFactor(address,uint256,uint256)'),
  NewCloseFactor: topicOf('NewCloseFactor(uint256,uint256)'),
  NewLiquidationIncentive: topicOf('NewLiquidationIncentive(uint256,uint256)'),
  NewPriceOracle: topicOf('NewPriceOracle(address,address)'),
  /** Of one cToken, and of the whole comptroller. */
  ActionPaused: topicOf('ActionPaused(address,string,bool)'),
  ActionPausedGlobally: topicOf('ActionPaused(string,bool)'),
} as const
