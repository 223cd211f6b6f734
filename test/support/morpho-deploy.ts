/** Morpho Blue deployed on a development chain: three tokens, three oracles, three markets, funded accounts. */
import { type Address, encodeAbiParameters, keccak256 } from 'viem'
import { demoAccount } from '../../demo/accounts'
import type { Artifact } from '../../demo/artifacts'
import type { WorldClient } from '../../demo/client'
import { createDeployer, type Deployer } from '../../demo/deployer'
import { CHAINS } from '../../src/chains/registry'
import type { ChainSpec, Hex } from '../../src/chains/types'

const WAD = 10n ** 18n
const NO_ADDRESS: Address = `0x${'0'.repeat(40)}`
/** Indexes of development accounts by what they do. */
export const ACTORS = [10, 11, 12, 13, 14, 15]
export const LIQUIDATOR = 8
export const FEE_RECIPIENT = 7

export interface Params {
  loanToken: Address
  collateralToken: Address
  oracle: Address
  irm: Address
  lltv: bigint
}

export interface TestMarket {
  id: Hex
  params: Params
  /** One whole loan token, and one whole collateral token. */
  loanUnit: bigint
  collateralUnit: bigint
}

export type Contracts = Record<'Morpho' | 'ERC20Mock' | 'OracleMock' | 'IrmMock', Artifact>

/** The rate model of two of the markets; `listed`: the chain file knows it for AdaptiveCurveIrm. */
export type RateModel = (morpho: Address) => { artifact: Artifact; args: readonly unknown[]; listed: boolean }

export interface Deployment {
  morpho: Hex
  chain: ChainSpec
  markets: TestMarket[]
}

/** Two blocks: contracts, then markets with fees, prices and funds. */
export async function deployMorpho(
  client: WorldClient,
  contracts: Contracts,
  rateModel: RateModel,
  startSec: number,
): Promise<Deployment> {
  let nowSec = startSec
  const deployer = await createDeployer(client, () => nowSec++)
  const morpho = lower(await deployer.deploy(contracts.Morpho, [deployer.admin]))
  const { artifact, args, listed } = rateModel(morpho)
  const irm = lower(await deployer.deploy(artifact, args))
  const three = async (each: Artifact): Promise<Hex[]> => {
    const addresses: Hex[] = []
    for (let i = 0; i < 3; i++) addresses.push(lower(await deployer.deploy(each)))
    return addresses
  }
  const [tokens, oracles] = [await three(contracts.ERC20Mock), await three(contracts.OracleMock)]
  await deployer.flush()
  const markets = marketsOf(tokens, oracles, irm)
  await openMarkets(deployer, { contracts, morpho, markets, models: [irm, NO_ADDRESS] })
  await fund(deployer, { contracts, morpho, tokens })
  await deployer.flush()
  return { morpho, markets, chain: chainWith({ morpho, irm: listed ? irm : null, tokens }) }
}

/** Tokens have 6, 18 and 8 decimals; the third market has no rate model. */
function marketsOf(tokens: readonly Hex[], oracles: readonly Hex[], irm: Hex): TestMarket[] {
  const units = [10n ** 6n, WAD, 10n ** 8n]
  const market = (loan: number, collateral: number, model: Hex, lltvPerMille: bigint): TestMarket => {
    const params = {
      loanToken: tokens[loan]!,
      collateralToken: tokens[collateral]!,
      oracle: oracles[loan]!,
      irm: model,
      lltv: (lltvPerMille * WAD) / 1_000n,
    }
    return { id: idOf(params), params, loanUnit: units[loan]!, collateralUnit: units[collateral]! }
  }
  return [market(0, 1, irm, 860n), market(1, 2, irm, 385n), market(2, 0, NO_ADDRESS, 915n)]
}

async function openMarkets(
  deployer: Deployer,
  at: { contracts: Contracts; morpho: Hex; markets: readonly TestMarket[]; models: readonly Address[] },
): Promise<void> {
  const { contracts, morpho, markets, models } = at
  const admin = (name: string, args: readonly unknown[]) =>
    deployer.call({ to: morpho, abi: contracts.Morpho.abi, name, args })
  for (const model of models) await admin('enableIrm', [model])
  for (const { params } of markets) await admin('enableLltv', [params.lltv])
  await admin('setFeeRecipient', [demoAccount(FEE_RECIPIENT).address])
  for (const { params } of markets) await admin('createMarket', [params])
  await admin('setFee', [markets[0]!.params, WAD / 10n])
  await admin('setFee', [markets[1]!.params, WAD / 4n])
  const prices = [3_000n * 10n ** 24n, 20n * 10n ** 46n, 10n ** 38n / 60_000n]
  const { abi } = contracts.OracleMock
  for (const [i, { params }] of markets.entries())
    await deployer.call({ to: params.oracle, abi, name: 'setPrice', args: [prices[i]] })
}

async function fund(
  deployer: Deployer,
  { contracts, morpho, tokens }: { contracts: Contracts; morpho: Hex; tokens: readonly Hex[] },
): Promise<void> {
  const { abi } = contracts.ERC20Mock
  for (const index of [...ACTORS, LIQUIDATOR]) {
    const account = demoAccount(index).address
    for (const to of tokens) {
      await deployer.call({ to, abi, name: 'setBalance', args: [account, 10n ** 30n] })
      await deployer.call({ from: index, to, abi, name: 'approve', args: [morpho, 10n ** 40n] })
    }
  }
}

function idOf({ loanToken, collateralToken, oracle, irm, lltv }: Params): Hex {
  const types = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }))
  return keccak256(encodeAbiParameters(types, [loanToken, collateralToken, oracle, irm, lltv]))
}

function chainWith(at: { morpho: Hex; irm: Hex | null; tokens: readonly Hex[] }): ChainSpec {
  const contract = (address: Hex, role: string) => ({
    address,
    protocol: 'morpho-blue',
    role,
    label: role,
    deployedAtBlock: 0,
    links: { morpho: at.morpho },
  })
  return {
    ...CHAINS.harbor!,
    tokens: at.tokens.map((address, i) => ({
      address,
      symbol: `T${i}`,
      name: `Token ${i}`,
      decimals: [6, 18, 8][i]!,
    })),
    feeds: [],
    contracts: [contract(at.morpho, 'morpho'), ...(at.irm ? [contract(at.irm, 'adaptiveCurveIrm')] : [])],
  }
}

export function lower(address: string): Hex {
  return address.toLowerCase() as Hex
}
