/** Aave V3.6 (pool revision 10) compiled from its published sources and brought up on a local chain. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Abi, type Address, encodeAbiParameters, type Hex, zeroAddress } from 'viem'
import type { Artifact } from '../../demo/artifacts'
import { loadAaveArtifact, loadArtifact } from '../../demo/artifacts'
import type { Deployer } from '../../demo/deployer'
import type { AaveLab, LabAsset } from './aave-lab'

const ROOT = join(dirname(require.resolve('@aave-dao/aave-v3-origin/package.json')), 'src', 'contracts')
const REMAPPED: Record<string, string> = {
  'origin/': `${ROOT}/`,
  'openzeppelin-contracts/contracts/': `${dirname(require.resolve('@openzeppelin/contracts/package.json'))}/`,
  'openzeppelin-contracts-upgradeable/contracts/': `${dirname(require.resolve('@openzeppelin/contracts-upgradeable/package.json'))}/`,
  '@openzeppelin/contracts/': `${dirname(require.resolve('@openzeppelin/contracts/package.json'))}/`,
  'solidity-utils/': `${dirname(require.resolve('@bgd-labs/solidity-utils/package.json'))}/src/`,
}
const SOURCES = [
  'protocol/configuration/PoolAddressesProvider',
  'protocol/configuration/ACLManager',
  'misc/AaveOracle',
  'misc/DefaultReserveInterestRateStrategyV2',
  'helpers/AaveProtocolDataProvider',
  'instances/PoolInstance',
  'instances/PoolConfiguratorInstance',
  'instances/ATokenInstance',
  'instances/VariableDebtTokenInstance',
]
type Compiled = {
  abi: Abi
  evm: {
    bytecode: {
      object: string
      linkReferences: Record<string, Record<string, { start: number; length: number }[]>>
    }
  }
}

/** Compiles the sources as published: optimiser with 200 runs, cancun. About half a minute. */
export function compileOrigin(): Map<string, Compiled> {
  const solc = require('solc')
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    for (const listener of process.listeners(event as 'uncaughtException').slice(-1)) {
      if (String(listener).includes('abort')) process.removeListener(event, listener)
    }
  }
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      SOURCES.map((name) => [`origin/${name}.sol`, { content: read(`origin/${name}.sol`) }]),
    ),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path: string) => ({ contents: read(path) }) }),
  ) as {
    errors?: { severity: string; formattedMessage: string }[]
    contracts: Record<string, Record<string, Compiled>>
  }
  const fault = output.errors?.find(({ severity }) => severity === 'error')
  if (fault !== undefined) throw new Error(fault.formattedMessage)
  return new Map(Object.values(output.contracts).flatMap((file) => Object.entries(file)))
}

function read(path: string): string {
  const prefix = Object.keys(REMAPPED).find((key) => path.startsWith(key))
  if (prefix === undefined) throw new Error(`no remapping for ${path}`)
  return readFileSync(`${REMAPPED[prefix]}${path.slice(prefix.length)}`, 'utf8')
}

function artifact(
  compiled: Map<string, Compiled>,
  name: string,
  libraries: Record<string, Address> = {},
): Artifact {
  const found = compiled.get(name)
  if (found === undefined) throw new Error(`${name} was not compiled`)
  let code = found.evm.bytecode.object
  for (const [library, places] of Object.values(found.evm.bytecode.linkReferences).flatMap(Object.entries)) {
    const address = libraries[library]
    if (address === undefined) throw new Error(`${name} needs the library ${library}`)
    for (const { start, length } of places)
      code = `${code.slice(0, start * 2)}${address.slice(2).toLowerCase()}${code.slice((start + length) * 2)}`
  }
  return { abi: found.abi, bytecode: `0x${code}` as Hex }
}

const RATES = [
  {
    components: [
      { name: 'optimalUsageRatio', type: 'uint16' },
      { name: 'baseVariableBorrowRate', type: 'uint32' },
      { name: 'variableRateSlope1', type: 'uint32' },
      { name: 'variableRateSlope2', type: 'uint32' },
    ],
    type: 'tuple',
  },
] as const

