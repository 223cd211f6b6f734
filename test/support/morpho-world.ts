/**
 * Morpho Blue on a real chain, with accounts that act at random by seed, and our fold following its logs. Acts may revert, as
 * they may on any chain; what counts is that the fold knows what the contract knows.
 */
import { type Abi, type Address, decodeFunctionResult, encodeFunctionData } from 'viem'
import { demoAccount } from '../../demo/accounts'
import { type Anvil, startAnvil } from '../../demo/anvil'
import type { Artifact } from '../../demo/artifacts'
import { createWorldClient, type WorldClient } from '../../demo/client'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { BlockRef, RawLog } from '../../src/protocols/types'
import { blockLogs } from './chain-logs'
import {
  ACTORS,
  type Contracts,
  deployMorpho,
  FEE_RECIPIENT,
  LIQUIDATOR,
  lower,
  type RateModel,
  type TestMarket,
} from './morpho-deploy'

const T0 = 1_750_000_000

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

/** Deploys and follows; the rate model is the package's simple one unless told. */
export async function startMorpho(
  contracts: Contracts,
  rateModel: RateModel = () => ({ artifact: contracts.IrmMock, args: [], listed: false }),
): Promise<MorphoWorld> {
  const anvil = await startAnvil({ chainId: 31337, timestampSec: T0 })
  const client = createWorldClient(anvil.rpcUrl, 31337)
  const { morpho, chain, markets } = await deployMorpho(client, contracts, rateModel, T0 + 12)
  const follower = followLogs(client, chain)
  await follower.follow()
  const { abi } = contracts.Morpho
  return {
    anvil,
    client,
    morpho,
    abi,
    contracts,
    chain,
    markets,
    users: [...ACTORS, FEE_RECIPIENT].map((index) => lower(demoAccount(index).address)),
    state: follower.state,
    logs: follower.logs,
    head: follower.head,
    async mine(calls, elapsedSec) {
      const hashes: Hex[] = []
      for (const { from, to, data } of calls) {
        const account = demoAccount(from).address
        hashes.push(await client.sendTransaction({ account, to, data, gas: 1_000_000n, chain: null }))
      }
      await client.setNextBlockTimestamp({ timestamp: BigInt(follower.head().timestampSec + elapsedSec) })
      await client.mine({ blocks: 1 })
      await follower.follow()
      const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })))
      return receipts.filter(({ status }) => status === 'success').length
    },
    async ask(name, args) {
      const data = encodeFunctionData({ abi, functionName: name, args })
      try {
        const call = { account: demoAccount(LIQUIDATOR).address, to: morpho, data }
        const { data: answer } = await client.call({ ...call, blockTag: 'latest' })
        return { result: decodeFunctionResult({ abi, functionName: name, data: answer! }) }
      } catch (error) {
        return { revert: String((error as Error).message) }
      }
    },
    async price({ params }) {
      const { abi: oracleAbi } = contracts.OracleMock
      const answer = { address: params.oracle, abi: oracleAbi, functionName: 'price' }
      return (await client.readContract(answer)) as bigint
    },
  }
}

/** Our fold over every block so far. */
function followLogs(client: WorldClient, chain: ChainSpec) {
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
  return { state, logs, follow, head: () => head! }
}

/** One random act of a user in a random market. */
export function randomCall(world: MorphoWorld, random: Random, priceOf: ReadonlyMap<Hex, bigint>): Call {
  const market = world.markets[random(world.markets.length)]!
  const { params, loanUnit, collateralUnit } = market
  const from = ACTORS[random(ACTORS.length)]!
  const user = demoAccount(from).address
  const some = (unit: bigint) => (unit * BigInt(1 + random(1_000_000))) / 10_000n
  const call = (name: string, args: readonly unknown[]): Call => ({
    from,
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

/** The call that moves a market's oracle to a price. */
export function priceCall(market: TestMarket, artifact: Artifact, price: bigint): Call {
  const data = encodeFunctionData({ abi: artifact.abi, functionName: 'setPrice', args: [price] })
  return { from: 1, to: market.params.oracle, data }
}
