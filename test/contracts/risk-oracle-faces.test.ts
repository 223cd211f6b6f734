import { encodeAbiParameters, type Hex, keccak256, pad, toHex, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { riskFeedAbi } from '../../src/oracle/abi'
import {
  leafHash,
  merkleTree,
  type ScoreLeaf,
  type ScoreRoot,
  scoreRootTypedData,
} from '../../src/oracle/merkle'
import {
  admin,
  alone,
  artifact,
  CHAIN_ID,
  MODEL,
  mineAt,
  refusal,
  reportFor,
  SUBJECT,
  signers,
  startOracle,
  stranger,
  T0,
  type World,
} from './harness'

let world: World
let feedId: Hex
let ids: Hex[]
let snapshot: Hex

beforeAll(async () => {
  world = await startOracle()
  feedId = await world.createFeed('market-risk')
  const groupId = pad('0x60')
  ids = [await world.createFeed('supply-cap', groupId), await world.createFeed('borrow-cap', groupId)].sort()
  await mineAt(world.client, T0)
})
afterAll(async () => world?.anvil.stop())
beforeEach(async () => {
  snapshot = await world.client.snapshot()
})
afterEach(async () => {
  await world.client.revert({ id: snapshot })
})

/** A good second report after the first was applied at T0 + 1. */
const second = (changes = {}) =>
  reportFor(feedId, {
    round: 2n,
    observedAt: T0 + 2n,
    expiresAt: T0 + 90n,
    value: 30_000_000n,
    previousValue: 20_000_000n,
    ...changes,
  })
async function afterFirst(nowSec = T0 + 20n) {
  await world.apply(alone(reportFor(feedId)), T0 + 1n)
  await mineAt(world.client, nowSec)
}
describe('coupled feeds', () => {
  const bundleId = pad('0xb1')
  const bundle = (changes: Parameters<typeof reportFor>[1][] = []) => ({
    bundleId,
    reports: ids.map((id, i) => reportFor(id, { bundleId, ...changes[i] })),
  })
  const nameOf = async (submission: ReturnType<typeof bundle>) =>
    refusal(world.simulate(submission, await world.sign(submission)))

  it('apply together', async () => {
    await world.apply(bundle(), T0 + 10n)
    for (const id of ids) {
      expect(
        await world.client.readContract({ ...world.oracle, functionName: 'latestRound', args: [id] }),
      ).toBe(1n)
    }
  })

  it('apply not at all when one is refused', async () => {
    expect(await nameOf(bundle([{}, { value: -1n }]))).toBe('AnswerOutOfBounds')
    await expect(world.apply(bundle([{}, { value: -1n }]), T0 + 10n)).rejects.toThrow(/reverted/)
    for (const id of ids) {
      expect(
        await world.client.readContract({ ...world.oracle, functionName: 'latestRound', args: [id] }),
      ).toBe(0n)
    }
  })

  it('refuses one alone, a part, a foreign bundle id, a wrong order', async () => {
    const lone = alone(reportFor(ids[0]!))
    expect(await refusal(world.simulate(lone, await world.sign(lone)))).toBe('BundleRequired')
    const part = { bundleId, reports: bundle().reports.slice(0, 1) }
    expect(await nameOf(part)).toBe('BundleIncomplete')
    const reversed = { bundleId, reports: bundle().reports.reverse() }
    expect(await nameOf(reversed)).toBe('BundleMismatch')
    const twice = { bundleId, reports: [bundle().reports[0]!, bundle().reports[0]!] }
    expect(await nameOf(twice)).toBe('BundleMismatch')
    const signatures = await world.sign(bundle())
    const foreign = { bundleId: pad('0xb2'), reports: bundle().reports }
    expect(await refusal(world.simulate(foreign, signatures))).toBe('BundleMismatch')
  })

  it('refuses signatures over single reports in place of the bundle', async () => {
    const singles = alone(reportFor(ids[0]!))
    expect(await refusal(world.simulate(bundle(), await world.sign(singles)))).toBe('UnknownSigner')
  })
})

describe('faces', () => {
  it('reads like a price feed', async () => {
    const feed = await world.client.readContract({ ...world.oracle, functionName: 'getFeed', args: [feedId] })
    const face = { address: feed.proxy, abi: riskFeedAbi } as const
    expect(await refusal(world.client.readContract({ ...face, functionName: 'latestRoundData' }))).toBe(
      'NoDataPresent',
    )
    await afterFirst()
    await world.apply(alone(second({ round: 4n })), T0 + 30n)
    const latest = [4n, 30_000_000n, T0 + 2n, T0 + 30n, 4n]
    expect(await world.client.readContract({ ...face, functionName: 'latestRoundData' })).toEqual(latest)
    expect(await world.client.readContract({ ...face, functionName: 'getRoundData', args: [1n] })).toEqual([
      1n,
      20_000_000n,
      T0 - 12n,
      T0 + 1n,
      1n,
    ])
    expect(await world.client.readContract({ ...face, functionName: 'decimals' })).toBe(8)
    expect(await world.client.readContract({ ...face, functionName: 'version' })).toBe(1n)
    expect(await world.client.readContract({ ...face, functionName: 'description' })).toBe(
      'market-risk of 31337:0x00000000000000000000000000000000000000AA',
    )
    for (const round of [0n, 2n, 3n, 5n, 2n ** 64n + 1n]) {
      const call = world.client.readContract({ ...face, functionName: 'getRoundData', args: [round] })
      expect(await refusal(call)).toBe('NoDataPresent')
    }
    const code = await world.client.getCode({ address: feed.proxy })
    expect((code!.length - 2) / 2).toBeLessThan(120)
  })

  it('reads like a parameter-update oracle', async () => {
    await afterFirst()
    const { abi } = artifact('IParameterUpdates')
    const update = (await world.client.readContract({
      address: world.target.contract,
      abi,
      functionName: 'getLatestUpdateByParameterAndMarket',
      args: ['market-risk', SUBJECT],
    })) as { newValue: Hex; updateId: bigint; referenceId: string; market: string; timestamp: bigint }
    expect(update).toMatchObject({ updateId: 1n, referenceId: MODEL, timestamp: T0 + 1n })
    expect(update.newValue).toBe(encodeAbiParameters([{ type: 'int256' }], [20_000_000n]))
    expect(update.market.toLowerCase()).toBe(SUBJECT)
  })

  it('creates a feed once, only for the admin, with sound rails', async () => {
    const { abi } = artifact('RiskOracle')
    const rails = (
      await world.client.readContract({ ...world.oracle, functionName: 'getFeed', args: [feedId] })
    ).rails
    const create = (metric: string, changes = {}, account = admin) =>
      refusal(
        world.client.simulateContract({
          address: world.target.contract,
          abi,
          account,
          functionName: 'createFeed',
          args: [CHAIN_ID, SUBJECT, metric, zeroHash, { ...rails, ...changes }],
        }),
      )
    expect(await create('market-risk')).toBe('FeedExists')
    expect(await create('other', {}, stranger)).toBe('AccessControlUnauthorizedAccount')
    for (const bad of [
      { minAnswer: rails.maxAnswer },
      { maxChangeBps: 0 },
      { changeFloor: 0n },
      { heartbeatSec: 9 },
    ]) {
      expect(await create('other', bad)).toBe('BadRails')
    }
  })
})

describe('score roots', () => {
  const leaves = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({
    subject: keccak256(toHex(name)),
    metric: keccak256(toHex('liquidation')),
    modelHash: MODEL,
    valueE8: BigInt(i) * 10_000_000n,
  }))
  const { root, proofs } = merkleTree(leaves.map(leafHash))
  const message = (changes: Partial<ScoreRoot> = {}): ScoreRoot => ({
    scoredChainId: CHAIN_ID,
    height: 100n,
    blockHash: pad('0xbb'),
    observedAt: T0 - 10n,
    expiresAt: T0 + 600n,
    leafCount: leaves.length,
    root,
    ...changes,
  })
  const call = async (changes: Partial<ScoreRoot> = {}, by = signers.slice(0, 3)) => {
    const s = message(changes)
    const data = scoreRootTypedData(world.target, s)
    const signatures = await Promise.all(by.map((signer) => signer.signTypedData(data)))
    const abi = artifact('RiskOracle').abi
    return { address: world.target.contract, abi, functionName: 'submitRoot', args: [s, signatures] }
  }
  const nameOf = async (...args: Parameters<typeof call>) =>
    refusal(world.client.simulateContract(await call(...args)))

  it('proves every score of a signed round and no altered one', async () => {
    await world.client.writeContract({ ...(await call()), chain: null })
    await world.client.mine({ blocks: 1 })
    const verify = (leaf: ScoreLeaf, proof: Hex[]) =>
      world.client.readContract({
        ...world.oracle,
        functionName: 'verifyScore',
        args: [CHAIN_ID, 100n, leaf, proof],
      })
    for (const [i, leaf] of leaves.entries()) expect(await verify(leaf, proofs[i]!)).toBe(true)
    expect(await verify({ ...leaves[0]!, valueE8: 1n }, proofs[0]!)).toBe(false)
    expect(await verify(leaves[0]!, proofs[1]!)).toBe(false)
    expect(await nameOf()).toBe('RootNotNewer')
  })

  it('refuses too few signatures, an expired, future or empty root', async () => {
    expect(await nameOf({}, signers.slice(0, 2))).toBe('QuorumNotMet')
    expect(await nameOf({ expiresAt: T0 - 1n })).toBe('RootExpired')
    expect(await nameOf({ observedAt: T0 + 100n })).toBe('RootFromFuture')
    expect(await nameOf({ leafCount: 0 })).toBe('RootEmpty')
  })
})
