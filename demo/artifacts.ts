/**
 * Finds compiled contracts for the local world: our own (contracts/artifacts, made by scripts/build-contracts.mjs)
 * and the published bytecode that Aave and Uniswap ship on npm, linked where Aave's libraries ask for it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Abi, Address, Hex } from 'viem'

export type Artifact = { abi: Abi; bytecode: Hex }

type LinkReferences = Record<string, Record<string, { start: number; length: number }[]>>
type AaveArtifact = { abi: Abi; bytecode: string; linkReferences: LinkReferences }

const OWN_ARTIFACTS = resolve(__dirname, '..', 'contracts', 'artifacts')

/** Where each published Aave contract lies inside @aave/core-v3/artifacts/contracts. */
const AAVE_PATHS: Record<string, string> = {
  WETH9: 'dependencies/weth',
  MintableERC20: 'mocks/tokens',
  PoolAddressesProvider: 'protocol/configuration',
  ACLManager: 'protocol/configuration',
  AaveOracle: 'misc',
  AaveProtocolDataProvider: 'misc',
  Pool: 'protocol/pool',
  PoolConfigurator: 'protocol/pool',
  DefaultReserveInterestRateStrategy: 'protocol/pool',
  AToken: 'protocol/tokenization',
  StableDebtToken: 'protocol/tokenization',
  VariableDebtToken: 'protocol/tokenization',
  BorrowLogic: 'protocol/libraries/logic',
  BridgeLogic: 'protocol/libraries/logic',
  ConfiguratorLogic: 'protocol/libraries/logic',
  EModeLogic: 'protocol/libraries/logic',
  FlashLoanLogic: 'protocol/libraries/logic',
  LiquidationLogic: 'protocol/libraries/logic',
  PoolLogic: 'protocol/libraries/logic',
  SupplyLogic: 'protocol/libraries/logic',
}

/** Reads one of our own contracts by name. Throws and names the build step when it has not been compiled. */
export function loadArtifact(name: string): Artifact {
  const file = join(OWN_ARTIFACTS, `${name}.json`)
  if (!existsSync(file)) {
    throw new Error(`contracts/artifacts/${name}.json is missing; run "node scripts/build-contracts.mjs"`)
  }
  return readJson(file) as Artifact
}

/** Reads a published Aave V3.0.2 contract and links the named libraries into it. */
export function loadAaveArtifact(name: string, libraries: Record<string, Address> = {}): Artifact {
  const artifact = readAave(name)
  return { abi: artifact.abi, bytecode: link(name, artifact, libraries) }
}

/** The ABI alone of a published Aave contract, which needs no libraries. */
export function aaveAbi(name: string): Abi {
  return readAave(name).abi
}

/** Reads a published Uniswap V2 contract from its core or periphery package. */
export function loadUniswapArtifact(name: string, from: 'v2-core' | 'v2-periphery'): Artifact {
  const root = dirname(require.resolve(`@uniswap/${from}/package.json`))
  const artifact = readJson(join(root, 'build', `${name}.json`)) as { abi: Abi; bytecode: string }
  return { abi: artifact.abi, bytecode: withPrefix(artifact.bytecode) }
}

function readAave(name: string): AaveArtifact {
  const folder = AAVE_PATHS[name]
  if (folder === undefined) throw new Error(`no path is known for the Aave contract ${name}`)
  const root = join(dirname(require.resolve('@aave/core-v3/package.json')), 'artifacts', 'contracts')
  return readJson(join(root, folder, `${name}.sol`, `${name}.json`)) as AaveArtifact
}

function link(name: string, artifact: AaveArtifact, libraries: Record<string, Address>): Hex {
  let code = withPrefix(artifact.bytecode)
  for (const file of Object.values(artifact.linkReferences)) {
    for (const [library, places] of Object.entries(file)) {
      const address = libraries[library]
      if (address === undefined) throw new Error(`${name} needs the library ${library}, which was not given`)
      for (const { start, length } of places) {
        const from = 2 + start * 2
        code =
          `${code.slice(0, from)}${address.slice(2).toLowerCase()}${code.slice(from + length * 2)}` as Hex
      }
    }
  }
  return code
}

function withPrefix(code: string): Hex {
  return (code.startsWith('0x') ? code : `0x${code}`) as Hex
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
