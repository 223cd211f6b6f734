/**
 * A pool of Aave on a local chain of its own, and actors who do at random all that it lets them: what a fuzz test of
 * indexed state against the contract needs. The pool may be V2's or V3's; its calls differ in a few names.
 */
import { type Abi, type Address, encodeFunctionData, type Hex, parseAbi, parseEventLogs } from 'viem'
import { demoAccount } from '../../demo/accounts'
import { startAnvil } from '../../demo/anvil'
import { createWorldClient, type WorldClient } from '../../demo/client'
import { createDeployer, type Deployer } from '../../demo/deployer'
import type { Hex as Address20, ChainSpec } from '../../src/chains/types'
import type { AaveProtocol } from '../../src/protocols/aave-v3/events'
import type { RiskInput } from '../../src/protocols/lending-risk'
import { followSpec } from './aave-fold'

export interface LabAsset {
  symbol: string
  decimals: number
  /** In the unit the oracle reckons in. */
  price: bigint
  ltvBps: bigint
  thresholdBps: bigint
  bonusBps: bigint
}

export interface AaveLab {
  protocol: AaveProtocol
  revision: number
  pool: Address
  poolAbi: Abi
  configurator: Address
  configuratorAbi: Abi
  oracle: Address
  provider: Address
  tokens: Address[]
  feeds: Address[]
  base: Address | null
}

export const LAB_CHAIN_ID = 31_339
const GAS = '0x2dc6c0'
const TOKEN_ABI = parseAbi([
  'function mint(address,uint256) returns (bool)',
  'function approve(address,uint256) returns (bool)',
  'function transfer(address,uint256) returns (bool)',
])
const LIQUIDATION_ABI = parseAbi([
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event DeficitCreated(address indexed user, address indexed debtAsset, uint256 amountCreated)',
])

export interface Sent {
  ok: boolean
  timestampSec: number
  liquidation?: { debtCovered: bigint; collateralSeized: bigint }
  deficits: Map<Hex, bigint>
}

