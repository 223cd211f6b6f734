/**
 * What actors can do: plain descriptions of transactions, encoded but neither signed nor sent.
 *
 * Gas limits are fixed and generous. An estimate would cost a round trip each and would drop calls that are about
 * to fail, and a chain without failed transactions is not lifelike.
 */
import { type Address, encodeFunctionData, type Hex, maxUint256, parseAbi } from 'viem'
import { LOCAL_WORLD } from '../src/chains/local-world'

export type Call = {
  /** Account index of the sender. */
  from: number
  to: Address
  data: Hex
  valueWei: bigint
  gas: bigint
  /** What it is, for the log: "borrow USDC". */
  label: string
}

export const ERC20_ABI = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address,address) view returns (uint256)',
  'function approve(address,uint256) returns (bool)',
  'function transfer(address,uint256) returns (bool)',
])
export const POOL_ABI = parseAbi([
  'function supply(address,uint256,address,uint16)',
  'function withdraw(address,uint256,address) returns (uint256)',
  'function borrow(address,uint256,uint256,uint16,address)',
  'function repay(address,uint256,uint256,address) returns (uint256)',
  'function setUserUseReserveAsCollateral(address,bool)',
  'function liquidationCall(address,address,address,uint256,bool)',
  'function getUserAccountData(address) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getConfiguration(address) view returns (uint256)',
  'function getUserConfiguration(address) view returns (uint256)',
])
export const PAIR_ABI = parseAbi([
  'function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)',
  'function token0() view returns (address)',
])
export const ROUTER_ABI = parseAbi([
  'function swapExactTokensForTokens(uint256,uint256,address[],address,uint256) returns (uint256[])',
])
export const FEED_ABI = parseAbi([
  'function latestAnswer() view returns (int256)',
  'function latestTimestamp() view returns (uint256)',
  'function owner() view returns (address)',
  'function transmitter() view returns (address)',
  'function setAnswer(int256)',
  'function setTransmitter(address)',
  'function transferOwnership(address)',
])
export const CONFIGURATOR_ABI = parseAbi(['function setReservePause(address,bool)'])

const VARIABLE_RATE = 2n
const NO_DEADLINE = 2n ** 64n
const { pool, poolConfigurator } = LOCAL_WORLD.aave
const { router } = LOCAL_WORLD.uniswapV2

type TokenAmount = { token: Address; amount: bigint }

export function approveCall(from: number, token: Address, spender: Address): Call {
  const data = encodeFunctionData({ abi: ERC20_ABI, functionName: 'approve', args: [spender, maxUint256] })
  return call(from, token, data, 100_000n, 'approve')
}

export function transferCall(from: number, receiver: Address, { token, amount }: TokenAmount): Call {
  const data = encodeFunctionData({ abi: ERC20_ABI, functionName: 'transfer', args: [receiver, amount] })
  return call(from, token, data, 500_000n, 'transfer')
}

export function sendEtherCall(from: number, receiver: Address, valueWei: bigint): Call {
  return { from, to: receiver, data: '0x', valueWei, gas: 21_000n, label: 'send ether' }
}

export function supplyCall(from: number, self: Address, { token, amount }: TokenAmount): Call {
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'supply', args: [token, amount, self, 0] })
  return call(from, pool, data, 800_000n, 'supply')
}

export function withdrawCall(from: number, self: Address, { token, amount }: TokenAmount): Call {
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'withdraw', args: [token, amount, self] })
  return call(from, pool, data, 1_000_000n, 'withdraw')
}

export function borrowCall(from: number, self: Address, { token, amount }: TokenAmount): Call {
  const args = [token, amount, VARIABLE_RATE, 0, self] as const
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'borrow', args })
  return call(from, pool, data, 1_200_000n, 'borrow')
}

/** Repays at most `amount`; maxUint256 repays all. */
export function repayCall(from: number, self: Address, { token, amount }: TokenAmount): Call {
  const args = [token, amount, VARIABLE_RATE, self] as const
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'repay', args })
  return call(from, pool, data, 800_000n, 'repay')
}

export function collateralCall(from: number, token: Address, enabled: boolean): Call {
  const args = [token, enabled] as const
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'setUserUseReserveAsCollateral', args })
  return call(from, pool, data, 800_000n, enabled ? 'enable collateral' : 'disable collateral')
}

/** Repays as much of the borrower's debt as the close factor allows and takes collateral with the bonus. */
export function liquidationCall(
  from: number,
  target: { collateral: Address; debt: Address; borrower: Address; receiveAToken: boolean },
): Call {
  const args = [target.collateral, target.debt, target.borrower, maxUint256, target.receiveAToken] as const
  const data = encodeFunctionData({ abi: POOL_ABI, functionName: 'liquidationCall', args })
  return call(from, pool, data, 2_000_000n, 'liquidation')
}

/** Sells `amount` of the first token for whatever the pair gives. */
export function swapCall(from: number, self: Address, path: [Address, Address], amount: bigint): Call {
  const args = [amount, 0n, path, self, NO_DEADLINE] as const
  const data = encodeFunctionData({ abi: ROUTER_ABI, functionName: 'swapExactTokensForTokens', args })
  return call(from, router, data, 400_000n, 'swap')
}

export function answerCall(from: number, feed: Address, priceE8: bigint): Call {
  const data = encodeFunctionData({ abi: FEED_ABI, functionName: 'setAnswer', args: [priceE8] })
  return call(from, feed, data, 200_000n, 'price')
}

export function transmitterCall(from: number, feed: Address, next: Address): Call {
  const data = encodeFunctionData({ abi: FEED_ABI, functionName: 'setTransmitter', args: [next] })
  return call(from, feed, data, 100_000n, 'set transmitter')
}

export function ownershipCall(from: number, feed: Address, next: Address): Call {
  const data = encodeFunctionData({ abi: FEED_ABI, functionName: 'transferOwnership', args: [next] })
  return call(from, feed, data, 100_000n, 'transfer ownership')
}

export function pauseCall(from: number, token: Address, paused: boolean): Call {
  const args = [token, paused] as const
  const data = encodeFunctionData({ abi: CONFIGURATOR_ABI, functionName: 'setReservePause', args })
  return call(from, poolConfigurator, data, 300_000n, paused ? 'pause reserve' : 'unpause reserve')
}

function call(from: number, to: Address, data: Hex, gas: bigint, label: string): Call {
  return { from, to, data, valueWei: 0n, gas, label }
}
