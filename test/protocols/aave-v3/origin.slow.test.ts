/** Indexed state of an Aave V3.6 pool, compiled from its published sources, against the pool's own answers. */
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomFor } from '../../../demo/random'
import { aaveV3Risk } from '../../../src/protocols/aave-v3/risk'
import {
  act,
  compareAccounts,
  compareTokens,
  type Driver,
  emptyTally,
  liquidateSome,
  marketId,
} from '../../support/aave-actors'
import { type LabAsset, type RunningLab, startLab } from '../../support/aave-lab'
import { compileOrigin, deployOrigin } from '../../support/aave-origin'

const usd = (value: number) => BigInt(Math.round(value * 1e8))
const ASSETS: LabAsset[] = [
  {
    symbol: 'WETH',
    decimals: 18,
    price: usd(3_000),
    ltvBps: 8_000n,
    thresholdBps: 8_250n,
    bonusBps: 10_500n,
  },
  {
    symbol: 'WBTC',
    decimals: 8,
    price: usd(60_000),
    ltvBps: 7_000n,
    thresholdBps: 7_500n,
    bonusBps: 10_650n,
  },
  { symbol: 'USDC', decimals: 6, price: usd(1), ltvBps: 7_700n, thresholdBps: 8_000n, bonusBps: 10_450n },
  { symbol: 'DAI', decimals: 18, price: usd(1), ltvBps: 0n, thresholdBps: 5_000n, bonusBps: 11_000n },
]

describe('Aave V3.6 from events', () => {
  let lab: RunningLab
  let driver: Driver
  beforeAll(async () => {
    const compiled = compileOrigin()
    // No token is listed in the chain file: decimals come from the aTokens' own set-up.
    lab = await startLab(ASSETS, (deployer, assets) => deployOrigin(deployer, compiled, assets), false)
    driver = { lab, risk: aaveV3Risk, random: randomFor('aave-v3.6').float, tally: emptyTally() }
  }, 300_000)
  afterAll(async () => {
    await lab?.stop()
  })

  it('knows every reserve, its decimals and its parameters', async () => {
    expect(lab.chain.seen.undecodable).toEqual([])
    for (const [index, token] of lab.tokens.entries()) {
      expect(lab.chain.state.market(marketId(lab, token))).toMatchObject({
        complete: true,
        revision: 10,
        state: {
          decimals: ASSETS[index]!.decimals,
          listed: true,
          priceFeed: lab.feeds[index],
          optimalUsageBps: 8_000,
          baseRateBps: 300,
          slope1Bps: 900,
          slope2Bps: 9_000,
          supplyCap: '1000000000',
          reserveFactorBps: 1_500,
        },
      })
    }
  })

  it('equals getUserAccountData after every action, and foretells every liquidation', async () => {
    for (let round = 0; round < 420; round++) {
      await act(driver)
      await compareAccounts(driver)
      await liquidateSome(driver)
      await compareAccounts(driver)
    }
    console.info('Aave V3.6:', driver.tally)
    expect(lab.chain.seen.undecodable).toEqual([])
    expect(driver.tally.liquidations).toBeGreaterThan(10)
    expect(driver.tally.deficits).toBeGreaterThan(0)
    expect(driver.tally.withDebt).toBeGreaterThan(500)
  }, 600_000)

  it('holds what the tokens hold', async () => {
    expect(await compareTokens(driver)).toBeGreaterThan(40)
  })

  it('carries each reserve’s deficit', async () => {
    let owed = 0n
    for (const token of lab.tokens) {
      const deficit = (await lab.client.readContract({
        address: lab.pool,
        abi: lab.poolAbi,
        functionName: 'getReserveDeficit',
        args: [token],
      })) as bigint
      expect(BigInt(String(lab.chain.state.market(marketId(lab, token))?.state.deficit))).toBe(deficit)
      owed += deficit
    }
    expect(owed).toBeGreaterThan(0n)
  })

  it('follows e-modes whose collateral is none outside, and assets that carry no loan in them', async () => {
    const [weth, wbtc, usdc, dai] = lab.tokens as [Address, Address, Address, Address]
    const configure = async (name: string, ...args: unknown[]) => {
      const { ok } = await lab.send(lab.admin, lab.configurator, lab.configure(name, args), 5)
      expect([name, ok]).toEqual([name, true])
    }
    await configure('setEModeCategory', 1, 9_000, 9_300, 10_200, 'one')
    await configure('setEModeCategory', 2, 8_500, 9_000, 10_300, 'two')
    for (const [asset, category] of [
      [weth, 1],
      [dai, 1],
      [usdc, 2],
      [wbtc, 2],
    ] as const)
      await configure('setAssetCollateralInEMode', asset, category, true)
    for (const asset of [usdc, dai, weth]) {
      await configure('setAssetBorrowableInEMode', asset, 1, true)
      await configure('setAssetBorrowableInEMode', asset, 2, true)
    }
    const chosen = new Set<number>()
    for (let round = 0; round < 160; round++) {
      const user = lab.users[round % lab.users.length]!
      const category = Math.floor(driver.random() * 3)
      const { ok } = await lab.send(user, lab.pool, lab.poolCall('setUserEMode', [category]), 60)
      if (ok) chosen.add(category)
      if (round % 23 === 11)
        await configure('setAssetLtvzeroInEMode', round % 2 ? weth : dai, 1, round % 46 === 11)
      if (round === 90) await configure('setAssetCollateralInEMode', wbtc, 2, false)
      if (round === 120) await configure('configureReserveAsCollateral', wbtc, 0, 7_000, 10_600)
      await act(driver)
      await compareAccounts(driver)
      await liquidateSome(driver)
      await compareAccounts(driver)
    }
    console.info('with e-modes:', driver.tally)
    expect([...chosen].sort()).toEqual([0, 1, 2])
    expect(lab.chain.seen.undecodable).toEqual([])
  }, 600_000)
})
