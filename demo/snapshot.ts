/**
 * What actors see before they decide: one market view and one view per acting account, read in a few
 * eth_calls pinned to one height (viem's deployless multicall), so that a turn's decisions are about the same block.
 */
import type { Address } from 'viem'
import { LOCAL_WORLD } from '../src/chains/local-world'
import { demoAccount } from './accounts'
import { ERC20_ABI, FEED_ABI, PAIR_ABI, POOL_ABI } from './calls'
import type { WorldClient } from './client'

/** Arrays are in the order of LOCAL_WORLD.assets; amounts in base units; prices in USD with 8 decimals. */
export type MarketView = {
  feedPricesE8: bigint[]
  feedUpdatedSec: bigint[]
  feedOwners: Address[]
  feedTransmitters: Address[]
  /** What can still be withdrawn or borrowed. */
  liquidity: bigint[]
  paused: boolean[]
  pairWeth: bigint
  pairUsdc: bigint
}

export type AccountView = {
  index: number
  address: Address
  collateralE8: bigint
  debtE8: bigint
  availableBorrowsE8: bigint
  liquidationThresholdBps: bigint
  /** 1e18 is the liquidation threshold; without debt it is 2^256 − 1. */
  healthFactorWad: bigint
  wallet: bigint[]
  poolAllowance: bigint[]
  routerAllowance: bigint[]
  aTokens: bigint[]
  debts: bigint[]
  collateralEnabled: boolean[]
}

type Contract = { address: Address; abi: readonly unknown[]; functionName: string; args?: readonly unknown[] }

const { assets, aave, uniswapV2 } = LOCAL_WORLD
const PAUSED_BIT = 60n

/** Reads the market as of a block. */
export async function readMarket(client: WorldClient, blockNumber: bigint): Promise<MarketView> {
  const perAsset = assets.flatMap(({ token, aToken, feed }): Contract[] => [
    { address: feed, abi: FEED_ABI, functionName: 'latestAnswer' },
    { address: feed, abi: FEED_ABI, functionName: 'latestTimestamp' },
    { address: feed, abi: FEED_ABI, functionName: 'owner' },
    { address: feed, abi: FEED_ABI, functionName: 'transmitter' },
    { address: token, abi: ERC20_ABI, functionName: 'balanceOf', args: [aToken] },
    { address: aave.pool, abi: POOL_ABI, functionName: 'getConfiguration', args: [token] },
  ])
  const pair: Contract[] = [
    { address: uniswapV2.pair, abi: PAIR_ABI, functionName: 'getReserves' },
    { address: uniswapV2.pair, abi: PAIR_ABI, functionName: 'token0' },
  ]
  const results = await readAll(client, [...perAsset, ...pair], blockNumber)
  const column = <T>(offset: number) => assets.map((_, row) => results[row * 6 + offset] as T)
  const [reserve0, reserve1] = results[assets.length * 6] as [bigint, bigint]
  const wethFirst = (results[assets.length * 6 + 1] as Address).toLowerCase() === assets[0]?.token
  return {
    feedPricesE8: column<bigint>(0),
    feedUpdatedSec: column<bigint>(1),
    feedOwners: column<Address>(2).map(lower),
    feedTransmitters: column<Address>(3).map(lower),
    liquidity: column<bigint>(4),
    paused: column<bigint>(5).map((bits) => ((bits >> PAUSED_BIT) & 1n) === 1n),
    pairWeth: wethFirst ? reserve0 : reserve1,
    pairUsdc: wethFirst ? reserve1 : reserve0,
  }
}

/** Reads everything about these accounts (by index) as of a block. */
export async function readAccounts(
  client: WorldClient,
  indexes: readonly number[],
  blockNumber: bigint,
): Promise<AccountView[]> {
  const width = 2 + assets.length * 5
  const contracts = indexes.flatMap((index) => accountContracts(demoAccount(index).address))
  const results = await readAll(client, contracts, blockNumber)
  return indexes.map((index, row) => accountView(index, results.slice(row * width, (row + 1) * width)))
}

function accountContracts(user: Address): Contract[] {
  const balance = (address: Address): Contract => ({
    address,
    abi: ERC20_ABI,
    functionName: 'balanceOf',
    args: [user],
  })
  const allowance = (address: Address, spender: Address): Contract => ({
    address,
    abi: ERC20_ABI,
    functionName: 'allowance',
    args: [user, spender],
  })
  return [
    { address: aave.pool, abi: POOL_ABI, functionName: 'getUserAccountData', args: [user] },
    { address: aave.pool, abi: POOL_ABI, functionName: 'getUserConfiguration', args: [user] },
    ...assets.flatMap(({ token, aToken, variableDebtToken }) => [
      balance(token),
      allowance(token, aave.pool),
      allowance(token, uniswapV2.router),
      balance(aToken),
      balance(variableDebtToken),
    ]),
  ]
}

function accountView(index: number, results: unknown[]): AccountView {
  const [collateralE8, debtE8, availableBorrowsE8, liquidationThresholdBps, , healthFactorWad] =
    results[0] as readonly [bigint, bigint, bigint, bigint, bigint, bigint]
  const configuration = results[1] as bigint
  const column = (offset: number) => assets.map((_, row) => results[2 + row * 5 + offset] as bigint)
  return {
    index,
    address: demoAccount(index).address,
    collateralE8,
    debtE8,
    availableBorrowsE8,
    liquidationThresholdBps,
    healthFactorWad,
    wallet: column(0),
    poolAllowance: column(1),
    routerAllowance: column(2),
    aTokens: column(3),
    debts: column(4),
    // Two bits a reserve: the lower says "borrowing", the upper "used as collateral".
    collateralEnabled: assets.map((_, row) => ((configuration >> BigInt(row * 2 + 1)) & 1n) === 1n),
  }
}

/** Bytes of call data in one eth_call: a deployless multicall travels as init code, which EIP-3860 caps at 48 KiB. */
export const READ_BATCH_BYTES = 6_000

async function readAll(client: WorldClient, contracts: Contract[], blockNumber: bigint): Promise<unknown[]> {
  return client.multicall({
    contracts: contracts as never,
    allowFailure: false,
    deployless: true,
    batchSize: READ_BATCH_BYTES,
    blockNumber,
  }) as Promise<unknown[]>
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address
}
