/** Indexed state of an Aave V2 pool, of the bytecode that Aave publishes, against the pool's own answers. */
import { type Address, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomFor } from '../../../demo/random'
import { aaveV2Risk } from '../../../src/protocols/aave-v2/protocol'
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
import { deployAaveV2 } from '../../support/aave-v2-deploy'

const usd = (value: number) => BigInt(Math.round((value / 3_000) * 1e18))
const risk = (ltvBps: bigint, thresholdBps: bigint, bonusBps: bigint) => ({ ltvBps, thresholdBps, bonusBps })
const ASSETS: LabAsset[] = [
  { symbol: 'WETH', decimals: 18, price: usd(3_000), ...risk(8_000n, 8_250n, 10_500n) },
  { symbol: 'WBTC', decimals: 8, price: usd(60_000), ...risk(7_000n, 7_500n, 10_650n) },
  { symbol: 'USDC', decimals: 6, price: usd(1), ...risk(7_700n, 8_000n, 10_450n) },
  { symbol: 'DAI', decimals: 18, price: usd(1), ...risk(0n, 5_000n, 11_000n) },
]
const ROUNDS = 140
const RAY = 10n ** 27n
const BALANCE_ABI = parseAbi(['function balanceOf(address) view returns (uint256)'])

describe('Aave V2 from events', () => {
  let lab: RunningLab
  let driver: Driver
  beforeAll(async () => {
    // These tokens do not announce their decimals: the chain file must list the assets.
    lab = await startLab(ASSETS, deployAaveV2, true)
    driver = { lab, risk: aaveV2Risk, random: randomFor('aave-v2').float, tally: emptyTally() }
  })
  afterAll(async () => {
    await lab?.stop()
  })

  it('knows every reserve, its decimals and its parameters', () => {
    expect(lab.chain.seen.undecodable).toEqual([])
    expect(lab.chain.state.market(`${lab.chain.chain.id}:${lab.pool}`)).toMatchObject({
      kind: 'pool',
      complete: true,
      state: { baseAsset: lab.base, oracleListed: true },
    })
    for (const [index, token] of lab.tokens.entries()) {
      const { decimals, ltvBps, thresholdBps, bonusBps } = ASSETS[index]!
      expect(lab.chain.state.market(marketId(lab, token))).toMatchObject({
        protocol: 'aave-v2',
        complete: true,
        revision: 2,
        state: {
          decimals,
          listed: true,
          priceFeed: lab.feeds[index],
          ltvBps: Number(ltvBps),
          liquidationThresholdBps: Number(thresholdBps),
          liquidationBonusBps: Number(bonusBps),
          borrowingEnabled: true,
          reserveFactorBps: 1_500,
        },
      })
    }
  })

  it('equals getUserAccountData after every action, and foretells every liquidation', async () => {
    await depositAndBorrow(driver)
    let transfers = 0
    for (let round = 0; round < ROUNDS; round++) {
      await act(driver)
      await compareAccounts(driver)
      if (round % 4 === 3) {
        if (await transferSome(driver, round)) transfers++
        await compareAccounts(driver)
      }
      await liquidateSome(driver)
      await compareAccounts(driver)
    }
    console.info('Aave V2:', driver.tally, { transfers })
    expect(transfers).toBeGreaterThan(10)
    expect(lab.chain.seen.undecodable).toEqual([])
    expect(driver.tally.liquidations).toBeGreaterThan(0)
    expect(driver.tally.withDebt).toBeGreaterThan(100)
    expect(driver.tally.unhealthy).toBeGreaterThan(0)
    for (const kind of ['supply', 'borrow', 'repay', 'withdraw', 'toggle', 'transfer', 'price'])
      expect(driver.tally.done[kind], kind).toBeGreaterThan(0)
  }, 240_000)

  it('holds what the tokens hold, and no less than nothing', async () => {
    expect(await compareTokens(driver)).toBeGreaterThan(40)
  })
})

/** Every actor supplies and owes something, and a month goes by, so that no index is one any more. */
async function depositAndBorrow({ lab }: Driver): Promise<void> {
  for (const [index, token] of lab.tokens.entries()) {
    const { decimals, price } = ASSETS[index]!
    const worth = (dollars: number) => (usd(dollars) * 10n ** BigInt(decimals)) / price
    for (const [turn, user] of lab.users.entries()) {
      const deposit = lab.poolCall('deposit', [token, worth(20_000 + 3_000 * turn) + 7n, user, 0])
      expect((await lab.send(user, lab.pool, deposit, 60)).ok).toBe(true)
    }
  }
  for (const [index, token] of lab.tokens.entries()) {
    const { decimals, price } = ASSETS[index]!
    for (const user of lab.users) {
      const amount = (usd(9_000) * 10n ** BigInt(decimals)) / price + 3n
      const borrow = lab.poolCall('borrow', [token, amount, 2n, 0, user])
      expect((await lab.send(user, lab.pool, borrow, 30 * 86_400)).ok).toBe(true)
    }
  }
}

/** Hands on a part of an actor's aTokens, or all of them, or some to itself; true when the pool let it at a grown index. */
async function transferSome({ lab, random }: Driver, round: number): Promise<boolean> {
  const token = lab.tokens[round % lab.tokens.length]!
  const state = lab.chain.state.market(marketId(lab, token))!.state
  const address = state.aToken as Address
  const from = lab.users[Math.floor(random() * lab.users.length)]!
  const to = round % 16 === 3 ? from : lab.users[Math.floor(random() * lab.users.length)]!
  const balance = await lab.client.readContract({
    address,
    abi: BALANCE_ABI,
    functionName: 'balanceOf',
    args: [from],
  })
  const amount = round % 12 === 11 ? balance : balance / BigInt(3 + Math.floor(random() * 50))
  const { ok } = await lab.send(from, address, lab.tokenCall('transfer', [to, amount]), 3_000)
  return ok && amount > 0n && BigInt(String(state.liquidityIndexRay)) > RAY
}
