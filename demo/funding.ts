/** Mints the treasury's stock and hands every actor what its role begins with. */
import { maxUint256 } from 'viem'
import { CAST, demoAccount, indexesOf } from './accounts'
import { aaveAbi } from './artifacts'
import type { Deployer } from './deployer'
import { ASSETS, type TokenAddresses, units } from './tokens'

type Purse = Partial<Record<string, string>>

const STOCK: Purse = { WETH: '300000', WBTC: '20000', USDC: '900000000', DAI: '900000000' }

/** What a role owns at the start; odd and even members of a group hold different collateral. */
function purseOf(index: number): Purse | undefined {
  const within = ([first, last]: readonly [number, number]) => index >= first && index <= last
  const even = index % 2 === 0
  if (index === CAST.liquidator) return { WETH: '400', USDC: '900000', DAI: '900000' }
  if (index === CAST.arbitrageur) return { WETH: '1500', USDC: '4500000' }
  if (within(CAST.suppliers)) return { WETH: '60', WBTC: '3', USDC: '300000', DAI: '250000' }
  if (within(CAST.careful)) return even ? { WETH: '30', USDC: '4000' } : { WBTC: '1.5', DAI: '3000' }
  if (within(CAST.levered)) return even ? { WETH: '40', USDC: '1500' } : { WETH: '12', WBTC: '1.2' }
  if (within(CAST.degenerate)) return even ? { WETH: '35' } : { WBTC: '2' }
  if (within(CAST.deadbeat)) return { WETH: '25' }
  if (within(CAST.swappers)) return { WETH: '25', USDC: '70000' }
  if (within(CAST.wallets)) return { WETH: '2', USDC: '5000', DAI: '2500' }
  return undefined
}

/** Funds the treasury in one block (it also lets the pool take its tokens); call before the pair gets liquidity. */
export async function fundTreasury(
  deployer: Deployer,
  tokens: TokenAddresses[],
  pool: `0x${string}`,
): Promise<void> {
  const from = CAST.treasury
  for (const [index, { symbol }] of ASSETS.entries()) {
    const to = tokens[index]!.token
    const amount = units(symbol, STOCK[symbol] ?? '0')
    if (symbol === 'WETH') {
      await deployer.call({ from, to, abi: aaveAbi('WETH9'), name: 'deposit', valueWei: amount })
    } else {
      const abi = aaveAbi('MintableERC20').filter(
        (item) => item.type !== 'function' || item.name !== 'mint' || item.inputs.length === 2,
      )
      await deployer.call({ from, to, abi, name: 'mint', args: [demoAccount(from).address, amount] })
    }
    await deployer.call({
      from,
      to,
      abi: aaveAbi('MintableERC20'),
      name: 'approve',
      args: [pool, maxUint256],
    })
  }
  await deployer.flush()
}

/** Transfers every actor's starting purse from the treasury in one block. */
export async function fundActors(deployer: Deployer, tokens: TokenAddresses[]): Promise<void> {
  const abi = aaveAbi('MintableERC20')
  for (const index of indexesOf([CAST.liquidator, CAST.wallets[1]])) {
    const purse = purseOf(index) ?? {}
    for (const [position, { symbol }] of ASSETS.entries()) {
      const amount = purse[symbol]
      if (amount === undefined) continue
      const args = [demoAccount(index).address, units(symbol, amount)]
      await deployer.call({ from: CAST.treasury, to: tokens[position]!.token, abi, name: 'transfer', args })
    }
  }
  await deployer.flush()
}
