/**
 * Morpho Blue on a real chain, with accounts that act at random by seed, and our fold following its logs.
 *
 * Three markets: two of different decimals and loan-to-value that charge interest and a fee, one whose rate model is none.
 * Actions may revert, as they may on chain; what counts is that the fold knows what the contract knows.
 */
import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
} from 'viem'
import { demoAccount } from '../../demo/accounts'
import { type Anvil, startAnvil } from '../../demo/anvil'
import type { Artifact } from '../../demo/artifacts'
import { createWorldClient, type WorldClient } from '../../demo/client'
import { createDeployer } from '../../demo/deployer'
import { CHAINS } from '../../src/chains/registry'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { BlockRef, RawLog } from '../../src/protocols/types'
import { blockLogs } from './chain-logs'

const T0 = 1_750_000_000
const WAD = 10n ** 18n
const ACTORS = [10, 11, 12, 13, 14, 15]
const LIQUIDATOR = 8
const FEE_RECIPIENT = 7
const NO_ADDRESS: Address = `0x${'0'.repeat(40)}`

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
/** Whole numbers from 0 to n − 1. */
export type Random = (n: number) => number

/** A small generator by seed (mulberry32). */
export function randomBy(seed: number): Random {
  let state = seed >>> 0
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

export interface MorphoWorld {
  anvil: Anvil
  client: WorldClient
  morpho: Address
  abi: Abi
  contracts: Contracts
  chain: ChainSpec
  markets: TestMarket[]
  users: Address[]
  liquidator: Address
  state: ReturnType<typeof createMemoryState>
  logs: RawLog[]
  head(): BlockRef
  /** Mines one block of the given calls at a later time, folds its logs; returns how many calls succeeded. */
  mine(calls: readonly Call[], elapsedSec: number): Promise<number>
  /** What a call by the liquidator would return now, or the reason why it reverts. */
  ask(name: string, args: readonly unknown[]): Promise<{ result: unknown } | { revert: string }>
  price(market: TestMarket): Promise<bigint>
}

export interface Call {
  from: number
  to: Address
  data: Hex
}

/** `irm`: artifact and constructor arguments of the rate model of two of the markets, made once Morpho has its address. */
export async function startMorpho(
  contracts: Contracts,
  rateModel: (morpho: Address) => { artifact: Artifact; args: readonly unknown[]; listed: boolean } = () => ({
    artifact: contracts.IrmMock,
    args: [],
    listed: false,
  }),
): Promise<MorphoWorld> {
  const anvil = await startAnvil({ chainId: 31337, timestampSec: T0 })
  const client = createWorldClient(anvil.rpcUrl, 31337)
  let nowSec = T0 + 12
  const deployer = await createDeployer(client, () => nowSec++)
  const morpho = lower(await deployer.deploy(contracts.Morpho, [deployer.admin]))
  const { artifact, args, listed } = rateModel(morpho)
  const irm = lower(await deployer.deploy(artifact, args))
  const tokens: Hex[] = []
  for (let i = 0; i < 3; i++) tokens.push(lower(await deployer.deploy(contracts.ERC20Mock)))
  const oracles: Hex[] = []
  for (let i = 0; i < 3; i++) oracles.push(lower(await deployer.deploy(contracts.OracleMock)))
  await deployer.flush()

  const chain = chainWith({ morpho, irm: listed ? irm : null, tokens })
  const [usdc, weth, wbtc] = tokens as [Hex, Hex, Hex]
  const market = (params: Params, loanUnit: bigint, collateralUnit: bigint): TestMarket => ({
    id: marketId(params),
    params,
    loanUnit,
    collateralUnit,
  })
  const [first, second, third] = oracles as [Hex, Hex, Hex]
  const markets = [
    market(
      { loanToken: usdc, collateralToken: weth, oracle: first, irm, lltv: (86n * WAD) / 100n },
      10n ** 6n,
      WAD,
    ),
    market(
      { loanToken: weth, collateralToken: wbtc, oracle: second, irm, lltv: (385n * WAD) / 1000n },
      WAD,
      10n ** 8n,
    ),
    market(
      { loanToken: wbtc, collateralToken: usdc, oracle: third, irm: NO_ADDRESS, lltv: (915n * WAD) / 1000n },
      10n ** 8n,
      10n ** 6n,
    ),
  ]
  const admin = (name: string, callArgs: readonly unknown[]) =>
    deployer.call({ to: morpho, abi: contracts.Morpho.abi, name, args: callArgs })
  for (const model of [irm, NO_ADDRESS]) await admin('enableIrm', [model])
  for (const { params } of markets) await admin('enableLltv', [params.lltv])
  await admin('setFeeRecipient', [demoAccount(FEE_RECIPIENT).address])
  for (const { params } of markets) await admin('createMarket', [params])
  await admin('setFee', [markets[0]!.params, WAD / 10n])
  await admin('setFee', [markets[1]!.params, WAD / 4n])
  const prices = [3_000n * 10n ** 24n, 20n * 10n ** 46n, 10n ** 38n / 60_000n]
  for (const [i, oracle] of oracles.entries())
    await deployer.call({ to: oracle, abi: contracts.OracleMock.abi, name: 'setPrice', args: [prices[i]] })
  for (const index of [...ACTORS, LIQUIDATOR]) {
    const account = demoAccount(index).address
    for (const token of tokens) {
      const { abi } = contracts.ERC20Mock
      await deployer.call({ to: token, abi, name: 'setBalance', args: [account, 10n ** 30n] })
      await deployer.call({ from: index, to: token, abi, name: 'approve', args: [morpho, 10n ** 40n] })
    }
  }
  await deployer.flush()

  const state = createMemoryState()
  const context = createContext(chain)
  const logs: RawLog[] = []
  let head: BlockRef | undefined
  async function follow(): Promise<void> {
    const height = Number(await client.getBlockNumber())
    for (let next = (head?.height ?? -1) + 1; next <= height; next++) {
      const found = await blockLogs(client, chain.id, next)
      const { undecodable } = foldLogs(found.logs, PROTOCOLS_BY_TOPIC, state, context)
      if (undecodable.length > 0) throw new Error(undecodable[0]!.reason)
      logs.push(...found.logs)
      head = found.block
    }
  }
  await follow()

  return {
    anvil,
    client,
    morpho,
    abi: contracts.Morpho.abi,
    contracts,
    chain,
    markets,
    users: [...ACTORS, FEE_RECIPIENT].map((index) => lower(demoAccount(index).address)),
    liquidator: demoAccount(LIQUIDATOR).address,
    state,
    logs,
    head: () => head!,
    async mine(calls, elapsedSec) {
      const hashes: Hex[] = []
      for (const { from, to, data } of calls) {
        const account = demoAccount(from).address
        hashes.push(await client.sendTransaction({ account, to, data, gas: 1_000_000n, chain: null }))
      }
      await client.setNextBlockTimestamp({ timestamp: BigInt(head!.timestampSec + elapsedSec) })
      await client.mine({ blocks: 1 })
      await follow()
      const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })))
      return receipts.filter(({ status }) => status === 'success').length
    },
    async ask(name, callArgs) {
      const { abi } = contracts.Morpho
      const data = encodeFunctionData({ abi, functionName: name, args: callArgs })
      try {
        const call = { account: demoAccount(LIQUIDATOR).address, to: morpho, data }
        const { data: answer } = await client.call({ ...call, blockTag: 'latest' })
        return { result: decodeFunctionResult({ abi, functionName: name, data: answer! }) }
      } catch (error) {
        return { revert: String((error as Error).message) }
      }
    },
    price: async ({ params }) =>
      (await client.readContract({
        address: params.oracle,
        abi: contracts.OracleMock.abi,
        functionName: 'price',
      })) as bigint,
  }
}

