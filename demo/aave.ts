/**
 * Brings up Aave V3 (revision 1, v3.0.2) from the bytecode Aave publishes on npm.
 *
 * The order is the protocol's own: libraries, addresses provider, access control, oracle, pool and configurator
 * proxies, token implementations against the pool proxy, reserves, then their risk parameters.
 */
import { type Address, type Hex, zeroAddress } from 'viem'
import { CAST, demoAccount } from './accounts'
import { aaveAbi, loadAaveArtifact } from './artifacts'
import type { Deployer } from './deployer'
import { ASSETS, type TokenAddresses } from './tokens'

export type ReserveAddresses = {
  aToken: Address
  stableDebtToken: Address
  variableDebtToken: Address
  interestRateStrategy: Address
}

export type AaveAddresses = {
  poolAddressesProvider: Address
  pool: Address
  poolConfigurator: Address
  aclManager: Address
  oracle: Address
  dataProvider: Address
  reserves: ReserveAddresses[]
}

type Core = Omit<AaveAddresses, 'reserves'>
const RAY_PER_BPS = 10n ** 23n

/** Deploys the whole market for the given tokens (same order as ASSETS) and lists and configures every reserve. */
export async function deployAave(deployer: Deployer, tokens: TokenAddresses[]): Promise<AaveAddresses> {
  const libraries = await deployLibraries(deployer)
  const core = await deployCore(deployer, tokens, libraries)
  await listReserves(deployer, core, tokens)
  await configureReserves(deployer, core, tokens)
  const reserves = await Promise.all(tokens.map(({ token }) => readReserve(deployer, core.pool, token)))
  return { ...core, reserves }
}

async function deployLibraries(deployer: Deployer): Promise<Record<string, Address>> {
  const libraries: Record<string, Address> = {}
  const independent = [
    'SupplyLogic',
    'BorrowLogic',
    'LiquidationLogic',
    'EModeLogic',
    'BridgeLogic',
    'PoolLogic',
  ]
  for (const name of [...independent, 'ConfiguratorLogic']) {
    libraries[name] = await deployer.deploy(loadAaveArtifact(name))
  }
  libraries.FlashLoanLogic = await deployer.deploy(loadAaveArtifact('FlashLoanLogic', libraries))
  await deployer.flush()
  return libraries
}

async function deployCore(
  deployer: Deployer,
  tokens: TokenAddresses[],
  libraries: Record<string, Address>,
): Promise<Core> {
  const { admin } = deployer
  const providerAbi = aaveAbi('PoolAddressesProvider')
  const provider = await deployer.deploy(loadAaveArtifact('PoolAddressesProvider'), [
    'Local Aave Market',
    admin,
  ])
  const onProvider = (name: string, args: readonly unknown[]) =>
    deployer.call({ to: provider, abi: providerAbi, name, args })
  await onProvider('setACLAdmin', [admin])
  const aclArtifact = loadAaveArtifact('ACLManager')
  const aclManager = await deployer.deploy(aclArtifact, [provider])
  await onProvider('setACLManager', [aclManager])
  for (const name of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin']) {
    await deployer.call({ to: aclManager, abi: aclArtifact.abi, name, args: [admin] })
  }
  const [assets, sources] = [tokens.map(({ token }) => token), tokens.map(({ feed }) => feed)]
  const oracleArgs = [provider, assets, sources, zeroAddress, zeroAddress, 100_000_000n]
  const oracle = await deployer.deploy(loadAaveArtifact('AaveOracle'), oracleArgs)
  await onProvider('setPriceOracle', [oracle])
  const poolImpl = await deployer.deploy(loadAaveArtifact('Pool', libraries), [provider])
  await onProvider('setPoolImpl', [poolImpl])
  const configuratorImpl = await deployer.deploy(loadAaveArtifact('PoolConfigurator', libraries))
  await onProvider('setPoolConfiguratorImpl', [configuratorImpl])
  const dataProvider = await deployer.deploy(loadAaveArtifact('AaveProtocolDataProvider'), [provider])
  await onProvider('setPoolDataProvider', [dataProvider])
  await deployer.flush()
  const ask = (functionName: string) =>
    deployer.client.readContract({ address: provider, abi: providerAbi, functionName }) as Promise<Address>
  const [pool, poolConfigurator] = await Promise.all([ask('getPool'), ask('getPoolConfigurator')])
  return { poolAddressesProvider: provider, pool, poolConfigurator, aclManager, oracle, dataProvider }
}

