/**
 * Account data from indexed events against the pool's own answer, on a real chain with the published bytecode:
 * every account, every block read, difference 0.
 */
import { type Address, encodeFunctionData, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CAST, demoAccount } from '../../../demo/accounts'
import {
  borrowCall,
  type Call,
  collateralCall,
  PAIR_ABI,
  POOL_ABI,
  supplyCall,
  transferCall,
} from '../../../demo/calls'
import { units } from '../../../demo/tokens'
import { startWorld, type World } from '../../../demo/world'
import type { Hex } from '../../../src/chains/types'
import { accountData } from '../../../src/protocols/aave-v3/risk'
import { spotPriceWad } from '../../../src/protocols/uniswap-v2/risk'
import { followChain } from '../../support/aave-fold'

const TURNS = 60
const E_MODE_ABI = parseAbi(['function setUserEMode(uint8)'])
const CONFIGURE = {
  category: parseAbi(['function setEModeCategory(uint8,uint16,uint16,uint16,address,string)'])[0],
  assign: parseAbi(['function setAssetEModeCategory(address,uint8)'])[0],
  params: parseAbi(['function configureReserveAsCollateral(address,uint256,uint256,uint256)'])[0],
} as const
const TOKEN_ABI = parseAbi(['function scaledBalanceOf(address) view returns (uint256)'])

describe('Aave V3 account data from events', () => {
  let world: World
  let chain: ReturnType<typeof followChain>
  const compared = { accounts: 0, withDebt: 0, unhealthy: 0, liquidations: 0, aTokenTransfers: 0 }

  beforeAll(async () => {
    world = await startWorld({ chain: 'harbor', seed: 11, mining: 'manual', timeJumps: true })
    chain = followChain(world.publicClient, 'harbor')
  })
  afterAll(async () => {
    await world?.stop()
  })

  it('equals getUserAccountData for every account after every block', async () => {
    for (let turn = 0; turn < TURNS; turn++) {
      if (turn === 20 || turn === 40) world.crash(0.35)
      const extraCalls = turn % 7 === 5 ? aTokenTransfers(world, turn) : []
      const { height, liquidations } = await world.step({ extraCalls })
      compared.liquidations += liquidations.length
      await chain.advanceTo(Number(height))
      await compareAll(world, chain, compared)
    }
    const aTokens = new Set<string>(world.addresses.assets.map(({ aToken }) => aToken))
    compared.aTokenTransfers = chain.seen.facts.filter(
      (fact) =>
        fact.table === 'token_transfer' && aTokens.has(fact.asset) && !isZero(fact.from) && !isZero(fact.to),
    ).length
    expect(chain.seen.undecodable).toEqual([])
    expect(compared.accounts).toBeGreaterThan(1_000)
    expect(compared.withDebt).toBeGreaterThan(200)
    expect(compared.unhealthy).toBeGreaterThan(0)
    expect(compared.liquidations).toBeGreaterThan(2)
    expect(compared.aTokenTransfers).toBeGreaterThan(10)
    console.info('compared with getUserAccountData:', compared)
  }, 240_000)

  it('follows e-mode: categories, assets moved into them, accounts that enter and leave', async () => {
    const [weth, , usdc, dai] = world.addresses.assets
    const [supplier, other] = [CAST.suppliers[0] + 3, CAST.suppliers[0] + 4]
    const configure = (name: keyof typeof CONFIGURE, ...args: unknown[]): Call => ({
      from: CAST.admin,
      to: world.addresses.aave.poolConfigurator,
      data: encodeFunctionData({ abi: [CONFIGURE[name]], args } as never),
      valueWei: 0n,
      gas: 1_000_000n,
      label: name,
    })
    const enter = (from: number, category: number): Call => ({
      from,
      to: world.addresses.aave.pool,
      data: encodeFunctionData({ abi: E_MODE_ABI, functionName: 'setUserEMode', args: [category] }),
      valueWei: 0n,
      gas: 1_000_000n,
      label: 'e-mode',
    })
    const self = (from: number) => demoAccount(from).address
    const turns: Call[][] = [
      [
        configure('category', 1, 9_300, 9_500, 10_100, `0x${'0'.repeat(40)}`, 'stable'),
        configure('assign', usdc!.token, 1),
        configure('assign', dai!.token, 1),
      ],
      [enter(supplier, 1), enter(other, 1), supplyCall(supplier, self(supplier), usdcOf('50000'))],
      [borrowCall(supplier, self(supplier), { token: dai!.token, amount: units('DAI', '1000') })],
      [collateralCall(supplier, weth!.token, false), enter(other, 0)],
      [
        configure('category', 1, 9_000, 9_200, 10_200, `0x${'0'.repeat(40)}`, 'stable'),
        configure('assign', dai!.token, 0),
      ],
      [configure('params', weth!.token, 0, 7_000, 10_600)],
    ]
    for (const extraCalls of turns) {
      const { height, refused } = await world.step({ extraCalls })
      expect(refused).toEqual([])
      await chain.advanceTo(Number(height))
      await compareAll(world, chain, compared)
    }
    const chosen = [...chain.state.positions.values()].filter(
      ({ marketId }) => marketId === `31337:${world.addresses.aave.pool}`,
    )
    expect(chosen.map(({ scaledSupply }) => scaledSupply).sort()).toEqual([0n, 1n])
    const market = chain.state.market(`31337:${world.addresses.aave.pool}:${usdc!.token}`)
    expect(market?.state).toMatchObject({
      eModeCategory: 1,
      decimals: 6,
      priceFeed: usdc!.feed,
      aToken: usdc!.aToken,
    })
    function usdcOf(amount: string) {
      return { token: usdc!.token, amount: units('USDC', amount) }
    }
  }, 120_000)

  it('knows the reserves of the pair', async () => {
    const { pair } = world.addresses.uniswapV2
    const [reserve0, reserve1] = await world.publicClient.readContract({
      address: pair,
      abi: PAIR_ABI,
      functionName: 'getReserves',
    })
    const market = chain.state.market(`31337:${pair}`)
    expect(market?.state).toMatchObject({ reserve0: reserve0.toString(), reserve1: reserve1.toString() })
    const price = spotPriceWad(market!)
    const [weth, , usdc] = world.addresses.assets
    const [base, quote] = weth!.token < usdc!.token ? [reserve0, reserve1] : [reserve1, reserve0]
    const usdPerWeth = Number(quote) / 1e6 / (Number(base) / 1e18)
    expect(Number(price) / 1e18).toBeCloseTo(weth!.token < usdc!.token ? usdPerWeth : 1 / usdPerWeth, 9)
  })

  it('holds every scaled balance that the tokens hold', async () => {
    let checked = 0
    for (const { token, aToken, variableDebtToken } of world.addresses.assets) {
      for (const account of chain.holders(world.addresses.aave.pool)) {
        const marketId = `${chain.chain.id}:${world.addresses.aave.pool}:${token}`
        const position = chain.state.position(account, marketId)
        const [supply, debt] = await Promise.all(
          [aToken, variableDebtToken].map((address) =>
            world.publicClient.readContract({
              address,
              abi: TOKEN_ABI,
              functionName: 'scaledBalanceOf',
              args: [account],
            }),
          ),
        )
        expect([account, position?.scaledSupply ?? 0n, position?.scaledDebt ?? 0n]).toEqual([
          account,
          supply,
          debt,
        ])
        checked++
      }
    }
    expect(checked).toBeGreaterThan(100)
  })
})

