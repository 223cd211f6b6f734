/**
 * Account data from indexed events against the pool's own answer, on a real chain with the published bytecode:
 * every account, every block read, difference 0.
 */
import { type Address, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CAST, demoAccount } from '../../../demo/accounts'
import { type Call, POOL_ABI, transferCall } from '../../../demo/calls'
import { units } from '../../../demo/tokens'
import { startWorld, type World } from '../../../demo/world'
import type { Hex } from '../../../src/chains/types'
import { accountData } from '../../../src/protocols/aave-v3/risk'
import { followChain } from '../../support/aave-fold'

const TURNS = 60
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
