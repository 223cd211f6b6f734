import type { Abi, Address, Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { riskFeedAbi } from '../../src/oracle/abi'
import {
  admin,
  alone,
  artifact,
  deploy,
  mineAt,
  refusal,
  reportFor,
  startOracle,
  stranger,
  T0,
  type World,
} from './harness'

const MAX_AGE_SEC = 90n
const HALT = 50_000_000n
const GRANTED = 1_000n

let world: World
let lender: Address
let token: Address
let abi: Abi
let feedId: Hex
let snapshot: Hex

beforeAll(async () => {
  world = await startOracle()
  feedId = await world.createFeed('market-risk')
  const feed = await world.client.readContract({ ...world.oracle, functionName: 'getFeed', args: [feedId] })
  token = await deploy(world.client, 'ExampleToken', [1_000_000n])
  lender = await deploy(world.client, 'GuardedLender', [feed.proxy, token, MAX_AGE_SEC, HALT])
  abi = artifact('GuardedLender').abi
  await write(admin, lender, 'setCreditLimit', [stranger.address, GRANTED])
  await write(admin, token, 'transfer', [lender, 500_000n])
  await mineAt(world.client, T0)
})
afterAll(async () => world?.anvil.stop())
beforeEach(async () => {
  snapshot = await world.client.snapshot()
})
afterEach(async () => {
  await world.client.revert({ id: snapshot })
})

async function write(
  account: typeof admin,
  address: Address,
  functionName: string,
  args: readonly unknown[],
) {
  const of = address === token ? artifact('ExampleToken').abi : abi
  await world.client.writeContract({ account, address, abi: of, functionName, args, chain: null })
  await world.client.mine({ blocks: 1 })
}
const borrow = (amount: bigint) =>
  world.client.simulateContract({
    address: lender,
    abi,
    account: stranger,
    functionName: 'borrow',
    args: [amount],
  })
const debt = () =>
  world.client.readContract({ address: lender, abi, functionName: 'debt', args: [stranger.address] })
const applyScore = (value: bigint) => world.apply(alone(reportFor(feedId, { value })), T0 + 1n)

describe('GuardedLender', () => {
  it('lends less the riskier the market is, and takes repayment', async () => {
    await applyScore(20_000_000n)
    // 1,000 × (1 − 0.2 / 0.5) = 600
    expect(await refusal(borrow(601n))).toBe('LimitExceeded')
    await write(stranger, lender, 'borrow', [600n])
    expect(await debt()).toBe(600n)
    await write(stranger, token, 'approve', [lender, 600n])
    await write(stranger, lender, 'repay', [600n])
    expect(await debt()).toBe(0n)
  })

  it('refuses without a score', async () => {
    expect(await refusal(borrow(1n))).toBe('ScoreMissing')
  })

  it('refuses a stale score by the time it was observed, to the second', async () => {
    await applyScore(20_000_000n)
    await mineAt(world.client, T0 - 12n + MAX_AGE_SEC)
    await borrow(1n)
    await mineAt(world.client, T0 - 12n + MAX_AGE_SEC + 1n)
    expect(await refusal(borrow(1n))).toBe('ScoreStale')
  })

  it('refuses at the score that halts lending', async () => {
    await applyScore(HALT)
    expect(await refusal(borrow(1n))).toBe('MarketTooRisky')
  })

  it('refuses a score outside 0..1, from whatever feed', async () => {
    const wide = await deploy(world.client, 'RiskOracle', [
      admin.address,
      await world.client.readContract({ ...world.oracle, functionName: 'signers' }),
      1n,
    ])
    const other: World['oracle'] = { ...world.oracle, address: wide }
    const loose = { ...(await railsOf()), minAnswer: -(10n ** 9n), maxAnswer: 10n ** 9n }
    const subject = stranger.address
    const args = [31337n, subject, 'loose', `0x${'0'.repeat(64)}` as Hex, loose] as const
    await world.client.writeContract({ ...other, functionName: 'createFeed', args, chain: null })
    await world.client.mine({ blocks: 1 })
    const looseId = (await world.client.readContract({ ...other, functionName: 'feedIds' }))[0]!
    const { proxy } = await world.client.readContract({ ...other, functionName: 'getFeed', args: [looseId] })
    const guarded = await deploy(world.client, 'GuardedLender', [proxy, token, MAX_AGE_SEC, HALT])
    await world.applyOn(wide, alone(reportFor(looseId, { value: 100_000_001n })), T0 + 10n)
    const latest = await world.client.readContract({
      address: proxy,
      abi: riskFeedAbi,
      functionName: 'latestRoundData',
    })
    expect(latest[1]).toBe(100_000_001n)
    const read = world.client.readContract({ address: guarded, abi, functionName: 'safeScore' })
    expect(await refusal(read)).toBe('ScoreOutOfBounds')
  })
})

async function railsOf() {
  const feed = await world.client.readContract({ ...world.oracle, functionName: 'getFeed', args: [feedId] })
  return feed.rails
}
