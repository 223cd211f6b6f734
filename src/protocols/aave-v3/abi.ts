/**
 * Events of Aave V3 that we read, by name. Sources: IPool, IPoolConfigurator, IPoolAddressesProvider, IAaveOracle and
 * the tokens of aave-v3-core 1.19.3 (v3.0.2) and aave-v3-origin 3.6.0; EModeCategoryIsolationChanged is v3.7's.
 * Indexing is stated where each event is decoded.
 */
import { topicOf } from '../log-shape'

/** Emitted by the pool; Withdraw, LiquidationCall and the next three are word for word those of Aave V2. */
export const POOL = {
  Supply: topicOf('Supply(address,address,address,uint256,uint16)'),
  Withdraw: topicOf('Withdraw(address,address,address,uint256)'),
  Borrow: topicOf('Borrow(address,address,address,uint256,uint8,uint256,uint16)'),
  Repay: topicOf('Repay(address,address,address,uint256,bool)'),
  LiquidationCall: topicOf('LiquidationCall(address,address,address,uint256,uint256,address,bool)'),
  FlashLoan: topicOf('FlashLoan(address,address,address,uint256,uint8,uint256,uint16)'),
  ReserveDataUpdated: topicOf('ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)'),
  CollateralEnabled: topicOf('ReserveUsedAsCollateralEnabled(address,address)'),
  CollateralDisabled: topicOf('ReserveUsedAsCollateralDisabled(address,address)'),
  UserEModeSet: topicOf('UserEModeSet(address,uint8)'),
  DeficitCreated: topicOf('DeficitCreated(address,address,uint256)'),
  DeficitCovered: topicOf('DeficitCovered(address,address,uint256)'),
  MintedToTreasury: topicOf('MintedToTreasury(address,uint256)'),
  IsolationModeTotalDebtUpdated: topicOf('IsolationModeTotalDebtUpdated(address,uint256)'),
  /** Of the pool's proxy; not emitted when it is first set up. */
  Upgraded: topicOf('Upgraded(address)'),
} as const

/** Emitted by a token's proxy when it is set up, before the reserve is announced, and when it is upgraded. */
export const TOKEN = {
  AToken: topicOf('Initialized(address,address,address,address,uint8,string,string,bytes)'),
  DebtToken: topicOf('Initialized(address,address,address,uint8,string,string,bytes)'),
} as const

/** Emitted by aTokens and variable debt tokens; the last two by stable debt tokens (revision 1 only). */
export const SCALED_TOKEN = {
  Mint: topicOf('Mint(address,address,uint256,uint256,uint256)'),
  Burn: topicOf('Burn(address,address,uint256,uint256,uint256)'),
  BalanceTransfer: topicOf('BalanceTransfer(address,address,uint256,uint256)'),
  StableMint: topicOf('Mint(address,address,uint256,uint256,uint256,uint256,uint256,uint256)'),
  StableBurn: topicOf('Burn(address,uint256,uint256,uint256,uint256,uint256)'),
} as const

/** Emitted by the PoolConfigurator. */
export const CONFIGURATOR = {
  ReserveInitialized: topicOf('ReserveInitialized(address,address,address,address,address)'),
  CollateralConfigurationChanged: topicOf('CollateralConfigurationChanged(address,uint256,uint256,uint256)'),
  EModeCategoryAdded: topicOf('EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)'),
  EModeAssetCategoryChanged: topicOf('EModeAssetCategoryChanged(address,uint8,uint8)'),
  EModeCategoryIsolationChanged: topicOf('EModeCategoryIsolationChanged(uint8,bool)'),
  AssetCollateralInEModeChanged: topicOf('AssetCollateralInEModeChanged(address,uint8,bool)'),
  AssetBorrowableInEModeChanged: topicOf('AssetBorrowableInEModeChanged(address,uint8,bool)'),
  AssetLtvzeroInEModeChanged: topicOf('AssetLtvzeroInEModeChanged(address,uint8,bool)'),
  ReserveDropped: topicOf('ReserveDropped(address)'),
  BorrowableInIsolationChanged: topicOf('BorrowableInIsolationChanged(address,bool)'),
  ReserveInterestRateDataChanged: topicOf('ReserveInterestRateDataChanged(address,address,bytes)'),
  ReserveInterestRateStrategyChanged: topicOf('ReserveInterestRateStrategyChanged(address,address,address)'),
  LiquidationGracePeriodDisabled: topicOf('LiquidationGracePeriodDisabled(address)'),
  ATokenUpgraded: topicOf('ATokenUpgraded(address,address,address)'),
  StableDebtTokenUpgraded: topicOf('StableDebtTokenUpgraded(address,address,address)'),
  VariableDebtTokenUpgraded: topicOf('VariableDebtTokenUpgraded(address,address,address)'),
  FlashloanPremiumTotalUpdated: topicOf('FlashloanPremiumTotalUpdated(uint128,uint128)'),
  FlashloanPremiumToProtocolUpdated: topicOf('FlashloanPremiumToProtocolUpdated(uint128,uint128)'),
} as const

/**
 * Configurator events that set one field of a reserve: topic0 → where the new value stands.
 * `word` is the data word of the new value; old values, where told, come before it.
 */
export const RESERVE_FIELD = new Map([
  [topicOf('ReserveBorrowing(address,bool)'), { field: 'borrowingEnabled', word: 0, bool: true }],
  [topicOf('ReserveFlashLoaning(address,bool)'), { field: 'flashLoanEnabled', word: 0, bool: true }],
  [topicOf('ReserveActive(address,bool)'), { field: 'active', word: 0, bool: true }],
  [topicOf('ReserveFrozen(address,bool)'), { field: 'frozen', word: 0, bool: true }],
  [topicOf('ReservePaused(address,bool)'), { field: 'paused', word: 0, bool: true }],
  [
    topicOf('ReserveFactorChanged(address,uint256,uint256)'),
    { field: 'reserveFactorBps', word: 1, bool: false },
  ],
  [topicOf('BorrowCapChanged(address,uint256,uint256)'), { field: 'borrowCap', word: 1, bool: false }],
  [topicOf('SupplyCapChanged(address,uint256,uint256)'), { field: 'supplyCap', word: 1, bool: false }],
  [topicOf('DebtCeilingChanged(address,uint256,uint256)'), { field: 'debtCeiling', word: 1, bool: false }],
  [
    topicOf('LiquidationProtocolFeeChanged(address,uint256,uint256)'),
    { field: 'liquidationProtocolFeeBps', word: 1, bool: false },
  ],
  [topicOf('SiloedBorrowingChanged(address,bool,bool)'), { field: 'siloedBorrowing', word: 1, bool: true }],
  [topicOf('PendingLtvChanged(address,uint256)'), { field: 'pendingLtvBps', word: 0, bool: false }],
  [
    topicOf('LiquidationGracePeriodChanged(address,uint40)'),
    { field: 'liquidationGraceUntilSec', word: 0, bool: false },
  ],
])

/** Emitted by AaveOracle, also from its constructor, before any reserve exists. */
export const ORACLE = {
  AssetSourceUpdated: topicOf('AssetSourceUpdated(address,address)'),
  BaseCurrencySet: topicOf('BaseCurrencySet(address,uint256)'),
} as const

/** Emitted by PoolAddressesProvider: the pool reads its prices from another oracle from here on. */
export const PROVIDER = { PriceOracleUpdated: topicOf('PriceOracleUpdated(address,address)') } as const
