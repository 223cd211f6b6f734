/**
 * The fold over random lives of a market. A small model of the contract, written here from its source, makes the logs; it
 * knows nothing of our code, so that a sum or a sign that we get wrong shows.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { ChainSpec, Hex } from '../../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import {
  supplySide,
  toAssetsDown,
  toAssetsUp,
  toSharesDown,
  toSharesUp,
} from '../../../src/protocols/morpho-blue/shares'
import { NO_ADDRESS, totalsOf } from '../../../src/protocols/morpho-blue/state'
import { PROTOCOLS, PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { RawLog } from '../../../src/protocols/types'
import { log, STRANGER } from '../../support/logs'
import { type Act, liveThrough } from '../../support/morpho-model'

const harbor = CHAINS.harbor!
const [weth, , usdc] = harbor.tokens.map(({ address }) => address) as [Hex, Hex, Hex]
const [morpho, irm, oracle, fees]: Hex[] = ['b0', '12', 'c0', 'fe'].map((byte): Hex => `0x${byte.repeat(20)}`)
const USERS: Hex[] = ['a1', 'a2', 'a3'].map((byte): Hex => `0x${byte.repeat(20)}`)
const ID: Hex = `0x${'1d'.repeat(32)}`
const WAD = 10n ** 18n
const common = { protocol: 'morpho-blue', label: 'Morpho', deployedAtBlock: 10 }
const chain: ChainSpec = {
  ...harbor,
  contracts: [
    { ...common, address: morpho!, role: 'morpho' },
    { ...common, address: irm!, role: 'adaptiveCurveIrm', links: { morpho: morpho! } },
  ],
}
const [LOAN, HELD] = [`31337:${ID}:${usdc}`, `31337:${ID}:${weth}`]
const CREATE = 'CreateMarket(bytes32,(address,address,address,address,uint256))'
const created = log(morpho!, CREATE, [ID], [usdc, weth, oracle!, irm!, (86n * WAD) / 100n])
const feesTo = log(morpho!, 'SetFeeRecipient(address)', [fees!], [])

const lives = fc.array(fc.tuple(fc.nat(9), fc.nat(2), fc.nat(1_000)), { minLength: 1, maxLength: 60 })

describe('a market’s life', () => {
  it('keeps totals and positions together, whatever happens', () => {
    fc.assert(
      fc.property(lives, (life: Act[]) => {
        const model = liveThrough(life, { morpho: morpho!, market: ID, users: USERS, fees: fees! })
        const { state, undecodable } = folded([created, feesTo, ...model.logs])
        expect(undecodable).toEqual([])
        const row = state.market(LOAN)!
        const totals = totalsOf(row)
        expect(totals).toEqual(model.totals)
        const sum = { supply: 0n, debt: 0n, claims: 0n }
        for (const user of [...USERS, fees!]) {
          const loan = state.position(user, LOAN)
          expect([loan?.scaledSupply ?? 0n, loan?.scaledDebt ?? 0n]).toEqual(model.held(user).slice(0, 2))
          expect(state.position(user, HELD)?.scaledSupply ?? 0n).toBe(model.held(user)[2])
          expect(loan?.complete ?? true).toBe(true)
          sum.supply += loan?.scaledSupply ?? 0n
          sum.debt += loan?.scaledDebt ?? 0n
          sum.claims += toAssetsDown(loan?.scaledSupply ?? 0n, supplySide(totals))
        }
        expect([sum.supply, sum.debt]).toEqual([totals.supplyShares, totals.borrowShares])
        // What lenders could claim together never exceeds what is there.
        expect(sum.claims).toBeLessThanOrEqual(totals.supplyAssets)
        expect(row.complete).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('counts as incomplete where more leaves than was seen to come', () => {
    const gone = log(
      morpho!,
      'Withdraw(bytes32,address,address,address,uint256,uint256)',
      [ID, USERS[0]!, USERS[0]!],
      [USERS[0]!, 5n, 5n],
    )
    const { state } = folded([created, gone])
    expect(state.position(USERS[0]!, LOAN)).toMatchObject({ scaledSupply: 0n, complete: false })
    expect(state.market(LOAN)).toMatchObject({ complete: false })
    const late = folded([created], 11)
    expect([...late.state.markets.values()].map(({ complete }) => complete)).toEqual([false, false, false])
  })

  it('is announced by a listed Morpho alone, and its events count from then on', () => {
    const supply = (by: Hex) =>
      log(by, 'Supply(bytes32,address,address,uint256,uint256)', [ID, USERS[0]!, USERS[1]!], [10n, 20n])
    const early = folded([supply(morpho!)])
    expect(early.facts).toMatchObject([
      { pool: null, asset: morpho, verified: true, kind: 'supply', amount: 10n },
    ])
    expect(early.state.markets.size + early.state.positions.size).toBe(0)

    const strange = folded([{ ...created, address: STRANGER }, created, supply(STRANGER)])
    expect(strange.facts).toMatchObject([{ pool: null, asset: STRANGER, verified: false }])
    expect(strange.state.positions.size).toBe(0)

    const { facts, state } = folded([created, supply(morpho!)])
    expect(facts).toMatchObject([
      { pool: ID, asset: usdc, verified: true, account: USERS[1], initiator: USERS[0] },
    ])
    expect(state.position(USERS[1]!, LOAN)).toMatchObject({ scaledSupply: 20n, pool: ID })
  })

  it('keeps rows apart where the collateral is the asset lent, and none where there is no collateral', () => {
    const same = log(morpho!, CREATE, [ID], [usdc, usdc, oracle!, irm!, 1n])
    expect([...folded([same]).state.markets.keys()]).toEqual([`31337:${ID}`, LOAN, `31337:${ID}:collateral`])
    const idle = log(morpho!, CREATE, [ID], [usdc, 0n, 0n, 0n, 0n])
    const { state } = folded([idle])
    expect([...state.markets.keys()]).toEqual([`31337:${ID}`, LOAN])
    expect(state.market(`31337:${ID}`)?.state.rateModel).toBe('none')
  })

  it('gives fee shares to whom they went at the time, even where decoding ran ahead', () => {
    const later: Hex = `0x${'fd'.repeat(20)}`
    const accrue = (shares: bigint) =>
      log(morpho!, 'AccrueInterest(bytes32,uint256,uint256,uint256)', [ID], [1n, 10n, shares])
    const toLater = log(morpho!, 'SetFeeRecipient(address)', [later], [])
    const logs = [created, accrue(3n), feesTo, accrue(5n), toLater, accrue(7n), feesTo, accrue(11n)]
    const ahead = createContext(chain)
    for (const announced of [created, feesTo, toLater]) PROTOCOLS['morpho-blue']!.decode(announced, ahead)
    for (const context of [createContext(chain), ahead]) {
      const state = createMemoryState()
      expect(foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context).undecodable).toEqual([])
      const held = [NO_ADDRESS, fees!, later].map((account) => state.position(account, LOAN)?.scaledSupply)
      expect(held).toEqual([3n, 16n, 7n])
      expect(state.market(`31337:${morpho}`)?.state).toMatchObject({
        feeRecipient: fees,
        feeRecipients: `${NO_ADDRESS} ${fees} ${later}`,
      })
    }
  })

  it('follows the height of the rate curve, told by the listed model only', () => {
    const update = (by: Hex, height: bigint) =>
      log(by, 'BorrowRateUpdate(bytes32,uint256,uint256)', [ID], [1n, height])
    const { state } = folded([created, update(irm!, 1_268n), update(STRANGER, 7n), update(morpho!, 8n)])
    expect(state.market(LOAN)?.state.rateAtTargetWad).toBe('1268')
  })
})

describe('shares', () => {
  const side = fc.record({ assets: fc.bigInt(0n, 10n ** 30n), shares: fc.bigInt(0n, 10n ** 36n) })
  it('round against whoever acts: no round trip gains', () => {
    fc.assert(
      fc.property(side, fc.bigInt(0n, 10n ** 30n), (at, amount) => {
        expect(toAssetsDown(toSharesDown(amount, at), at)).toBeLessThanOrEqual(amount)
        expect(toAssetsUp(toSharesUp(amount, at), at)).toBeGreaterThanOrEqual(amount)
        expect(toSharesUp(amount, at) - toSharesDown(amount, at)).toBeLessThanOrEqual(1n)
      }),
    )
  })
})

function folded(logs: readonly RawLog[], coverageFrom = 0) {
  const state = createMemoryState()
  const context = createContext(chain, undefined, () => coverageFrom)
  return { state, ...foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context) }
}
