/**
 * Morpho Blue on a real chain, from the sources that npm ships: after every block of random acts, everything that our fold
 * knows from logs equals what the contract holds, and its health and liquidations equal what the contract answers.
 */

import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import type { RiskInput } from '../../../src/protocols/lending-risk'
import { type LiquidationRequest, liquidate } from '../../../src/protocols/morpho-blue/liquidation'
import { morphoPriceCalls } from '../../../src/protocols/morpho-blue/prices'
import { morphoAccount, morphoRisk } from '../../../src/protocols/morpho-blue/risk'
import { compileMorpho } from '../../support/morpho-contracts'
import type { TestMarket } from '../../support/morpho-deploy'
import {
  type Call,
  type MorphoWorld,
  priceCall,
  randomBy,
  randomCall,
  startMorpho,
} from '../../support/morpho-world'

const TURNS = 90
const DAY_SEC = 86_400
const WAD = 10n ** 18n

describe('Morpho Blue from its logs', () => {
  const contracts = compileMorpho()
  let world: MorphoWorld
  const compared = { positions: 0, withDebt: 0, unhealthy: 0, liquidations: 0, reverts: 0, badDebt: 0 }

  beforeAll(async () => {
    world = await startMorpho(contracts)
  })
  afterAll(async () => {
    await world?.anvil.stop()
  })

  it('equals the contract after every block: totals, positions, health, liquidations', async () => {
    const random = randomBy(7)
    const prices = new Map<Hex, bigint>()
    for (const market of world.markets) prices.set(market.params.oracle as Hex, await world.price(market))
    let succeeded = 0
    for (let turn = 0; turn < TURNS; turn++) {
      const calls = Array.from({ length: 4 }, () => randomCall(world, random, prices))
      if (turn % 5 === 4) calls.push(movePrice(world, prices, random(1_100) + 100))
      if (turn % 5 === 1) calls.push(...(await liquidationCalls(world, prices, random)))
      // Every market accrues in the block, so that what the contract answers at its end needs no rate of ours.
      calls.push(...world.markets.map((market) => accrueCall(world, market)))
      succeeded += await world.mine(calls, 1 + random(turn % 7 === 3 ? 40 * DAY_SEC : 600))
      for (const market of world.markets) await compareMarket(world, market, prices, random)
    }
    console.info('compared with Morpho:', { succeeded, ...compared })
    expect(succeeded).toBeGreaterThan(200)
    expect(compared.withDebt).toBeGreaterThan(100)
    expect(compared.unhealthy).toBeGreaterThan(10)
    expect(compared.liquidations).toBeGreaterThan(10)
    expect(compared.badDebt).toBeGreaterThan(0)
    const realized = world.markets.map(({ id, params }) =>
      BigInt(world.state.market(`31337:${id}:${params.loanToken}`)!.state.realizedBadDebtAssets as string),
    )
    expect(realized.some((assets) => assets > 0n)).toBe(true)
    const fees = [...world.state.positions.values()].filter(({ account }) => account === world.users.at(-1))
    expect(fees.filter(({ scaledSupply }) => scaledSupply > 0n)).toHaveLength(2)
  }, 300_000)

  it('reads the oracle by the call it asks for', async () => {
    const [market] = world.markets
    const own = world.state.market(`31337:${market!.id}`)!
    const [call] = morphoPriceCalls(own, world.chain)
    const { data } = await world.client.call({ to: call!.to, data: call!.data })
    expect(call!.read(data!)).toBe(await world.price(market!))
    expect([call!.source, call!.asset, call!.decimals]).toEqual([
      market!.params.oracle,
      market!.params.collateralToken,
      36 + 6 - 18,
    ])
  })

  async function compareMarket(
    at: MorphoWorld,
    market: TestMarket,
    prices: ReadonlyMap<Hex, bigint>,
    random: (n: number) => number,
  ): Promise<void> {
    const read = (functionName: string, args: readonly unknown[]) =>
      at.client.readContract({ address: at.morpho, abi: at.abi, functionName, args }) as Promise<
        readonly bigint[]
      >
    const row = at.state.market(`31337:${market.id}:${market.params.loanToken}`)!
    const onChain = await read('market', [market.id])
    const s = row.state
    expect([
      s.totalSupplyAssets,
      s.totalSupplyShares,
      s.totalBorrowAssets,
      s.totalBorrowShares,
      market.params.irm === `0x${'0'.repeat(40)}` ? String(onChain[4]) : String(s.lastUpdateSec),
      s.feeWad,
    ]).toEqual(onChain.map(String))
    for (const user of at.users) {
      const [supplyShares, borrowShares, collateral] = await read('position', [market.id, user])
      const loan = at.state.position(user, row.id)
      const held = at.state.position(user, `31337:${market.id}:${market.params.collateralToken}`)
      const ours = [loan?.scaledSupply ?? 0n, loan?.scaledDebt ?? 0n, held?.scaledSupply ?? 0n]
      expect(ours).toEqual([supplyShares, borrowShares, collateral])
      compared.positions++
      if (borrowShares! > 0n)
        await compareHealth(at, market, user, prices.get(market.params.oracle as Hex)!, random)
    }
  }

  async function compareHealth(
    at: MorphoWorld,
    market: TestMarket,
    user: Hex,
    price: bigint,
    random: (n: number) => number,
  ): Promise<void> {
    compared.withDebt++
    const input = inputOf(at, market, user, price)
    const data = morphoRisk.account(input)
    const found = morphoAccount(input)
    if ('incomplete' in data || 'incomplete' in found) throw new Error(JSON.stringify(data))
    const requests: LiquidationRequest[] = [
      { repaidShares: 1n },
      { repaidShares: found.loan.borrowShares },
      { seizedAssets: found.loan.collateral },
      { seizedAssets: (found.loan.collateral * BigInt(1 + random(99))) / 100n },
      { repaidShares: (found.loan.borrowShares * BigInt(1 + random(99))) / 100n },
    ]
    for (const request of requests) {
      const asked = 'seizedAssets' in request ? [request.seizedAssets, 0n] : [0n, request.repaidShares]
      if (asked[0] === 0n && asked[1] === 0n) continue
      const answer = await at.ask('liquidate', [market.params, user, ...asked, '0x'])
      const ours = liquidate(found.loan, found.totals, request)
      if ('revert' in answer) {
        expect(ours, answer.revert).toBeUndefined()
        expect(answer.revert.includes('position is healthy')).toBe(data.healthFactorWad >= WAD)
        compared.reverts++
      } else {
        expect(data.healthFactorWad).toBeLessThan(WAD)
        expect([ours?.seizedAssets, ours?.repaidAssets]).toEqual(answer.result)
        compared.liquidations++
      }
    }
    if (data.healthFactorWad < WAD) compared.unhealthy++
    if (data.badDebtBase > 0n) compared.badDebt++
  }
})

