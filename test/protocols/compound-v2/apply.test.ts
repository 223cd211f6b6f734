/** Books, balances and debts of cTokens from events, over random histories and at the edges. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import {
  borrowBalanceDown,
  exchangeRateMantissa,
  scaledDebtUp,
} from '../../../src/protocols/compound-v2/state'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS, PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import { log, STRANGER } from '../../support/logs'
import {
  COMPTROLLER,
  comptroller,
  createCToken,
  createFold,
  cTokenOf,
  ethereum,
  marketId,
  WAD,
} from './ctoken-world'

const cDai = cTokenOf('cDAI')
const id = marketId(cDai)
const users: Hex[] = ['a1', 'b2', 'c3'].map((byte): Hex => `0x${byte.repeat(20)}`)

const step = fc.record({
  what: fc.constantFrom(
    'accrue',
    'accrueOld',
    'mint',
    'redeem',
    'borrow',
    'repay',
    'seize',
    'transfer',
    'donateToken',
    'add',
    'reduce',
  ),
  who: fc.nat(2),
  whom: fc.nat(2),
  share: fc.bigInt(0n, 100n),
  amount: fc.bigInt(1n, 10n ** 24n),
  factor: fc.bigInt(0n, 10n ** 16n),
})

describe('a cToken’s history', () => {
  it('folds to the contract’s own books, balances and debts, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { state, fold } = createFold()
        const token = createCToken(cDai)
        fold(
          comptroller.listed(cDai),
          ...token.reserveFactor(WAD / 10n),
          ...token.mint(users[0]!, 10n ** 22n),
        )
        let worth = 0n
        for (const { what, who, whom, share, amount, factor } of steps) {
          const [one, other] = [users[who]!, users[whom]!]
          const logs = {
            accrue: () => token.accrue(factor),
            accrueOld: () => token.accrue(factor, true),
            mint: () => token.mint(one, amount),
            redeem: () => token.redeem(one, share),
            borrow: () => token.borrow(one, amount),
            repay: () => token.repay(other, one, share),
            seize: () => (one === other ? [] : token.seize(one, other, share)),
            transfer: () => token.transfer(one, other, share),
            donateToken: () => token.transfer(one, cDai, share),
            add: () => token.addReserves(one, amount),
            reduce: () => token.reduceReserves(one, share),
          }[what]!()
          expect(fold(...logs).undecodable).toEqual([])
          const market = state.market(id)!
          const { books } = token
          expect(market.complete).toBe(true)
          expect(market.state).toMatchObject({
            cash: String(books.cash),
            totalBorrows: String(books.borrows),
            totalReserves: String(books.reserves),
            totalSupply: String(books.supply),
            borrowIndexRay: String(books.index),
          })
          let supplied = 0n
          for (const account of [...users, cDai]) {
            const position = state.position(account, id)
            expect(position?.scaledSupply ?? 0n).toBe(token.tokens.get(account) ?? 0n)
            supplied += position?.scaledSupply ?? 0n
            const debt = borrowBalanceDown(position?.scaledDebt ?? 0n, books.index)
            const exact = token.owed(account)
            // Never below the contract, and at most one unit above where the contract's floor was a hair's breadth off.
            expect(debt - exact === 0n || debt - exact === 1n).toBe(true)
          }
          expect(supplied).toBe(books.supply)
          if (books.supply === 0n) continue
          expect(exchangeRateMantissa(market)).toBe(token.rate())
          // Rounding is the protocol's: no operation makes a cToken worth less.
          if (worth > 0n) expect(token.rate()).toBeGreaterThanOrEqual(worth - 1n)
          worth = token.rate()
        }
      }),
      { numRuns: 150 },
    )
  })

  it('takes cash from an accrual that tells it, so that a donation counts from then on', () => {
    const { state, fold } = createFold()
    const token = createCToken(cDai)
    fold(comptroller.listed(cDai), ...token.mint(users[0]!, 1_000n * WAD))
    token.books.cash += 500n * WAD
    expect(exchangeRateMantissa(state.market(id)!)).toBe(WAD / 50n)
    fold(...token.accrue(0n))
    expect(exchangeRateMantissa(state.market(id)!)).toBe(((WAD / 50n) * 3n) / 2n)
  })

  it('keeps a user’s transfer to the cToken as the cToken’s own, not burnt by a later seizure', () => {
    const { state, fold } = createFold()
    const token = createCToken(cDai)
    fold(...token.mint(users[0]!, 1_000n * WAD), ...token.mint(users[1]!, 1_000n * WAD))
    fold(...token.transfer(users[0]!, cDai, 10n))
    const parked = state.position(cDai, id)!.scaledSupply
    fold(...token.seize(users[2]!, users[1]!, 50n))
    expect(state.position(cDai, id)!.scaledSupply).toBe(parked)
    expect(parked).toBe(token.tokens.get(cDai))
  })

  it('that began before its coverage is incomplete, and so are positions in it', () => {
    const state = createMemoryState()
    const context = createContext(ethereum, undefined, () => 9_000_000)
    foldLogs(createCToken(cDai).mint(users[0]!, WAD), PROTOCOLS_BY_TOPIC, state, context)
    expect(state.market(id)?.complete).toBe(false)
    expect(state.position(users[0]!, id)?.complete).toBe(false)
  })

  it('that burns more than was minted is incomplete and not negative', () => {
    const { state, fold } = createFold()
    fold(log(cDai, 'Transfer(address,address,uint256)', [users[0]!, users[1]!], [5n]))
    expect(state.position(users[0]!, id)).toMatchObject({ scaledSupply: 0n, complete: false })
  })
})

describe('a comptroller', () => {
  it('gives its oracle to markets listed before and after, and its parameters to whom they belong', () => {
    const { state, fold } = createFold()
    const cEth = cTokenOf('cETH')
    fold(
      comptroller.listed(cDai),
      comptroller.oracle(),
      comptroller.listed(cEth),
      comptroller.factor(cEth, 75n * 10n ** 16n),
    )
    fold(
      log(COMPTROLLER, 'NewCloseFactor(uint256,uint256)', [], [0n, WAD / 2n]),
      comptroller.incentive((WAD * 108n) / 100n),
    )
    const oracle: Hex = `0x${'0b'.repeat(20)}`
    fold(comptroller.oracle(oracle))
    for (const cToken of [cDai, cEth]) expect(state.market(marketId(cToken))?.state.priceFeed).toBe(oracle)
    expect(state.market(marketId(cEth))?.state.collateralFactorMantissa).toBe(String(75n * 10n ** 16n))
    expect(state.market(`1:${COMPTROLLER}`)?.state).toMatchObject({
      oracle,
      closeFactorMantissa: String(WAD / 2n),
      liquidationIncentiveMantissa: String((WAD * 108n) / 100n),
      markets: `${marketId(cDai)},${marketId(cEth)}`,
    })
  })

  it('switches collateral on and off, as facts too', () => {
    const { state, fold } = createFold()
    const { facts } = fold(
      comptroller.entered(cDai, users[0]!),
      comptroller.exited(cDai, users[0]!),
      comptroller.entered(cDai, users[1]!),
    )
    expect(facts).toMatchObject([
      { kind: 'collateralOn', account: users[0], pool: COMPTROLLER, marketSuffix: cDai, verified: true },
      { kind: 'collateralOff', account: users[0] },
      { kind: 'collateralOn', account: users[1] },
    ])
    expect(state.position(users[0]!, id)?.collateralEnabled).toBe(false)
    expect(state.position(users[1]!, id)?.collateralEnabled).toBe(true)
  })

  it('announces a cToken that no file describes: its events are believed, its market is not complete', () => {
    const { state, fold } = createFold()
    const { facts } = fold(comptroller.listed(STRANGER), ...createCToken(STRANGER).mint(users[0]!, WAD))
    expect(facts[0]).toMatchObject({
      table: 'lending_event',
      verified: true,
      pool: COMPTROLLER,
      asset: STRANGER,
    })
    expect(state.market(marketId(STRANGER))?.complete).toBe(false)
    expect(state.position(users[0]!, marketId(STRANGER))?.scaledSupply).toBe(50n * WAD)
    const emitters = PROTOCOLS['compound-v2']!.emitters!(state.market(marketId(STRANGER))!)
    expect(emitters).toEqual([{ address: STRANGER, role: 'cToken' }])
  })

  it('pauses an action of one cToken or of all', () => {
    const { state, fold } = createFold()
    const text = (word: string) => BigInt(`0x${Buffer.from(word).toString('hex').padEnd(64, '0')}`)
    fold(
      log(COMPTROLLER, 'ActionPaused(address,string,bool)', [], [cDai, 96n, true, 6n, text('Borrow')]),
      log(COMPTROLLER, 'ActionPaused(string,bool)', [], [64n, true, 5n, text('Seize')]),
    )
    expect(state.market(id)?.state.pausedBorrow).toBe(true)
    expect(state.market(`1:${COMPTROLLER}`)?.state.pausedSeize).toBe(true)
    const bad = log(COMPTROLLER, 'ActionPaused(string,bool)', [], [64n, true, 3n, text('__p')])
    expect(fold(bad).undecodable).toHaveLength(1)
  })
})

describe('a debt as it is kept', () => {
  it('is never below the contract’s, and above by at most one unit', () => {
    const index = fc.bigInt(WAD, 10n ** 20n)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), index, index, (principal, at, now) => {
        const kept = borrowBalanceDown(scaledDebtUp(principal, at), now)
        const exact = (principal * now) / at
        expect(kept - exact === 0n || kept - exact === 1n).toBe(true)
        expect(borrowBalanceDown(scaledDebtUp(principal, at), at)).toBe(principal)
      }),
    )
  })
})