async function listReserves(deployer: Deployer, core: Core, tokens: TokenAddresses[]): Promise<void> {
  const implementations: Address[] = []
  for (const name of ['AToken', 'StableDebtToken', 'VariableDebtToken']) {
    implementations.push(await deployer.deploy(loadAaveArtifact(name), [core.pool]))
  }
  const [aTokenImpl, stableDebtTokenImpl, variableDebtTokenImpl] = implementations
  const strategyArtifact = loadAaveArtifact('DefaultReserveInterestRateStrategy')
  const inputs: Record<string, unknown>[] = []
  for (const [index, spec] of ASSETS.entries()) {
    const rates = [spec.optimalUsageBps, 0, spec.slope1Bps, spec.slope2Bps, 50, 6000, 100, 800, 2000]
    const strategy = await deployer.deploy(strategyArtifact, [
      core.poolAddressesProvider,
      ...rates.map((bps) => BigInt(bps) * RAY_PER_BPS),
    ])
    inputs.push({
      aTokenImpl,
      stableDebtTokenImpl,
      variableDebtTokenImpl,
      underlyingAssetDecimals: spec.decimals,
      interestRateStrategyAddress: strategy,
      underlyingAsset: tokens[index]?.token,
      treasury: demoAccount(CAST.treasury).address,
      incentivesController: zeroAddress,
      aTokenName: `Aave Local ${spec.symbol}`,
      aTokenSymbol: `a${spec.symbol}`,
      variableDebtTokenName: `Aave Local Variable Debt ${spec.symbol}`,
      variableDebtTokenSymbol: `variableDebt${spec.symbol}`,
      stableDebtTokenName: `Aave Local Stable Debt ${spec.symbol}`,
      stableDebtTokenSymbol: `stableDebt${spec.symbol}`,
      params: '0x' as Hex,
    })
  }
  const abi = aaveAbi('PoolConfigurator')
  await deployer.call({ to: core.poolConfigurator, abi, name: 'initReserves', args: [inputs] })
  await deployer.flush()
}

async function configureReserves(deployer: Deployer, core: Core, tokens: TokenAddresses[]): Promise<void> {
  const abi = aaveAbi('PoolConfigurator')
  const configure = (name: string, args: readonly unknown[]) =>
    deployer.call({ to: core.poolConfigurator, abi, name, args })
  for (const [index, spec] of ASSETS.entries()) {
    const token = tokens[index]?.token
    const risk = [spec.ltvBps, spec.liquidationThresholdBps, spec.liquidationBonusBps].map(BigInt)
    await configure('configureReserveAsCollateral', [token, ...risk])
    await configure('setReserveBorrowing', [token, true])
    await configure('setReserveFactor', [token, BigInt(spec.reserveFactorBps)])
    await configure('setReserveFlashLoaning', [token, true])
    await configure('setLiquidationProtocolFee', [token, 1000n])
  }
  await configure('updateFlashloanPremiumTotal', [9n])
  await deployer.flush()
}

async function readReserve(deployer: Deployer, pool: Address, token: Address): Promise<ReserveAddresses> {
  const data = (await deployer.client.readContract({
    address: pool,
    abi: aaveAbi('Pool'),
    functionName: 'getReserveData',
    args: [token],
  })) as Record<string, Address>
  return {
    aToken: data.aTokenAddress!,
    stableDebtToken: data.stableDebtTokenAddress!,
    variableDebtToken: data.variableDebtTokenAddress!,
    interestRateStrategy: data.interestRateStrategyAddress!,
  }
}
