/**
 * Events of Aave V2 that V3 words differently, by name. Source: @aave/protocol-v2 1.0.1. Indexing is stated where each
 * event is decoded; what both protocols word alike is in aave-v3/abi.ts.
 */
import { topicOf } from '../log-shape'

export const POOL = {
  Deposit: topicOf('Deposit(address,address,address,uint256,uint16)'),
  Borrow: topicOf('Borrow(address,address,address,uint256,uint256,uint256,uint16)'),
  Repay: topicOf('Repay(address,address,address,uint256)'),
  FlashLoan: topicOf('FlashLoan(address,address,address,uint256,uint256,uint16)'),
} as const

/** Amounts are in base units: without accrued interest, and not scaled. */
export const TOKEN = {
  ATokenMint: topicOf('Mint(address,uint256,uint256)'),
  ATokenBurn: topicOf('Burn(address,address,uint256,uint256)'),
  DebtMint: topicOf('Mint(address,address,uint256,uint256)'),
  DebtBurn: topicOf('Burn(address,uint256,uint256)'),
} as const

export const CONFIGURATOR = {
  BorrowingEnabled: topicOf('BorrowingEnabledOnReserve(address,bool)'),
  BorrowingDisabled: topicOf('BorrowingDisabledOnReserve(address)'),
  ReserveActivated: topicOf('ReserveActivated(address)'),
  ReserveDeactivated: topicOf('ReserveDeactivated(address)'),
  ReserveFrozen: topicOf('ReserveFrozen(address)'),
  ReserveUnfrozen: topicOf('ReserveUnfrozen(address)'),
  ReserveFactorChanged: topicOf('ReserveFactorChanged(address,uint256)'),
  RateStrategyChanged: topicOf('ReserveInterestRateStrategyChanged(address,address)'),
} as const

export const ORACLE = { WethSet: topicOf('WethSet(address)') } as const

/** Emitted by LendingPoolAddressesProvider, which tells the new address only. */
export const PROVIDER = { PriceOracleUpdated: topicOf('PriceOracleUpdated(address)') } as const
