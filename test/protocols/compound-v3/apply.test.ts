/** Principals, totals and indexes of a comet from events, over random histories, and where the logs fall silent. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { principalOfTransfer } from '../../../src/protocols/compound-v3/interest'
import {
  createContext,
  createMemoryDirectory,
  createMemoryState,
  foldLogs,
} from '../../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import { log, STRANGER } from '../../support/logs'
import {
  baseId,
  birth,
  COMET,
  collateral,
  createComet,
  createFold,
  ethereum,
  poolId,
  upgrade,
  WAD,
  WETH,
} from './comet-world'

const users: Hex[] = ['a1', 'b2', 'c3', 'd4'].map((byte): Hex => `0x${byte.repeat(20)}`)
const [alice, bob, carol, bank] = users as [Hex, Hex, Hex, Hex]
const DEPOSIT = 10n ** 13n

const step = fc.record({
  what: fc.constantFrom('supply', 'withdraw', 'transfer', 'absorb'),
  who: fc.nat(2),
  whom: fc.nat(2),
  amount: fc.bigInt(1n, 10n ** 12n),
  waitSec: fc.nat(100_000),
})

/** A comet with a bank that keeps it liquid. */
function world() {
  const { state, context, fold } = createFold()
  const comet = createComet()
  fold(...birth(), ...comet.supply(bank, DEPOSIT))
  return { state, context, fold, comet }
}

describe('a comet’s history', () => {
  it('folds to the comet’s own principals, totals and indexes while every accrual has a log', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { state, fold, comet } = world()
        for (const { what, who, whom, amount, waitSec } of steps) {
          comet.wait(waitSec)
          const [one, other] = [users[who]!, users[whom]!]
          // A transfer that touches a debt has no log of it: that is the next test's business.
          // Of a few base units (7, say) rounding may look like one, and the comet is then distrusted without need.
          const clean =
            one !== other &&
            amount >= 1_000n &&
            comet.present(comet.principal(one)) > amount * 2n &&
            comet.principal(other) >= 0n
          const logs = {
            supply: () => comet.supply(one, amount),
            withdraw: () => (comet.books.borrow > DEPOSIT / 2n ? [] : comet.withdraw(one, amount)),
            transfer: () => (clean ? comet.transfer(one, other, amount) : []),
            absorb: () => (comet.principal(one) < 0n ? comet.absorb(one, amount) : []),
          }[what]()
          expect(fold(...logs).undecodable).toEqual([])
        }
        fold(...comet.supply(bank, 1n))
        expect(state.market(poolId)!.complete).toBe(true)
        expect(state.market(baseId)!.state).toMatchObject({
          liquidityIndexRay: String(comet.books.supplyIndex * 10n ** 12n),
          borrowIndexRay: String(comet.books.borrowIndex * 10n ** 12n),
          totalSupplyBase: String(comet.books.supply),
          totalBorrowBase: String(comet.books.borrow),
        })
        let [supplied, owed] = [0n, 0n]
        for (const account of users) {
          const position = state.position(account, baseId)
          expect((position?.scaledSupply ?? 0n) - (position?.scaledDebt ?? 0n)).toBe(comet.principal(account))
          supplied += position?.scaledSupply ?? 0n
          owed += position?.scaledDebt ?? 0n
        }
        expect([supplied, owed]).toEqual([comet.books.supply, comet.books.borrow])
      }),
      { numRuns: 200 },
    )
  })

  it('takes no offence at a transfer so small that rounding leaves the receiver nothing', () => {
    const { state, fold, comet } = world()
    fold(...comet.withdraw(alice, 10n ** 12n))
    comet.wait(1_000)
    fold(...comet.supply(bob, 10_000n))
    const logs = comet.transfer(bob, carol, 1n)
    expect(logs).toHaveLength(1)
    fold(...logs)
    expect(state.market(poolId)!.complete).toBe(true)
    expect(state.position(bob, baseId)!.scaledSupply).toBe(comet.principal(bob))
  })

  it('with silent accruals stays within a billionth a month of the comet’s indexes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 60, max: 3_600 }), { minLength: 50, maxLength: 200 }),
        (waits) => {
          const { state, fold, comet } = world()
          fold(...comet.withdraw(alice, DEPOSIT / 2n))
          waits.forEach((seconds, i) => {
            comet.wait(seconds)
            if (i % 3 === 0) fold(...comet.supply(bob, 1_000_000n))
            else comet.poke()
          })
          fold(...comet.supply(bank, 1n))
          const ours = BigInt(String(state.market(baseId)!.state.borrowIndexRay)) / 10n ** 12n
          const error =
            comet.books.borrowIndex > ours ? comet.books.borrowIndex - ours : ours - comet.books.borrowIndex
          expect(error * 10n ** 9n).toBeLessThan(comet.books.borrowIndex)
          expect(state.market(poolId)!.complete).toBe(true)
        },
      ),
      { numRuns: 20 },
    )
  })

  it.each<[string, (comet: ReturnType<typeof createComet>) => ReturnType<typeof birth>]>([
    [
      'the receiver repays with a transfer',
      (comet) => [
        ...comet.supply(alice, 10n ** 9n),
        ...comet.withdraw(bob, 10n ** 9n),
        ...comet.transfer(alice, bob, 10n ** 8n),
      ],
    ],
    ['the sender borrows for a transfer', (comet) => comet.transfer(alice, bob, 10n ** 8n)],
    [
      'the sender withdraws and borrows for it',
      (comet) => [...comet.supply(alice, 10n ** 7n), ...comet.transfer(alice, bob, 10n ** 8n)],
    ],
  ])('is not complete any more when %s, because no log tells whose debt moved', (_, happen) => {
    const { state, fold, comet } = world()
    fold(...happen(comet))
    expect(state.market(poolId)!.complete).toBe(false)
    fold(...comet.supply(carol, 10n ** 9n), ...comet.transfer(carol, bank, 10n ** 8n))
    expect(state.market(poolId)!.complete).toBe(false)
  })

  it('is not believed without a configuration, nor on an implementation that no configurator deployed', () => {
    const bare = createFold()
    bare.fold(...createComet().supply(alice, 10n))
    expect(bare.state.market(poolId)!.complete).toBe(false)
    const { state, fold, comet } = world()
    fold(...upgrade(STRANGER, comet.now(), false))
    expect(state.market(poolId)!.complete).toBe(false)
    expect(state.market(baseId)!.state.configured).toBe(false)
  })

  it('that began before its coverage is incomplete', () => {
    const state = createMemoryState()
    const context = createContext(ethereum, createMemoryDirectory(), () => 16_000_000)
    foldLogs([...birth(), ...createComet().supply(alice, 10n)], PROTOCOLS_BY_TOPIC, state, context)
    expect(state.position(alice, baseId)?.complete).toBe(false)
  })
})

