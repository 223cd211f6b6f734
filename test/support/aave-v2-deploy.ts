/** Aave V2 (pool revision 2) from the bytecode that Aave publishes on npm, brought up on a local chain. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Abi, type Address, type Hex, zeroAddress } from 'viem'
import type { Artifact } from '../../demo/artifacts'
import type { Deployer } from '../../demo/deployer'
import type { AaveLab, LabAsset } from './aave-lab'
import { deployAssets } from './aave-origin'

const ROOT = join(dirname(require.resolve('@aave/protocol-v2/package.json')), 'artifacts', 'contracts')
const FOLDERS: Record<string, string> = {
  LendingPoolAddressesProvider: 'protocol/configuration',
  LendingPool: 'protocol/lendingpool',
  LendingPoolConfigurator: 'protocol/lendingpool',
  LendingPoolCollateralManager: 'protocol/lendingpool',
  DefaultReserveInterestRateStrategy: 'protocol/lendingpool',
  ReserveLogic: 'protocol/libraries/logic',
  GenericLogic: 'protocol/libraries/logic',
  ValidationLogic: 'protocol/libraries/logic',
  AToken: 'protocol/tokenization',
  StableDebtToken: 'protocol/tokenization',
  VariableDebtToken: 'protocol/tokenization',
  AaveOracle: 'misc',
  LendingRateOracle: 'mocks/oracle',
}
const TREASURY: Address = `0x${'7e'.repeat(20)}`
const RAY_PER_BPS = 10n ** 23n

function artifact(name: string, libraries: Record<string, Address> = {}): Artifact {
  const { abi, bytecode, linkReferences } = JSON.parse(
    readFileSync(join(ROOT, FOLDERS[name] as string, `${name}.sol`, `${name}.json`), 'utf8'),
  ) as {
    abi: Abi
    bytecode: string
    linkReferences: Record<string, Record<string, { start: number; length: number }[]>>
  }
  let code = bytecode
  for (const [library, places] of Object.values(linkReferences).flatMap(Object.entries)) {
    const address = libraries[library]
    if (address === undefined) throw new Error(`${name} needs the library ${library}`)
    for (const { start, length } of places)
      code = `${code.slice(0, 2 + start * 2)}${address.slice(2).toLowerCase()}${code.slice(2 + (start + length) * 2)}`
  }
  return { abi, bytecode: code as Hex }
}

/** Deploys the market for the assets, of which the first is what its oracle reckons in. */
export async function deployAaveV2(deployer: Deployer, assets: readonly LabAsset[]): Promise<AaveLab> {
  const { admin } = deployer
  const libraries: Record<string, Address> = {}
  for (const name of ['ReserveLogic', 'GenericLogic']) libraries[name] = await deployer.deploy(artifact(name))
  libraries.ValidationLogic = await deployer.deploy(artifact('ValidationLogic', libraries))
  const { abi: providerAbi, bytecode } = artifact('LendingPoolAddressesProvider')
  const provider = await deployer.deploy({ abi: providerAbi, bytecode }, ['Lab'])
  const { tokens, feeds } = await deployAssets(deployer, assets)
  const [base] = tokens as [Address]
  const oracle = await deployer.deploy(artifact('AaveOracle'), [tokens, feeds, zeroAddress, base])
  const rateOracle = await deployer.deploy(artifact('LendingRateOracle'))
  const pool = artifact('LendingPool', libraries)
  const configuratorArtifact = artifact('LendingPoolConfigurator')
  const set = (name: string, address: Address) =>
    deployer.call({ to: provider, abi: providerAbi, name, args: [address] })
  await set('setPoolAdmin', admin)
  await set('setEmergencyAdmin', admin)
  await set('setPriceOracle', oracle)
  await set('setLendingRateOracle', rateOracle)
  await set(
    'setLendingPoolCollateralManager',
    await deployer.deploy(artifact('LendingPoolCollateralManager')),
  )
  await set('setLendingPoolImpl', await deployer.deploy(pool))
  await set('setLendingPoolConfiguratorImpl', await deployer.deploy(configuratorArtifact))
  await deployer.flush()
  const ask = (functionName: string) =>
    deployer.client.readContract({ address: provider, abi: providerAbi, functionName }) as Promise<Address>
  const [poolAddress, configurator] = [await ask('getLendingPool'), await ask('getLendingPoolConfigurator')]
  const configure = (name: string, args: readonly unknown[]) =>
    deployer.call({ to: configurator, abi: configuratorArtifact.abi, name, args })
  const rates = [8_000n, 300n, 900n, 9_000n, 1_000n, 9_000n].map((bps) => bps * RAY_PER_BPS)
  const strategy = await deployer.deploy(artifact('DefaultReserveInterestRateStrategy'), [provider, ...rates])
  for (const [index, { symbol, decimals, ltvBps, thresholdBps, bonusBps }] of assets.entries()) {
    const token = tokens[index] as Address
    const names = [`x${symbol}`, `x${symbol}`, zeroAddress]
    const aToken = await deployer.deploy(artifact('AToken'), [poolAddress, token, TREASURY, ...names])
    const stable = await deployer.deploy(artifact('StableDebtToken'), [poolAddress, token, ...names])
    const variable = await deployer.deploy(artifact('VariableDebtToken'), [poolAddress, token, ...names])
    await configure('initReserve', [aToken, stable, variable, decimals, strategy])
    await configure('configureReserveAsCollateral', [token, ltvBps, thresholdBps, bonusBps])
    await configure('enableBorrowingOnReserve', [token, false])
    await configure('setReserveFactor', [token, 1_500n])
    await deployer.flush()
  }
  return {
    protocol: 'aave-v2',
    revision: 2,
    pool: poolAddress,
    poolAbi: pool.abi,
    configurator,
    configuratorAbi: configuratorArtifact.abi,
    oracle,
    provider,
    tokens,
    feeds,
    base,
  }
}