/** Starts the chain, deploys, gives every actor tokens and approvals, and follows all blocks. */
export async function startLab(
  assets: readonly LabAsset[],
  deploy: (deployer: Deployer, assets: readonly LabAsset[]) => Promise<AaveLab>,
  listTokens: boolean,
) {
  const anvil = await startAnvil({ chainId: LAB_CHAIN_ID, timestampSec: 1_700_000_000 })
  try {
    const client = createWorldClient(anvil.rpcUrl, LAB_CHAIN_ID)
    let nowSec = 1_700_000_000
    const deployer = await createDeployer(client, () => ++nowSec)
    const lab = lowerCase(await deploy(deployer, assets))
    const users = Array.from(
      { length: 6 },
      (_, index) => demoAccount(index + 1).address.toLowerCase() as Address,
    )
    await fund(deployer, lab, assets, users)
    const chain = followSpec(client, specOf(lab, assets, listTokens))
    const follow = async () => chain.advanceTo(Number(await client.getBlockNumber()))
    await follow()
    return {
      ...lab,
      client,
      users,
      chain,
      stop: anvil.stop,
      /** Sends one transaction and mines it `afterSec` later. */
      async send(from: Address, to: Address, data: Hex, afterSec: number): Promise<Sent> {
        nowSec += afterSec
        return sendAndMine(client, { from, to, data }, nowSec, follow)
      },
      poolCall: (functionName: string, args: readonly unknown[]): Hex =>
        encodeFunctionData({ abi: lab.poolAbi, functionName, args }),
      tokenCall: (functionName: 'transfer', args: readonly [Address, bigint]): Hex =>
        encodeFunctionData({ abi: TOKEN_ABI, functionName, args }),
      configure: (functionName: string, args: readonly unknown[]): Hex =>
        encodeFunctionData({ abi: lab.configuratorAbi, functionName, args }),
      admin: deployer.admin,
      /** What `RiskInput` says of an account at the time of the next block. */
      riskInput: (account: Address, timestampSec: number): RiskInput => ({
        ...chain.stateOf(account as Address20, lab.pool as Address20),
        timestampSec,
      }),
      nextTimeSec: (afterSec: number) => nowSec + afterSec,
    }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

export type RunningLab = Awaited<ReturnType<typeof startLab>>

function lowerCase(lab: AaveLab): AaveLab {
  const lower = (address: Address) => address.toLowerCase() as Address
  return {
    ...lab,
    pool: lower(lab.pool),
    configurator: lower(lab.configurator),
    oracle: lower(lab.oracle),
    provider: lower(lab.provider),
    tokens: lab.tokens.map(lower),
    feeds: lab.feeds.map(lower),
    base: lab.base && lower(lab.base),
  }
}

async function fund(
  deployer: Deployer,
  lab: AaveLab,
  assets: readonly LabAsset[],
  users: readonly Address[],
) {
  for (const [index, token] of lab.tokens.entries()) {
    const amount = 10n ** BigInt(assets[index]!.decimals + 6)
    for (const user of [1, 2, 3, 4, 5, 6]) {
      await deployer.call({
        from: user,
        to: token,
        abi: TOKEN_ABI,
        name: 'approve',
        args: [lab.pool, 2n ** 255n],
      })
    }
    for (const user of users)
      await deployer.call({ to: token, abi: MINT_TO, name: 'mint', args: [user, amount] })
    await deployer.flush()
  }
}
const MINT_TO = parseAbi(['function mint(address,uint256) returns (bool)'])

function specOf(lab: AaveLab, assets: readonly LabAsset[], listTokens: boolean): ChainSpec {
  const links = { pool: lab.pool }
  const entry = (address: Address, role: string, rest = {}) => ({
    address,
    protocol: lab.protocol,
    role,
    label: role,
    deployedAtBlock: 0,
    ...rest,
  })
  const base = lab.base === null ? {} : { links: { base: lab.base } }
  return {
    id: LAB_CHAIN_ID,
    name: 'lab',
    title: 'Lab',
    kind: 'local',
    finalityDepthBlocks: 1,
    blockTimeSec: 12,
    startBlock: 0,
    transactions: 'watched',
    blocks: 'relevant',
    tokenLogs: 'listed',
    scoreEveryBlocks: 1,
    tokens: listTokens
      ? lab.tokens.map((address, index) => ({
          address,
          symbol: 'T',
          name: 'T',
          decimals: assets[index]!.decimals,
        }))
      : [],
    feeds: lab.feeds.map((address, index) => ({
      address,
      asset: lab.tokens[index]!,
      decimals: 8,
      description: '',
    })),
    contracts: [
      entry(lab.pool, 'pool', { revision: lab.revision, ...base }),
      entry(lab.configurator, 'poolConfigurator', { links }),
      entry(lab.oracle, 'oracle', { links }),
      entry(lab.provider, 'addressesProvider', { links }),
    ],
  }
}

async function sendAndMine(
  client: WorldClient,
  call: { from: Address; to: Address; data: Hex },
  timestampSec: number,
  follow: () => Promise<void>,
): Promise<Sent> {
  const hash = (await client.request({
    method: 'eth_sendTransaction',
    params: [{ ...call, gas: GAS }],
  } as never)) as Hex
  await client.setNextBlockTimestamp({ timestamp: BigInt(timestampSec) })
  await client.mine({ blocks: 1 })
  const receipt = await client.getTransactionReceipt({ hash })
  await follow()
  const sent: Sent = { ok: receipt.status === 'success', timestampSec, deficits: new Map() }
  for (const { eventName, args } of parseEventLogs({ abi: LIQUIDATION_ABI, logs: receipt.logs })) {
    if (eventName === 'DeficitCreated')
      sent.deficits.set(args.debtAsset.toLowerCase() as Hex, args.amountCreated)
    else
      sent.liquidation = { debtCovered: args.debtToCover, collateralSeized: args.liquidatedCollateralAmount }
  }
  return sent
}