describe('collateral', () => {
  it('moves as the events say, and what an absorption takes is the comet’s until it is bought', () => {
    const { state, fold } = world()
    const id = `${poolId}:${WETH}`
    const { facts } = fold(
      collateral('Supply', bob, alice, WETH, 10n * WAD),
      collateral('Transfer', alice, carol, WETH, 4n * WAD),
      collateral('Withdraw', carol, bob, WETH, 1n * WAD),
      log(
        COMET,
        'AbsorbCollateral(address,address,address,uint256,uint256)',
        [bank, alice, WETH],
        [6n * WAD, 0n],
      ),
      log(COMET, 'BuyCollateral(address,address,uint256,uint256)', [bank, WETH], [1n, 2n * WAD]),
    )
    expect(state.position(alice, id)).toMatchObject({
      scaledSupply: 0n,
      collateralEnabled: true,
      complete: true,
    })
    expect(state.position(carol, id)!.scaledSupply).toBe(3n * WAD)
    expect(state.market(id)!.state).toMatchObject({
      totalSupplyAsset: String(3n * WAD),
      reserves: String(4n * WAD),
    })
    expect(
      facts.map((fact) => fact.table === 'lending_event' && [fact.kind, fact.account, fact.subIndex]),
    ).toEqual([
      ['supply', alice, 0],
      ['withdraw', alice, 0],
      ['supply', carol, 1],
      ['withdraw', carol, 0],
      ['liquidation', alice, 0],
    ])
  })

  it('that was never supplied makes the position incomplete, not negative', () => {
    const { state, fold } = world()
    fold(collateral('Withdraw', alice, alice, WETH, 1n))
    expect(state.position(alice, `${poolId}:${WETH}`)).toMatchObject({ scaledSupply: 0n, complete: false })
  })

  it('is conserved: what accounts hold and what the comet absorbed add up to what came in', () => {
    const move = fc.record({ what: fc.nat(3), who: fc.nat(2), whom: fc.nat(2), share: fc.bigInt(0n, 100n) })
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const { state, fold } = world()
        const id = `${poolId}:${WETH}`
        const held = (account: Hex) => state.position(account, id)?.scaledSupply ?? 0n
        let inside = 0n
        for (const { what, who, whom, share } of moves) {
          const [one, other] = [users[who]!, users[whom]!]
          const part = (held(one) * share) / 100n
          if (what === 0) fold(collateral('Supply', one, one, WETH, share))
          else if (what === 1) fold(collateral('Withdraw', one, one, WETH, part))
          else if (what === 2) fold(collateral('Transfer', one, other, WETH, part))
          else
            fold(
              log(
                COMET,
                'AbsorbCollateral(address,address,address,uint256,uint256)',
                [bank, one, WETH],
                [held(one), 0n],
              ),
            )
          inside += what === 0 ? share : what === 1 ? -part : 0n
          const row = state.market(id)
          const sum = users.reduce((total, account) => total + held(account), 0n)
          expect(String(sum)).toBe(String(row?.state.totalSupplyAsset ?? 0n))
          expect(sum + BigInt(String(row?.state.reserves ?? 0))).toBe(inside)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a Transfer’s amount', () => {
  it('has one principal, which an index gives back', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(10n ** 15n, 10n ** 18n), (principal, index) => {
        expect(principalOfTransfer((principal * index) / 10n ** 15n, index)).toBe(principal)
      }),
    )
  })
})
