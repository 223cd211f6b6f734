import { type Abi, type Hex, pad, toFunctionSelector, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { riskFeedAbi, riskOracleAbi } from '../../src/oracle/abi'
import { recoverSigner, signSubmission, typedData } from '../../src/oracle/report'
import {
  admin,
  alone,
  artifact,
  deploy,
  MODEL,
  mineAt,
  rails,
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
let snapshot: Hex

beforeAll(async () => {
  world = await startOracle()
  feedId = await world.createFeed('market-risk')
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
async function refusalOf(changes: Parameters<typeof second>[0]) {
  const submission = alone(second(changes))
  return refusal(world.simulate(submission, await world.sign(submission)))
}
const read = (functionName: 'latestRound') =>
  world.client.readContract({ ...world.oracle, functionName, args: [feedId] })

describe('typed ABI', () => {
  it('is what the compiler says', () => {
    const signatures = (abi: Abi) =>
      new Set(abi.filter((item) => item.type === 'function').map((item) => toFunctionSelector(item)))
    const errors = (abi: Abi) =>
      new Set(
        abi.flatMap((item) =>
          item.type === 'error' ? `${item.name}(${item.inputs.map((i) => i.type)})` : [],
        ),
      )
    for (const [name, abi] of [
      ['RiskOracle', riskOracleAbi as Abi],
      ['RiskFeed', riskFeedAbi as Abi],
    ] as const) {
      const compiled = artifact(name).abi
      for (const selector of signatures(abi)) expect(signatures(compiled)).toContain(selector)
      for (const error of errors(abi)) expect(errors(compiled)).toContain(error)
    }
  })
})

describe('a report within its rails', () => {
  it('applies with three of four signatures, whoever submits it', async () => {
    await afterFirst()
    await world.apply(alone(second()), T0 + 30n)
    const round = await world.client.readContract({
      ...world.oracle,
      functionName: 'getRound',
      args: [feedId, 2n],
    })
    expect(round).toMatchObject({
      value: 30_000_000n,
      previousValue: 20_000_000n,
      updatedAt: T0 + 30n,
      modelHash: MODEL,
    })
    expect(await read('latestRound')).toBe(2n)
  })

  it('may skip rounds, up to a limit', async () => {
    await afterFirst()
    await world.apply(alone(second({ round: 1_000_001n })), T0 + 30n)
    expect(await read('latestRound')).toBe(1_000_001n)
  })

  it('is signed by the address that EIP-712 recovers', async () => {
    const submission = alone(reportFor(feedId))
    const signature = await signSubmission(signers[2]!, world.target, submission)
    expect(await recoverSigner(world.target, submission, signature)).toBe(signers[2]!.address)
    const elsewhere = { ...world.target, chainId: 1n }
    expect(await recoverSigner(elsewhere, submission, signature)).not.toBe(signers[2]!.address)
  })
})

describe('signatures', () => {
  const submission = () => alone(reportFor(feedId))

  it('refuses two, a repeated one, a stranger’s and a malformed one', async () => {
    const good = await world.sign(submission())
    const [first, other] = good as [Hex, Hex, Hex]
    const foreign = await signSubmission(stranger, world.target, submission())
    expect(await refusal(world.simulate(submission(), good.slice(0, 2)))).toBe('QuorumNotMet')
    expect(await refusal(world.simulate(submission(), [first, other, first]))).toBe('DuplicateSignature')
    expect(await refusal(world.simulate(submission(), [first, other, foreign]))).toBe('UnknownSigner')
    expect(await refusal(world.simulate(submission(), [first, other, '0x1234']))).toBe('MalformedSignature')
    expect(await refusal(world.simulate(submission(), [...good, foreign]))).toBe('UnknownSigner')
  })

  it('refuses signatures made for another value, contract or chain', async () => {
    const good = await world.sign(submission())
    const altered = alone(reportFor(feedId, { value: 20_000_001n }))
    expect(await refusal(world.simulate(altered, good))).toBe('UnknownSigner')
    for (const target of [
      { ...world.target, chainId: 1n },
      { ...world.target, contract: SUBJECT },
    ]) {
      const made = await Promise.all(signers.slice(0, 3).map((s) => signSubmission(s, target, submission())))
      expect(await refusal(world.simulate(submission(), made))).toBe('UnknownSigner')
    }
  })

  it('refuses those of a signer who was removed', async () => {
    const good = await world.sign(submission())
    const next = [...signers.slice(1), stranger].map((signer) => signer.address)
    await world.administer('setSigners', [next, 1n])
    expect(await refusal(world.simulate(submission(), good))).toBe('UnknownSigner')
  })

  it('refuses a signer set that could not bear its faults', async () => {
    const addresses = signers.map((signer) => signer.address)
    const set = (list: readonly Hex[], faults: bigint, account = admin) =>
      world.client.simulateContract({
        ...world.oracle,
        account,
        functionName: 'setSigners',
        args: [list, faults],
      })
    const abi = artifact('RiskOracle').abi
    const name = (list: readonly Hex[], faults: bigint, account = admin) =>
      refusal(
        world.client.simulateContract({
          address: world.target.contract,
          abi,
          account,
          functionName: 'setSigners',
          args: [list, faults],
        }),
      )
    expect(await name(addresses.slice(0, 3), 1n)).toBe('BadSignerSet')
    expect(await name(addresses, 0n)).toBe('BadSignerSet')
    expect(await name([...addresses.slice(0, 3), addresses[0]!], 1n)).toBe('SignerRepeated')
    expect(await name([...addresses.slice(0, 3), zeroAddress], 1n)).toBe('UnknownSigner')
    expect(await name(addresses, 1n, stranger)).toBe('AccessControlUnauthorizedAccount')
    await set(addresses, 1n)
  })
})

describe('rails', () => {
  beforeEach(() => afterFirst())

  it('accepts what the refusals below are made from', async () => {
    const submission = alone(second())
    await world.simulate(submission, await world.sign(submission))
  })

  it('refuses a stale round and one too far ahead', async () => {
    expect(await refusalOf({ round: 1n })).toBe('StaleRound')
    expect(await refusalOf({ round: 0n })).toBe('StaleRound')
    expect(await refusalOf({ round: 1_000_002n })).toBe('RoundGap')
  })

  it('refuses a wrong previous value', async () => {
    expect(await refusalOf({ previousValue: 19_999_999n })).toBe('WrongPreviousValue')
  })

  it('refuses an expired report, to the second', async () => {
    expect(await refusalOf({ expiresAt: T0 + 19n })).toBe('ReportExpired')
    const edge = alone(second({ expiresAt: T0 + 20n }))
    await world.simulate(edge, await world.sign(edge))
  })

  it('refuses an observation that is not newer or lies in the future', async () => {
    expect(await refusalOf({ observedAt: T0 - 12n })).toBe('ObservationNotNewer')
    expect(await refusalOf({ observedAt: T0 + 21n })).toBe('ObservationInFuture')
  })

  it('refuses an observation older than maxAgeSec, to the second', async () => {
    const expiresAt = T0 + 9_000n
    await mineAt(world.client, T0 + 2n + 3_600n)
    const edge = alone(second({ expiresAt }))
    await world.simulate(edge, await world.sign(edge))
    await mineAt(world.client, T0 + 2n + 3_601n)
    expect(await refusalOf({ expiresAt })).toBe('ObservationTooOld')
    expect(await refusalOf({ expiresAt, observedAt: T0 })).toBe('ObservationTooOld')
  })

  it('refuses rails without a maximum age', async () => {
    const abi = artifact('RiskOracle').abi
    const args = [feedId, { ...rails, maxAgeSec: 0 }]
    const call = { address: world.target.contract, abi, functionName: 'setRails', args }
    expect(await refusal(world.client.simulateContract(call))).toBe('BadRails')
  })

  it('refuses an answer outside the bounds', async () => {
    expect(await refusalOf({ value: -1n })).toBe('AnswerOutOfBounds')
    expect(await refusalOf({ value: 100_000_001n })).toBe('AnswerOutOfBounds')
  })

  it('refuses a change beyond the limit, up and down', async () => {
    expect(await refusalOf({ value: 45_000_001n })).toBe('ChangeTooLarge')
    const edge = alone(second({ value: 45_000_000n }))
    await world.simulate(edge, await world.sign(edge))
    await world.apply(edge, T0 + 30n)
    await mineAt(world.client, T0 + 50n)
    const fall = { round: 3n, observedAt: T0 + 40n, previousValue: 45_000_000n, value: 19_999_999n }
    expect(await refusalOf(fall)).toBe('ChangeTooLarge')
  })

  it('refuses a confidence above 100 %', async () => {
    expect(await refusalOf({ confidenceBps: 10_001 })).toBe('BadConfidence')
  })

  it('refuses a feed that is unknown or taken off the allow-list', async () => {
    expect(await refusalOf({ feedId: pad('0x99') })).toBe('FeedNotAllowed')
    await world.administer('setFeedAllowed', [feedId, false])
    expect(await refusalOf({})).toBe('FeedNotAllowed')
  })

  it('refuses everything while paused, and accepts again after', async () => {
    await world.administer('pause', [])
    expect(await refusalOf({})).toBe('EnforcedPause')
    await world.administer('unpause', [])
    await world.apply(alone(second()), T0 + 30n)
  })

  it('refuses a model the registry does not know, once one is set', async () => {
    const registry = await deploy(world.client, 'ModelRegistry', [admin.address])
    await world.administer('setModelRegistry', [registry])
    expect(await refusalOf({})).toBe('UnknownModel')
    const { abi } = artifact('ModelRegistry')
    const args = [MODEL, 'liquidation', '1', 'ipfs://model']
    await world.client.writeContract({ address: registry, abi, functionName: 'register', args, chain: null })
    await world.client.mine({ blocks: 1 })
    const again = { address: registry, abi, functionName: 'register', args }
    expect(await refusal(world.client.simulateContract(again))).toBe('ModelAlreadyRegistered')
    const submission = alone(second())
    await world.simulate(submission, await world.sign(submission))
  })

  it('refuses a lone report that names a bundle, though a quorum signed it', async () => {
    const data = typedData(world.target, alone(second()))
    if (data.primaryType !== 'Report') throw new Error('a lone report is signed as a report')
    const message = second({ bundleId: pad('0xb1') })
    const by = signers.slice(0, 3)
    const signatures = await Promise.all(by.map((signer) => signer.signTypedData({ ...data, message })))
    const call = { ...world.oracle, functionName: 'submit', args: [message, signatures] } as const
    expect(await refusal(world.client.simulateContract(call))).toBe('BundleMismatch')
  })

  it('refuses a report that is submitted twice', async () => {
    const submission = alone(second())
    await world.apply(submission, T0 + 30n)
    expect(await refusal(world.simulate(submission, await world.sign(submission)))).toBe('StaleRound')
  })
})

describe('minimum delay', () => {
  it('refuses before it has passed, to the second', async () => {
    await afterFirst(T0 + 10n)
    expect(await refusalOf({})).toBe('TooSoon')
    await mineAt(world.client, T0 + 11n)
    const submission = alone(second())
    await world.simulate(submission, await world.sign(submission))
  })
})