/** One random act in a random market: mostly a user's, sometimes a price move or a liquidation. */
export function randomCall(world: MorphoWorld, random: Random, priceOf: ReadonlyMap<Hex, bigint>): Call {
  const market = world.markets[random(world.markets.length)]!
  const { params, loanUnit, collateralUnit } = market
  const from = ACTORS[random(ACTORS.length)]!
  const user = demoAccount(from).address
  const some = (unit: bigint) => (unit * BigInt(1 + random(1_000_000))) / 10_000n
  const call = (name: string, args: readonly unknown[], sender = from): Call => ({
    from: sender,
    to: world.morpho,
    data: encodeFunctionData({ abi: world.abi, functionName: name, args: [params, ...args] }),
  })
  const loanRow = `${world.chain.id}:${market.id}:${params.loanToken}`
  const held = world.state.position(lower(user), loanRow)
  const part = (shares: bigint | undefined) => ((shares ?? 0n) * BigInt(1 + random(4))) / 4n || 1n
  const price = priceOf.get(params.oracle) ?? 1n
  const acts: (() => Call)[] = [
    () => call('supply', [some(loanUnit * 100n), 0n, user, '0x']),
    () => call('supply', [0n, some(loanUnit * 100n) * 1_000_000n, user, '0x']),
    () => call('withdraw', [some(loanUnit), 0n, user, user]),
    () => call('withdraw', [0n, part(held?.scaledSupply), user, user]),
    () => call('supplyCollateral', [some(collateralUnit), user, '0x']),
    () => call('withdrawCollateral', [some(collateralUnit / 10n), user, user]),
    () => call('borrow', [some((price * collateralUnit) / 10n ** 36n / 4n || 1n), 0n, user, user]),
    () => call('borrow', [0n, some(loanUnit) * 1_000_000n, user, user]),
    () => call('repay', [some(loanUnit), 0n, user, '0x']),
    () => call('repay', [0n, part(held?.scaledDebt), user, '0x']),
  ]
  return acts[random(acts.length)]!()
}

/** Calls by which the oracle of a market moves to a share of its price, in per mille. */
export function priceCall(market: TestMarket, artifact: Artifact, price: bigint): Call {
  const data = encodeFunctionData({ abi: artifact.abi, functionName: 'setPrice', args: [price] })
  return { from: 1, to: market.params.oracle, data }
}

export function marketId(params: Params): Hex {
  const { loanToken, collateralToken, oracle, irm, lltv } = params
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

function lower(address: string): Hex {
  return address.toLowerCase() as Hex
}
