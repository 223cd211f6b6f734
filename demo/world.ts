/**
 * One chain of the local world, ready to be acted in: a real anvil, the protocols deployed, actors by seed.
 *
 * Two ways to run it. With `mining: 'manual'` nothing happens until `step()`, which decides, sends and mines one
 * block at a seeded time: the same seed yields the same block hashes. With `mining: 'interval'` anvil mines a
 * block a second and `act()` is called as blocks arrive (see live.ts).
 *
 * @example
 * const world = await startWorld({ chain: 'harbor', seed: 7, mining: 'manual' })
 * for (let turn = 0; turn < 30; turn++) await world.step()
 * await world.stop()
 */
import type { Address, Hex } from 'viem'
import {
  LOCAL_CHAIN_IDS,
  LOCAL_ORACLE,
  LOCAL_SETUP_BLOCKS,
  LOCAL_WORLD,
  type LocalOracle,
  type LocalWorldAddresses,
} from '../src/chains/local-world'
import { demoAccount, positionHolders } from './accounts'
import type { Incident } from './actors/incidents'
import { type Anvil, startAnvil } from './anvil'
import type { Call } from './calls'
import { createWorldClient, type WorldClient } from './client'
import { assertExpectedAddresses, deployWorld, isDeployed } from './deploy'
import { discardJournal, replayJournal } from './journal'
import { deployOracle } from './oracle'
import { type BlockOutcome, readOutcome } from './outcome'
import type { Shock } from './prices'
import { randomFor } from './random'
import { type SendResult, sendCalls } from './send'
import { savedState, saveState } from './state'
import { planTurn } from './turn'

export type WorldChain = keyof typeof LOCAL_CHAIN_IDS

export type WorldOptions = {
  chain: WorldChain
  seed: number
  mining: 'manual' | 'interval'
  /** Wanted port; free one chosen when taken or absent. */
  port?: number
  /** Resume from and save to this file. */
  stateFile?: string
  /** Genesis time in seconds. Default: 1 700 000 000 with manual mining, now with interval mining. */
  timestampStart?: number
  /** Seconds between blocks with manual mining; default 1. */
  blockIntervalSec?: number
  /** With manual mining, every tenth block or so comes hours or days later, so that interest matters. */
  timeJumps?: boolean
}

export type StepResult = BlockOutcome & {
  height: bigint
  hash: Hex
  timestampSec: number
  incidents: Incident[]
  refused: SendResult['refused']
}

/** `advanceSec`: seconds to this block instead of the usual; `extraCalls`: sent after the actors' own. */
export type StepOptions = { advanceSec?: number; extraCalls?: readonly Call[] }

export type World = {
  chain: WorldChain
  chainId: number
  seed: number
  rpcUrl: string
  wsUrl: string
  port: number
  /** Reads, local wallets and anvil's test methods in one viem client. */
  client: WorldClient
  publicClient: WorldClient
  testClient: WorldClient
  addresses: LocalWorldAddresses
  /** The RiskOracle's addresses; undefined on chains that carry none. */
  oracle: LocalOracle | undefined
  /** First block that carries protocol contracts, and the last block of the set-up. */
  startBlock: number
  setupBlocks: number
  /** Whether this start resumed a saved chain, and how many blocks came back from the journal. */
  resumed: boolean
  replayedBlocks: number
  /** The head before the first block of this run: what follows is not journaled yet. */
  headAtStart: bigint
  /** Addresses of everyone who may hold a lending position. */
  users: Address[]
  /** Decides the next turn and sends it, without mining. */
  act: () => Promise<SendResult & { turn: number; incidents: Incident[] }>
  /** Manual mining: one block of actor actions. */
  step: (options?: StepOptions) => Promise<StepResult>
  /** Lowers true prices by `depth` (0..1; times each asset's beta, or one asset fully) from the next turn on. */
  crash: (depth?: number, symbol?: string) => void
  /** Where live.ts journals blocks between two saves; undefined without a state file. */
  journalFile: string | undefined
  /** Writes the state file now (does nothing without one); returns a height that is surely in it. */
  save: () => Promise<bigint>
  /** Resolves when the node has gone, wanted or not. */
  exited: Anvil['exited']
  stop: () => Promise<void>
}

