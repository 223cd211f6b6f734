/** Brings up Uniswap V2 (factory, router, one WETH/USDC pair) from its published bytecode and gives it liquidity. */
import type { Address } from 'viem'
import { CAST, demoAccount } from './accounts'
import { aaveAbi, loadUniswapArtifact } from './artifacts'
import type { Deployer } from './deployer'
import { ASSETS, type TokenAddresses, units } from './tokens'

export type UniswapAddresses = { factory: Address; router: Address; pair: Address }

/** 2,000 WETH at the starting price: a swap of 10 WETH moves the price by one per cent. */
const POOL_WETH = '2000'
const POOL_USDC = '6000000'
const NO_DEADLINE = 2n ** 64n

/** Deploys factory, router and pair; the treasury, which must already be funded, provides the liquidity. */
export async function deployUniswap(deployer: Deployer, tokens: TokenAddresses[]): Promise<UniswapAddresses> {
  const weth = tokenOf(tokens, 'WETH')
  const usdc = tokenOf(tokens, 'USDC')
  const factoryArtifact = loadUniswapArtifact('UniswapV2Factory', 'v2-core')
  const routerArtifact = loadUniswapArtifact('UniswapV2Router02', 'v2-periphery')
  const factory = await deployer.deploy(factoryArtifact, [deployer.admin])
  const router = await deployer.deploy(routerArtifact, [factory, weth])
  await deployer.call({ to: factory, abi: factoryArtifact.abi, name: 'createPair', args: [weth, usdc] })
  const amounts = [units('WETH', POOL_WETH), units('USDC', POOL_USDC)]
  const from = CAST.treasury
  for (const [index, to] of [weth, usdc].entries()) {
    await deployer.call({
      from,
      to,
      abi: aaveAbi('MintableERC20'),
      name: 'approve',
      args: [router, amounts[index]],
    })
  }
  const receiver = demoAccount(from).address
  const args = [weth, usdc, ...amounts, 0n, 0n, receiver, NO_DEADLINE]
  await deployer.call({ from, to: router, abi: routerArtifact.abi, name: 'addLiquidity', args })
  await deployer.flush()
  const pair = (await deployer.client.readContract({
    address: factory,
    abi: factoryArtifact.abi,
    functionName: 'getPair',
    args: [weth, usdc],
  })) as Address
  return { factory, router, pair }
}

function tokenOf(tokens: TokenAddresses[], symbol: string): Address {
  const found = tokens[ASSETS.findIndex((spec) => spec.symbol === symbol)]
  if (found === undefined) throw new Error(`Uniswap needs ${symbol}, which was not deployed`)
  return found.token
}