/** Deploys the market for the assets, configured and ready for use. */
export async function deployOrigin(
  deployer: Deployer,
  compiled: Map<string, Compiled>,
  assets: readonly LabAsset[],
): Promise<AaveLab> {
  const { admin } = deployer
  const of = (name: string, libraries?: Record<string, Address>) => artifact(compiled, name, libraries)
  const libraries: Record<string, Address> = {}
  for (const name of ['PoolLogic', 'SupplyLogic', 'BorrowLogic', 'LiquidationLogic', 'ConfiguratorLogic'])
    libraries[name] = await deployer.deploy(of(name))
  libraries.FlashLoanLogic = await deployer.deploy(of('FlashLoanLogic', libraries))
  await deployer.flush()
  const provider = await deployer.deploy(of('PoolAddressesProvider'), ['Lab', admin])
  const on = (to: Address, contract: string, name: string, args: readonly unknown[]) =>
    deployer.call({ to, abi: of(contract, libraries).abi, name, args })
  await on(provider, 'PoolAddressesProvider', 'setACLAdmin', [admin])
  const acl = await deployer.deploy(of('ACLManager'), [provider])
  await on(provider, 'PoolAddressesProvider', 'setACLManager', [acl])
  for (const name of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin'])
    await on(acl, 'ACLManager', name, [admin])
  const { tokens, feeds } = await deployAssets(deployer, assets)
  const oracle = await deployer.deploy(of('AaveOracle'), [
    provider,
    tokens,
    feeds,
    zeroAddress,
    zeroAddress,
    10n ** 8n,
  ])
  await on(provider, 'PoolAddressesProvider', 'setPriceOracle', [oracle])
  const strategy = await deployer.deploy(of('DefaultReserveInterestRateStrategyV2'), [provider])
  const poolImpl = await deployer.deploy(of('PoolInstance', libraries), [provider, strategy])
  await on(provider, 'PoolAddressesProvider', 'setPoolImpl', [poolImpl])
  const configuratorImpl = await deployer.deploy(of('PoolConfiguratorInstance', libraries))
  await on(provider, 'PoolAddressesProvider', 'setPoolConfiguratorImpl', [configuratorImpl])
  const data = await deployer.deploy(of('AaveProtocolDataProvider'), [provider])
  await on(provider, 'PoolAddressesProvider', 'setPoolDataProvider', [data])
  await deployer.flush()
  const ask = (functionName: string) =>
    deployer.client.readContract({
      address: provider,
      abi: of('PoolAddressesProvider').abi,
      functionName,
    }) as Promise<Address>
  const [pool, configurator] = [await ask('getPool'), await ask('getPoolConfigurator')]
  const aTokenImpl = await deployer.deploy(of('ATokenInstance'), [pool, zeroAddress, `0x${'7e'.repeat(20)}`])
  const variableDebtTokenImpl = await deployer.deploy(of('VariableDebtTokenInstance'), [pool, zeroAddress])
  const configuratorAbi = of('PoolConfiguratorInstance', libraries).abi
  const configure = (name: string, args: readonly unknown[]) =>
    deployer.call({ to: configurator, abi: configuratorAbi, name, args })
  const inputs = assets.map(({ symbol }, index) => ({
    aTokenImpl,
    variableDebtTokenImpl,
    underlyingAsset: tokens[index],
    aTokenName: `a${symbol}`,
    aTokenSymbol: `a${symbol}`,
    variableDebtTokenName: `v${symbol}`,
    variableDebtTokenSymbol: `v${symbol}`,
    params: '0x',
    interestRateData: encodeAbiParameters(RATES, [
      {
        optimalUsageRatio: 8_000,
        baseVariableBorrowRate: 300,
        variableRateSlope1: 900,
        variableRateSlope2: 9_000,
      },
    ]),
  }))
  await configure('initReserves', [inputs])
  await deployer.flush()
  for (const [index, { ltvBps, thresholdBps, bonusBps }] of assets.entries()) {
    const token = tokens[index]
    await configure('configureReserveAsCollateral', [token, ltvBps, thresholdBps, bonusBps])
    await configure('setReserveBorrowing', [token, true])
    await configure('setReserveFactor', [token, 1_500n])
    await configure('setLiquidationProtocolFee', [token, index === 0 ? 0n : 1_000n])
    await configure('setSupplyCap', [token, 10n ** 9n])
  }
  await deployer.flush()
  return {
    protocol: 'aave-v3',
    revision: 10,
    pool,
    configurator,
    configuratorAbi,
    oracle,
    provider,
    poolAbi: of('PoolInstance', libraries).abi,
    tokens,
    feeds,
    base: null,
  }
}

/** Mintable tokens and settable feeds, those of the local world. */
export async function deployAssets(
  deployer: Deployer,
  assets: readonly LabAsset[],
): Promise<{ tokens: Address[]; feeds: Address[] }> {
  const tokens: Address[] = []
  const feeds: Address[] = []
  for (const { symbol, decimals, price } of assets) {
    tokens.push(await deployer.deploy(loadAaveArtifact('MintableERC20'), [symbol, symbol, decimals]))
    feeds.push(await deployer.deploy(loadArtifact('PriceFeed'), [symbol, deployer.admin, price]))
  }
  await deployer.flush()
  return { tokens, feeds }
}
