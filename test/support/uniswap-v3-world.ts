/** Uniswap V3's published factory and pools on a real chain, traded by a contract of ours, our fold following the logs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Abi, type Address, decodeFunctionResult, encodeFunctionData } from 'viem'
import { startAnvil } from '../../demo/anvil'
import { type Artifact, loadUniswapArtifact } from '../../demo/artifacts'
import { createWorldClient } from '../../demo/client'
import { createDeployer, type Deployer } from '../../demo/deployer'
import { CHAINS } from '../../src/chains/registry'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { Fact, MarketState, RawLog } from '../../src/protocols/types'
import { blockLogs } from './chain-logs'
import { compileFile } from './solidity'

const CHAIN_ID = 31337
const SUPPLY = 2n ** 250n
/** What the deployer gives a transaction: less than a trade through a thousand empty words of a bitmap takes. */
const GAS = 30_000_000n

/** What the contract says of a pool. */
export interface Look {
  sqrtPriceX96: bigint
  tick: number
  liquidity: bigint
  feeProtocol: number
  balance0: bigint
  balance1: bigint
  gross: readonly bigint[]
  net: readonly bigint[]
}

export interface UniswapV3World {
  deployer: Deployer
  chain: ChainSpec
  state: ReturnType<typeof createMemoryState>
  facts: Fact[]
  trader: Hex
  createPool(options: { feePips: number; sqrtPriceX96: bigint }): Promise<Hex>
  /** Sends to the trader (or, with `to`, elsewhere) if it would succeed; mines, folds, and tells the block's facts. */
  act(name: string, args: readonly unknown[], to?: Address): Promise<Fact[] | undefined>
  look(pool: Hex, ticks: readonly number[]): Promise<Look>
  market(pool: Hex): MarketState
  tickRows(pool: Hex): MarketState[]
  stop(): Promise<void>
}

function v3Artifact(name: string): Artifact {
  const root = join(__dirname, '../../node_modules/@uniswap/v3-core/artifacts/contracts')
  return JSON.parse(readFileSync(join(root, `${name}.sol/${name}.json`), 'utf8'))
}

export async function startUniswapV3(): Promise<UniswapV3World> {
  const artifacts = {
    factory: v3Artifact('UniswapV3Factory'),
    pool: v3Artifact('UniswapV3Pool'),
    token: loadUniswapArtifact('ERC20', 'v2-core'),
    trader: compileFile(join(__dirname, '../protocols/uniswap-v3/Trader.sol')).Trader!,
  }
  const anvil = await startAnvil({ chainId: CHAIN_ID, timestampSec: 1_750_000_000 })
  const client = createWorldClient(anvil.rpcUrl, CHAIN_ID)
  const deployer = await createDeployer(client)
  const lower = async (address: Promise<Address>) => (await address).toLowerCase() as Hex
  const factory = await lower(deployer.deploy(artifacts.factory))
  const trader = await lower(deployer.deploy(artifacts.trader))
  const [tokenA, tokenB] = [
    await lower(deployer.deploy(artifacts.token, [SUPPLY])),
    await lower(deployer.deploy(artifacts.token, [SUPPLY])),
  ]
  for (const to of [tokenA, tokenB])
    await deployer.call({ to, abi: artifacts.token.abi, name: 'transfer', args: [trader, SUPPLY] })
  await deployer.call({ to: factory, abi: artifacts.factory.abi, name: 'enableFeeAmount', args: [100, 1] })
  await deployer.flush()

  const chain = chainOf(factory, [tokenA, tokenB])
  const state = createMemoryState()
  const context = createContext(chain)
  const facts: Fact[] = []
  let height = 0

  async function follow(): Promise<Fact[]> {
    const head = Number(await client.getBlockNumber())
    const logs: RawLog[] = []
    for (; height <= head; height++) logs.push(...(await blockLogs(client, CHAIN_ID, height)).logs)
    const folded = foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
    if (folded.undecodable.length > 0) throw new Error(folded.undecodable[0]!.reason)
    facts.push(...folded.facts)
    return folded.facts
  }
  await follow()

  const abiOf = (to: Address): Abi => (to === trader ? artifacts.trader.abi : artifacts.pool.abi)
  return {
    deployer,
    chain,
    state,
    facts,
    trader,
    async createPool({ feePips, sqrtPriceX96 }) {
      const args = [tokenA, tokenB, feePips]
      await deployer.call({ to: factory, abi: artifacts.factory.abi, name: 'createPool', args })
      await deployer.flush()
      await follow()
      const pool = [...state.markets.values()].findLast(({ kind }) => kind === 'pool')!.pool
      await deployer.call({ to: pool, abi: artifacts.pool.abi, name: 'initialize', args: [sqrtPriceX96] })
      await deployer.flush()
      await follow()
      return pool
    },
    async act(name, args, to = trader) {
      const data = encodeFunctionData({ abi: abiOf(to), functionName: name, args })
      const would = await client.call({ account: deployer.admin, to, data, gas: GAS }).then(
        () => true,
        () => false,
      )
      if (!would) return undefined
      await deployer.call({ to, abi: abiOf(to), name, args })
      await deployer.flush()
      return follow()
    },
    async look(pool, ticks) {
      const { abi } = artifacts.trader
      const data = encodeFunctionData({ abi, functionName: 'look', args: [pool, ticks] })
      const { data: result } = await client.call({ to: trader, data })
      return decodeFunctionResult({ abi, functionName: 'look', data: result! }) as unknown as Look
    },
    market: (pool) => state.market(`${CHAIN_ID}:${pool}`)!,
    tickRows: (pool) =>
      [...state.markets.values()].filter((market) => market.pool === pool && market.kind === 'ticks'),
    stop: () => anvil.stop(),
  }
}

function chainOf(factory: Hex, tokens: readonly Hex[]): ChainSpec {
  return {
    ...CHAINS.harbor!,
    tokens: tokens.map((address, i) => ({ address, symbol: `T${i}`, name: `Token ${i}`, decimals: 18 })),
    feeds: [],
    contracts: [
      { address: factory, protocol: 'uniswap-v3', role: 'factory', label: 'factory', deployedAtBlock: 0 },
    ],
  }
}
