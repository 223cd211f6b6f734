/**
 * Events of Compound III that we read. Sources: CometMainInterface.sol and Configurator.sol of compound-finance/comet.
 * Indexing is stated where each event is decoded.
 */
import { topicOf } from '../log-shape'

/** Emitted by comets. */
export const COMET = {
  Supply: topicOf('Supply(address,address,uint256)'),
  Withdraw: topicOf('Withdraw(address,address,uint256)'),
  Transfer: topicOf('Transfer(address,address,uint256)'),
  SupplyCollateral: topicOf('SupplyCollateral(address,address,address,uint256)'),
  WithdrawCollateral: topicOf('WithdrawCollateral(address,address,address,uint256)'),
  TransferCollateral: topicOf('TransferCollateral(address,address,address,uint256)'),
  AbsorbDebt: topicOf('AbsorbDebt(address,address,uint256,uint256)'),
  AbsorbCollateral: topicOf('AbsorbCollateral(address,address,address,uint256,uint256)'),
  BuyCollateral: topicOf('BuyCollateral(address,address,uint256,uint256)'),
  PauseAction: topicOf('PauseAction(bool,bool,bool,bool,bool)'),
  /** Of the comet's proxy. */
  Upgraded: topicOf('Upgraded(address)'),
} as const

const ASSET = '(address,address,uint8,uint64,uint64,uint64,uint128)'
const CONFIGURATION = `(${'address,'.repeat(5)}${'uint64,'.repeat(12)}${'uint104,'.repeat(3)}${ASSET}[])`

/** Emitted by the configurator; the first indexed argument is the comet. */
export const CONFIGURATOR = {
  SetConfiguration: topicOf(`SetConfiguration(address,${CONFIGURATION},${CONFIGURATION})`),
  CometDeployed: topicOf('CometDeployed(address,address)'),
  AddAsset: topicOf(`AddAsset(address,${ASSET})`),
  UpdateAsset: topicOf(`UpdateAsset(address,${ASSET},${ASSET})`),
  UpdateAssetPriceFeed: topicOf('UpdateAssetPriceFeed(address,address,address,address)'),
  SetBaseTokenPriceFeed: topicOf('SetBaseTokenPriceFeed(address,address,address)'),
} as const

/** Configurator events (comet indexed, old, new) that set one number of the base asset: topic0 → field. */
export const BASE_FIELD = new Map(
  (
    [
      ['SetSupplyKink', 'supplyKink'],
      ['SetSupplyPerYearInterestRateSlopeLow', 'supplyPerYearSlopeLow'],
      ['SetSupplyPerYearInterestRateSlopeHigh', 'supplyPerYearSlopeHigh'],
      ['SetSupplyPerYearInterestRateBase', 'supplyPerYearBase'],
      ['SetBorrowKink', 'borrowKink'],
      ['SetBorrowPerYearInterestRateSlopeLow', 'borrowPerYearSlopeLow'],
      ['SetBorrowPerYearInterestRateSlopeHigh', 'borrowPerYearSlopeHigh'],
      ['SetBorrowPerYearInterestRateBase', 'borrowPerYearBase'],
      ['SetStoreFrontPriceFactor', 'storeFrontPriceFactor'],
    ] as const
  ).map(([event, field]) => [topicOf(`${event}(address,uint64,uint64)`), field]),
)

/** Configurator events (comet indexed, asset indexed, old, new) that set one number of a collateral: topic0 → field. */
export const ASSET_FIELD = new Map(
  (
    [
      ['UpdateAssetBorrowCollateralFactor', 'borrowCollateralFactor', 'uint64'],
      ['UpdateAssetLiquidateCollateralFactor', 'liquidateCollateralFactor', 'uint64'],
      ['UpdateAssetLiquidationFactor', 'liquidationFactor', 'uint64'],
      ['UpdateAssetSupplyCap', 'supplyCap', 'uint128'],
    ] as const
  ).map(([event, field, type]) => [topicOf(`${event}(address,address,${type},${type})`), field]),
)
