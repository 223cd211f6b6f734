/**
 * A RiskOracle on a real anvil for the contract tests: mining and time are ours, so that every refusal can be
 * met exactly at its edge. `refusal` returns the name of the custom error a call reverts with.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  type Hex,
  http,
  publicActions,
  walletActions,
  zeroHash,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { DEMO_MNEMONIC, startAnvil } from '../../demo/anvil'
import { riskOracleAbi } from '../../src/oracle/abi'
import { type OracleTarget, type Report, type Submission, signSubmission } from '../../src/oracle/report'

const root = resolve(__dirname, '../..')
let built = false

/** Compiler output of one contract; the first call compiles when sources changed. */
export function artifact(name: string): { abi: Abi; bytecode: Hex } {
  if (!built) execFileSync(process.execPath, [join(root, 'scripts/build-contracts.mjs'), '--quiet'])
  built = true
  return JSON.parse(readFileSync(join(root, 'contracts/artifacts', `${name}.json`), 'utf8'))
}

export const T0 = 1_800_000_000n
export const CHAIN_ID = 31337n
export const admin = mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: 0 })
export const stranger = mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: 9 })
/** Four signers, one of which may be faulty: three signatures needed. */
export const signers = [1, 2, 3, 4].map((addressIndex) => mnemonicToAccount(DEMO_MNEMONIC, { addressIndex }))
export const MODEL: Hex = `0x${'5a'.repeat(32)}`
export const SUBJECT: Address = '0x00000000000000000000000000000000000000aa'

export const rails = {
  minAnswer: 0n,
  maxAnswer: 100_000_000n,
  changeFloor: 100_000_000n,
  maxChangeBps: 2_500,
  deviationBps: 100,
  minDelaySec: 10,
  heartbeatSec: 60,
  maxAgeSec: 3_600,
}

export function testClient(rpcUrl: string) {
  return createTestClient({ mode: 'anvil', transport: http(rpcUrl), account: admin, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions)
}
export type Client = ReturnType<typeof testClient>

/** Name of the custom error the promise rejects with; throws when it does not reject or with another fault. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
  } catch (error) {
    const reverted =
      error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError)
    if (reverted instanceof ContractFunctionRevertedError && reverted.data) return reverted.data.errorName
    throw error
  }
  throw new Error('the call was not refused')
}

/** Deploys a contract in a block of its own and returns its address. */
export async function deploy(client: Client, name: string, args: readonly unknown[]): Promise<Address> {
  const { abi, bytecode } = artifact(name)
  const hash = await client.deployContract({ abi, bytecode, args, chain: null })
  await client.mine({ blocks: 1 })
  const { contractAddress } = await client.getTransactionReceipt({ hash })
  if (!contractAddress) throw new Error(`${name} was not deployed`)
  return contractAddress
}

/** Mines one block at a time, which then is what calls see as now. */
export async function mineAt(client: Client, timestamp: bigint): Promise<void> {
  await client.setNextBlockTimestamp({ timestamp })
  await client.mine({ blocks: 1 })
}

export async function startOracle() {
  const anvil = await startAnvil({ chainId: Number(CHAIN_ID), timestampSec: Number(T0) - 100 })
  const client = testClient(anvil.rpcUrl)
  const addresses = signers.map((signer) => signer.address)
  const contract = await deploy(client, 'RiskOracle', [admin.address, addresses, 1n])
  const target: OracleTarget = { chainId: CHAIN_ID, contract }
  const oracle = { address: contract, abi: riskOracleAbi } as const

  async function createFeed(
    metric: string,
    groupId: Hex = zeroHash,
    changes: Partial<typeof rails> = {},
  ): Promise<Hex> {
    const { request, result } = await client.simulateContract({
      ...oracle,
      functionName: 'createFeed',
      args: [CHAIN_ID, SUBJECT, metric, groupId, { ...rails, ...changes }],
    })
    await client.writeContract({ ...request, chain: null })
    await client.mine({ blocks: 1 })
    return result[0]
  }

  const sign = (submission: Submission, by = signers.slice(0, 3)) =>
    Promise.all(by.map((signer) => signSubmission(signer, target, submission)))

  /** Simulates a submission at the head's time as a stranger: whoever submits has no say. */
  function simulate(submission: Submission, signatures: readonly Hex[]) {
    const { bundleId, reports } = submission
    const common = { ...oracle, account: stranger } as const
    return bundleId === zeroHash
      ? client.simulateContract({ ...common, functionName: 'submit', args: [reports[0]!, signatures] })
      : client.simulateContract({
          ...common,
          functionName: 'submitBundle',
          args: [bundleId, reports, signatures],
        })
  }

  /** Submits to any RiskOracle in a block at `timestamp`; throws when it is refused. */
  async function applyOn(address: Address, submission: Submission, timestamp: bigint): Promise<Hex> {
    await mineAt(client, timestamp - 1n)
    const to = { ...target, contract: address }
    const signatures = await Promise.all(signers.slice(0, 3).map((s) => signSubmission(s, to, submission)))
    const { bundleId, reports } = submission
    const common = { address, abi: riskOracleAbi, account: stranger, chain: null, gas: 3_000_000n } as const
    await client.setNextBlockTimestamp({ timestamp })
    const hash =
      bundleId === zeroHash
        ? await client.writeContract({ ...common, functionName: 'submit', args: [reports[0]!, signatures] })
        : await client.writeContract({
            ...common,
            functionName: 'submitBundle',
            args: [bundleId, reports, signatures],
          })
    await client.mine({ blocks: 1 })
    const receipt = await client.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`submission reverted in ${hash}`)
    return hash
  }
  const apply = (submission: Submission, timestamp: bigint) => applyOn(contract, submission, timestamp)

  /** Sends an admin's call in a block of its own. */
  async function administer(
    functionName: 'pause' | 'unpause' | 'setFeedAllowed' | 'setModelRegistry' | 'setSigners' | 'setRails',
    args: readonly unknown[],
  ) {
    await client.writeContract({
      address: contract,
      abi: riskOracleAbi as Abi,
      functionName,
      args,
      chain: null,
    })
    await client.mine({ blocks: 1 })
  }

  return { anvil, client, oracle, target, createFeed, sign, simulate, apply, applyOn, administer }
}
export type World = Awaited<ReturnType<typeof startOracle>>

/** A good first report for a feed at T0, valid a minute. */
export function reportFor(feedId: Hex, changes: Partial<Report> = {}): Report {
  return {
    feedId,
    round: 1n,
    observedAt: T0 - 12n,
    expiresAt: T0 + 60n,
    value: 20_000_000n,
    previousValue: 0n,
    confidenceBps: 9_000,
    modelHash: MODEL,
    bundleId: zeroHash,
    ...changes,
  }
}
export const alone = (report: Report): Submission => ({ bundleId: zeroHash, reports: [report] })
