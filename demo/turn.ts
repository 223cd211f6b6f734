/**
 * One turn of the world: read, decide, hand back what is to be sent. Nothing is remembered from turn to turn;
 * what happens follows from the chain's state, the seed and the turn's number.
 */
import type { Address } from 'viem'
import { LOCAL_WORLD } from '../src/chains/local-world'
import { borrowers, CAST, demoAccount, habitOf, indexesOf } from './accounts'
import { borrowerTurn, panicHealthWad } from './actors/borrower'
import { type Incident, incidentTurn } from './actors/incidents'
import { keeperTurn } from './actors/keeper'
import { isLiquidatable, LIQUIDATIONS_PER_TURN, liquidatorTurn } from './actors/liquidator'
import { DUST_E8, type Scene } from './actors/scene'
import { supplierTurn } from './actors/supplier'
import { arbitrageurTurn, swapperTurn } from './actors/trader'
import { treasuryTurn } from './actors/treasury'
import { walletTurn } from './actors/wallet'
import { type Call, POOL_ABI } from './calls'
import type { WorldClient } from './client'
import { crashDepth, marketPricesE8, type Shock } from './prices'
import { type Random, randomFor } from './random'
import { type AccountView, READ_BATCH_BYTES, readAccounts, readMarket } from './snapshot'

export type TurnPlan = { calls: Call[]; incidents: Incident[] }
/** `height` is the block that decisions are about; it must be within anvil's kept history. */
export type TurnInput = { seed: number; turn: number; height: bigint; shocks: readonly Shock[] }

type Health = { index: number; healthFactorWad: bigint; collateralE8: bigint; debtE8: bigint }

/** Suppliers come first: without them there is nothing to borrow. The riskiest borrowers follow. */
const OPENING = [
  ...indexesOf(CAST.suppliers),
  ...indexesOf(CAST.deadbeat),
  ...indexesOf(CAST.degenerate),
  ...indexesOf(CAST.levered),
  ...indexesOf(CAST.careful),
]
const OPENING_PER_TURN = 3
const ACTING_PER_TURN = 3
const PANIC_PER_TURN = 2

/** Decides a turn (0 is the first after the set-up) against a block of the chain. */
export async function planTurn(client: WorldClient, input: TurnInput): Promise<TurnPlan> {
  const chainId = client.chain?.id ?? 0
  const random = randomFor(input.seed, chainId, input.turn, 'turn')
  const [market, health] = await Promise.all([
    readMarket(client, input.height),
    readHealth(client, borrowers(), input.height),
  ])
  const truePricesE8 = marketPricesE8(input.seed, input.turn, input.shocks)
  const sceneOf = (purpose: string | number): Scene => ({
    turn: input.turn,
    market,
    truePricesE8,
    random: randomFor(input.seed, chainId, input.turn, purpose),
  })
  const failing = health.filter(isLiquidatable).sort(byDebt).slice(0, LIQUIDATIONS_PER_TURN)
  const acting = chooseActing(input.turn, health, random)
  const present = [...acting, CAST.liquidator, CAST.arbitrageur, ...failing.map(({ index }) => index)]
  const views = await readAccounts(client, [...new Set(present)], input.height)
  const viewOf = (index: number) => views.find((view) => view.index === index)!
  const targets = failing.map(({ index }) => viewOf(index))
  const { calls, incidents } = incidentTurn(sceneOf('incidents'))
  const refills = crashDepth(input.turn) > 0.1 ? [] : treasuryTurn(views, sceneOf('treasury'))
  calls.push(...keeperTurn(sceneOf('keeper')))
  calls.push(...liquidatorTurn(viewOf(CAST.liquidator), targets, sceneOf('liquidator')))
  calls.push(...acting.flatMap((index) => actorTurn(viewOf(index), sceneOf(index))))
  calls.push(...arbitrageurTurn(viewOf(CAST.arbitrageur), sceneOf('arbitrageur')), ...refills)
  return { calls, incidents }
}

/** Health of these accounts (by index) as of a block. */
export async function readHealth(
  client: WorldClient,
  indexes: readonly number[],
  blockNumber: bigint,
): Promise<Health[]> {
  const contracts = indexes.map((index) => ({
    address: LOCAL_WORLD.aave.pool,
    abi: POOL_ABI,
    functionName: 'getUserAccountData' as const,
    args: [demoAccount(index).address] as const,
  }))
  const results = await client.multicall({
    contracts,
    allowFailure: false,
    deployless: true,
    batchSize: READ_BATCH_BYTES,
    blockNumber,
  })
  return results.map((data, row) => ({
    index: indexes[row]!,
    collateralE8: data[0],
    debtE8: data[1],
    healthFactorWad: data[5],
  }))
}

function chooseActing(turn: number, health: readonly Health[], random: Random): number[] {
  const opening = OPENING.slice(turn * OPENING_PER_TURN, (turn + 1) * OPENING_PER_TURN)
  const acting = new Set(opening)
  for (const { index, healthFactorWad, debtE8 } of health) {
    const habit = habitOf(index)
    const panics = habit !== undefined && debtE8 > DUST_E8 && healthFactorWad < panicHealthWad(habit)
    if (panics && acting.size < opening.length + PANIC_PER_TURN && random.chance(0.5)) acting.add(index)
  }
  if (opening.length === 0)
    for (let drawn = 0; drawn < ACTING_PER_TURN; drawn++) acting.add(random.pick(OPENING))
  acting.add(random.pick(indexesOf(CAST.swappers)))
  acting.add(random.pick(indexesOf(CAST.wallets)))
  return [...acting]
}

function actorTurn(view: AccountView, scene: Scene): Call[] {
  const habit = habitOf(view.index)
  if (habit !== undefined) return borrowerTurn(view, habit, scene)
  if (view.index <= CAST.suppliers[1]) return supplierTurn(view, scene, friendsOf(view.index))
  if (view.index <= CAST.swappers[1]) return swapperTurn(view, scene)
  return walletTurn(view, scene, friendsOf(view.index))
}

/** Whom suppliers and wallets send things to: each other. */
function friendsOf(index: number): Address[] {
  const everyone = [...indexesOf(CAST.suppliers), ...indexesOf(CAST.wallets)]
  return everyone.filter((other) => other !== index).map((other) => demoAccount(other).address)
}

function byDebt(left: Health, right: Health): number {
  return left.debtE8 < right.debtE8 ? 1 : left.debtE8 > right.debtE8 ? -1 : left.index - right.index
}