const DEFAULT_START_SEC = 1_700_000_000
const DAY_SEC = 86_400

/** Starts the node, deploys or resumes, and hands back the world. Throws with anvil's own words when it cannot. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const manual = options.mining === 'manual'
  const startSec = options.timestampStart ?? (manual ? DEFAULT_START_SEC : Math.floor(Date.now() / 1000))
  const resumed = savedState(options.stateFile) !== undefined
  if (options.stateFile !== undefined && !resumed) {
    await deployAndSave(options, options.stateFile, manual ? startSec : undefined)
  }
  const saved = savedState(options.stateFile)
  const { anvil, client } = await startNode(options, { startSec, saved })
  try {
    await setUp(client, options, saved, manual ? startSec : undefined)
    const journal = journalOf(options.stateFile ?? '')
    const replayedBlocks = resumed ? (await replayJournal(client, journal)).replayed : 0
    const headAtStart = await client.getBlockNumber()
    if (!manual) await mineBySecond(client)
    return assemble(options, anvil, client, { resumed, replayedBlocks, headAtStart })
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

async function startNode(
  options: WorldOptions,
  { startSec, saved }: { startSec: number; saved: string | undefined },
): Promise<{ anvil: Anvil; client: WorldClient }> {
  const chainId = LOCAL_CHAIN_IDS[options.chain]
  const anvil = await startAnvil({
    chainId,
    // A resumed node must begin in the past, or it would refuse to mine the journal's blocks at their times.
    timestampSec: saved === undefined ? startSec : 1,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(saved === undefined ? {} : { loadStateFile: saved }),
  })
  return { anvil, client: createWorldClient(anvil.rpcUrl, chainId) }
}

/**
 * Makes the first saved state with a node of its own. A node keeps the empty slots that transactions read in contracts
 * it loaded, but not in contracts it created, and its state root counts them: only a world that itself began from the
 * saved state can be replayed from it hash by hash.
 */
async function deployAndSave(
  options: WorldOptions,
  stateFile: string,
  startSec: number | undefined,
): Promise<void> {
  const { anvil, client } = await startNode(options, {
    startSec: startSec ?? Math.floor(Date.now() / 1000),
    saved: undefined,
  })
  try {
    await setUp(client, options, undefined, startSec)
    await discardJournal(journalOf(stateFile))
    await saveState(client, stateFile)
  } finally {
    await anvil.stop()
  }
}

/** Deploys on a fresh chain and fills up to the last set-up block; checks a resumed one. */
async function setUp(
  client: WorldClient,
  { chain }: WorldOptions,
  saved: string | undefined,
  startSec: number | undefined,
): Promise<void> {
  if (await isDeployed(client)) return
  if (saved !== undefined) {
    throw new Error(
      `${saved} holds a chain without this version's contracts; delete the file to start afresh`,
    )
  }
  let mined = 0
  const nextSec = startSec === undefined ? undefined : () => startSec + ++mined
  assertExpectedAddresses(await deployWorld(client, nextSec))
  if (chain === 'harbor') await deployOracle(client, nextSec)
  const height = Number(await client.getBlockNumber())
  if (height > LOCAL_SETUP_BLOCKS)
    throw new Error(`the set-up took ${height} blocks, ${LOCAL_SETUP_BLOCKS} are reserved`)
  for (let block = height; block < LOCAL_SETUP_BLOCKS; block++) {
    if (nextSec) await client.setNextBlockTimestamp({ timestamp: BigInt(nextSec()) })
    await client.mine({ blocks: 1 })
  }
}

/**
 * Switches on a block a second. The next block's time puts the node's clock back at the wall's: a node that loaded its
 * state began in the past, and replaying old blocks turns the clock back as well.
 */