function inputOf(world: MorphoWorld, market: TestMarket, user: Hex, price: bigint): RiskInput {
  const positions = [...world.state.positions.values()].filter(
    ({ account, pool }) => account === user && pool === market.id,
  )
  const answer = { answer: price, decimals: 0 }
  return {
    positions,
    markets: world.state.markets,
    price: (asset, source) =>
      asset === market.params.collateralToken && source === market.params.oracle ? answer : undefined,
    timestampSec: world.head().timestampSec,
  }
}

function movePrice(world: MorphoWorld, prices: Map<Hex, bigint>, perMille: number): Call {
  const market = world.markets[perMille % 3]!
  const oracle = market.params.oracle as Hex
  const price = (prices.get(oracle)! * BigInt(perMille)) / 1_000n
  prices.set(oracle, price)
  return priceCall(market, world.contracts.OracleMock, price)
}

function accrueCall(world: MorphoWorld, { params }: TestMarket): Call {
  const data = encodeFunctionData({ abi: world.abi, functionName: 'accrueInterest', args: [params] })
  return { from: 1, to: world.morpho, data }
}

/** Liquidations that the contract accepts at the moment: some of part of the debt, some of all collateral. */
async function liquidationCalls(
  world: MorphoWorld,
  prices: ReadonlyMap<Hex, bigint>,
  random: (n: number) => number,
): Promise<Call[]> {
  const calls: Call[] = []
  for (const market of world.markets) {
    for (const user of world.users) {
      const found = morphoAccount(inputOf(world, market, user, prices.get(market.params.oracle as Hex)!))
      if ('incomplete' in found || found.loan.borrowShares === 0n) continue
      const whole = random(2) === 0
      const amounts = whole ? [found.loan.collateral, 0n] : [0n, found.loan.borrowShares / 2n]
      if (amounts[0] === 0n && amounts[1] === 0n) continue
      const args = [market.params, user, ...amounts, '0x']
      calls.push({
        from: 8,
        to: world.morpho,
        data: encodeFunctionData({ abi: world.abi, functionName: 'liquidate', args }),
      })
    }
  }
  return calls
}