function isZero(address: Hex): boolean {
  return /^0x0*$/.test(address)
}

/** Suppliers hand aTokens to a fresh wallet and to a borrower, which enables collateral for the receiver. */
function aTokenTransfers(world: World, turn: number): Call[] {
  const [weth, , usdc] = world.addresses.assets
  const supplier = CAST.suppliers[0] + (turn % 3)
  const wallet = demoAccount(CAST.wallets[0] + (turn % 5)).address
  const borrower = demoAccount(CAST.levered[0] + (turn % 4)).address
  return [
    transferCall(supplier, wallet, { token: weth!.aToken, amount: units('WETH', '0.123456789') }),
    transferCall(supplier, borrower, { token: usdc!.aToken, amount: units('USDC', '17.654321') }),
    transferCall(supplier + 1, wallet, { token: usdc!.aToken, amount: 1n }),
  ]
}

async function compareAll(
  world: World,
  chain: ReturnType<typeof followChain>,
  compared: { accounts: number; withDebt: number; unhealthy: number },
): Promise<void> {
  const { pool } = world.addresses.aave
  const accounts = [...new Set<Hex>([...world.users, ...chain.holders(pool)])]
  const answers = await Promise.all(accounts.map((account) => readAccount(world, pool, account)))
  for (const [index, account] of accounts.entries()) {
    const data = accountData(chain.inputOf(account, pool))
    if ('incomplete' in data) throw new Error(`${account}: ${data.incomplete}`)
    const [collateral, debt, , threshold, ltv, healthFactor] = answers[index]!
    expect({ account, ...data, badDebtBase: null }).toEqual({
      account,
      totalCollateralBase: collateral,
      totalDebtBase: debt,
      currentLiquidationThresholdBps: threshold,
      ltvBps: ltv,
      healthFactorWad: healthFactor,
      badDebtBase: null,
    })
    compared.accounts++
    if (debt > 0n) compared.withDebt++
    if (healthFactor < 10n ** 18n) compared.unhealthy++
  }
}

async function readAccount(world: World, pool: Address, account: Address) {
  return world.publicClient.readContract({
    address: pool,
    abi: POOL_ABI,
    functionName: 'getUserAccountData',
    args: [account],
  })
}