async function mineBySecond(client: WorldClient): Promise<void> {
  const { timestamp } = await client.getBlock()
  const nextSec = Math.floor(Date.now() / 1000) + 1
  await client.setNextBlockTimestamp({ timestamp: BigInt(Math.max(nextSec, Number(timestamp) + 1)) })
  await client.setIntervalMining({ interval: 1 })
}

function journalOf(stateFile: string): string {
  return `${stateFile}.journal`
}

function assemble(
  options: WorldOptions,
  anvil: Anvil,
  client: WorldClient,
  history: Pick<World, 'resumed' | 'replayedBlocks' | 'headAtStart'>,
): World {
  const cast = directCast(options, client)
  return {
    chain: options.chain,
    chainId: anvil.chainId,
    seed: options.seed,
    rpcUrl: anvil.rpcUrl,
    wsUrl: anvil.wsUrl,
    port: anvil.port,
    client,
    publicClient: client,
    testClient: client,
    addresses: LOCAL_WORLD,
    oracle: options.chain === 'harbor' ? LOCAL_ORACLE : undefined,
    startBlock: 1,
    setupBlocks: LOCAL_SETUP_BLOCKS,
    ...history,
    journalFile: options.stateFile === undefined ? undefined : journalOf(options.stateFile),
    users: positionHolders().map((index) => demoAccount(index).address.toLowerCase() as Address),
    act: () => cast.act([]),
    step: (step) => mineStep(options, client, cast, step),
    crash: cast.crash,
    save: async () => {
      const height = await client.getBlockNumber()
      if (options.stateFile !== undefined) await saveState(client, options.stateFile)
      return height
    },
    exited: anvil.exited,
    stop: anvil.stop,
  }
}

type Cast = {
  act: (extraCalls: readonly Call[]) => ReturnType<World['act']>
  crash: World['crash']
}

/** The turns of a world; the shocks asked for are the only thing it remembers. */
function directCast({ seed }: WorldOptions, client: WorldClient): Cast {
  const shocks: Shock[] = []
  const wanted: Omit<Shock, 'turn'>[] = []
  return {
    act: async (extraCalls) => {
      const height = await client.getBlockNumber()
      const turn = Math.max(0, Number(height) - LOCAL_SETUP_BLOCKS)
      for (const shock of wanted.splice(0)) shocks.push({ turn, ...shock })
      const plan = await planTurn(client, { seed, turn, height, shocks })
      const sent = await sendCalls(client, [...plan.calls, ...extraCalls])
      return { ...sent, turn, incidents: plan.incidents }
    },
    crash: (depth = 0.4, symbol) => {
      wanted.push({ depth, ...(symbol === undefined ? {} : { symbol }) })
    },
  }
}

async function mineStep(
  options: WorldOptions,
  client: WorldClient,
  cast: Cast,
  { advanceSec, extraCalls = [] }: StepOptions = {},
): Promise<StepResult> {
  if (options.mining !== 'manual')
    throw new Error("step() mines by hand; start the world with mining: 'manual'")
  const { incidents, refused, turn } = await cast.act(extraCalls)
  const { timestamp } = await client.getBlock()
  const gapSec = advanceSec ?? blockGapSec(options, turn)
  await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(gapSec) })
  await client.mine({ blocks: 1 })
  const block = await client.getBlock()
  const outcome = await readOutcome(client, block.number)
  const [height, hash, timestampSec] = [block.number, block.hash, Number(block.timestamp)]
  return { ...outcome, incidents, refused, height, hash, timestampSec }
}

/** Seconds to the next block: the interval, or, when jumps are on, once in ten blocks an hour to five days. */
function blockGapSec(
  { seed, chain, blockIntervalSec = 1, timeJumps = false }: WorldOptions,
  turn: number,
): number {
  const random = randomFor(seed, chain, turn, 'time')
  if (!timeJumps || !random.chance(0.1)) return blockIntervalSec
  return Math.round(random.between(3_600, 5 * DAY_SEC))
}
