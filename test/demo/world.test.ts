import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Hex, toEventSelector } from 'viem'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { CAST, demoAccount } from '../../demo/accounts'
import { PAUSE, TAKEOVER } from '../../demo/actors/incidents'
import { answerCall, POOL_ABI } from '../../demo/calls'
import { type StepResult, startWorld, type World } from '../../demo/world'
import { LOCAL_WORLD } from '../../src/chains/local-world'

// Real nodes on a shared machine: slow when others are busy.
vi.setConfig({ testTimeout: 180_000 })

const worlds: World[] = []
afterAll(() => Promise.all(worlds.map((world) => world.stop())))

async function open(chain: 'harbor' | 'lagoon', seed: number, timeJumps = false): Promise<World> {
  const world = await startWorld({ chain, seed, mining: 'manual', timeJumps })
  worlds.push(world)
  return world
}

async function steps(world: World, count: number): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (let step = 0; step < count; step++) results.push(await world.step())
  return results
}

/** How often each event was logged, by its signature. */
async function countEvents(world: World, signatures: readonly string[]): Promise<Record<string, number>> {
  const logs = await world.client.getLogs({ fromBlock: 0n, toBlock: 'latest' })
  const count = (topic: Hex) => logs.filter(({ topics }) => topics[0] === topic).length
  return Object.fromEntries(
    signatures.map((signature) => [signature, count(toEventSelector(`event ${signature}`))]),
  )
}

describe('a world with manual mining', () => {
  it('yields the same block hashes for the same seed and others for another', async () => {
    const [first, again, other] = [
      await open('harbor', 11),
      await open('harbor', 11),
      await open('harbor', 12),
    ]
    const hashes = async (world: World, count: number) => (await steps(world, count)).map(({ hash }) => hash)
    const expected = await hashes(first, 30)
    expect(new Set(expected).size).toBe(30)
    expect(await hashes(again, 30)).toEqual(expected)
    expect((await hashes(other, 3))[2]).not.toBe(expected[2])
  })

  it('lives a full life: all kinds of events, liquidations both ways, bad debt, incidents of known truth', async () => {
    const world = await open('lagoon', 7, true)
    const results = await steps(world, 100)
    const transactions = results.reduce((sum, result) => sum + result.transactions, 0)
    const reverted = results.reduce((sum, result) => sum + result.reverted, 0)
    expect(transactions).toBeGreaterThan(400)
    expect(reverted).toBeLessThan(transactions / 20)
    expect(results.flatMap(({ refused }) => refused)).toEqual([])
    const liquidations = results.flatMap((result) => result.liquidations)
    expect(results.findIndex((result) => result.liquidations.length > 0)).toBeLessThan(22)
    expect(new Set(liquidations.map(({ receiveAToken }) => receiveAToken))).toEqual(new Set([true, false]))
    const counts = await countEvents(world, [
      'Supply(address,address,address,uint256,uint16)',
      'Withdraw(address,address,address,uint256)',
      'Borrow(address,address,address,uint256,uint8,uint256,uint16)',
      'Repay(address,address,address,uint256,bool)',
      'BalanceTransfer(address,address,uint256,uint256)',
      'ReserveUsedAsCollateralEnabled(address,address)',
      'ReserveUsedAsCollateralDisabled(address,address)',
      'Swap(address,uint256,uint256,uint256,uint256,address)',
      'AnswerUpdated(int256,uint256,uint256)',
    ])
    for (const [signature, count] of Object.entries(counts)) expect(count, signature).toBeGreaterThan(0)
    const incidents = results.flatMap((result) =>
      result.incidents.map(({ kind, phase }) => `${kind} ${phase}`),
    )
    expect(incidents).toEqual([
      'ownership-takeover begins',
      'oracle-deviation begins',
      'ownership-takeover ends',
      'reserve-pause begins',
      'reserve-pause ends',
    ])
    expect(results[TAKEOVER.first]?.incidents).toHaveLength(1)
    expect(results[PAUSE.first]?.incidents).toHaveLength(1)
    const gaps = results.slice(1).map((result, index) => result.timestampSec - results[index]!.timestampSec)
    expect(Math.max(...gaps)).toBeGreaterThan(3_600)
    expect(Math.min(...gaps)).toBe(1)
    expect(await badDebtAccounts(world)).toContain(demoAccount(CAST.deadbeat[0]).address.toLowerCase())
  })

  it('crashes on demand, takes extra calls, jumps in time and answers for past blocks', async () => {
    const world = await open('lagoon', 5)
    await steps(world, 12)
    const feed = LOCAL_WORLD.assets[0]!.feed
    const before = await world.client.getBlockNumber()
    const result = await world.step({
      advanceSec: 86_400,
      extraCalls: [answerCall(CAST.arbitrageur, feed, 1n)],
    })
    expect(result.height).toBe(before + 1n)
    expect(result.reverted).toBeGreaterThanOrEqual(1)
    const data = (blockNumber: bigint) =>
      world.client.readContract({
        address: LOCAL_WORLD.aave.pool,
        abi: POOL_ABI,
        functionName: 'getUserAccountData',
        args: [demoAccount(CAST.deadbeat[0]).address],
        blockNumber,
      })
    expect((await data(result.height))[1]).toBeGreaterThan((await data(before))[1])
    world.crash(0.5)
    const fallen = await steps(world, 3)
    expect(fallen.flatMap(({ liquidations }) => liquidations).length).toBeGreaterThan(0)
    expect((await data(fallen[0]!.height))[0]).toBeLessThan((await data(before))[0])
  })

  it('saves and resumes: same head, same logs, and it goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-world-'))
    const options = {
      chain: 'harbor',
      seed: 3,
      mining: 'manual',
      stateFile: join(folder, 'state.json'),
    } as const
    const first = await startWorld(options)
    const logsOf = (world: World) => world.client.getLogs({ fromBlock: 0n, toBlock: 'latest' })
    try {
      await steps(first, 3)
      await first.save()
      const [head, logs] = [await first.client.getBlock(), await logsOf(first)]
      await first.stop()
      const second = await startWorld(options)
      worlds.push(second)
      expect(second.resumed).toBe(true)
      expect((await second.client.getBlock()).hash).toBe(head.hash)
      expect(await logsOf(second)).toEqual(logs)
      expect(logs.length).toBeGreaterThan(100)
      expect((await second.step()).height).toBe(head.number + 1n)
    } finally {
      await first.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})

async function badDebtAccounts(world: World): Promise<string[]> {
  const found: string[] = []
  for (const user of world.users) {
    const [collateral, debt] = await world.client.readContract({
      address: LOCAL_WORLD.aave.pool,
      abi: POOL_ABI,
      functionName: 'getUserAccountData',
      args: [user],
    })
    if (collateral < 500_000_000n && debt > 500_000_000n) found.push(user)
  }
  return found
}
