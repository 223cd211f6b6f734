/**
 * Scaled balances from Mint, Burn and BalanceTransfer against a ledger that keeps them as the token contracts do,
 * in both roundings, over random histories.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { ChainSpec, Hex } from '../../../src/chains/types'
import {
  divRayDown,
  divRayHalfUp,
  divRayUp,
  mulRayDown,
  mulRayHalfUp,
  mulRayUp,
  RAY,
} from '../../../src/math/fixed-point'
import { accountData } from '../../../src/protocols/aave-v3/risk'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { RawLog } from '../../../src/protocols/types'
import { log, STRANGER } from '../../support/logs'

const harbor = CHAINS.harbor!
const pool = harbor.contracts.find(({ role }) => role === 'pool')!
const configurator = harbor.contracts.find(({ role }) => role === 'poolConfigurator')!
const asset = harbor.tokens[0]!.address
const marketId = `31337:${pool.address}:${asset}`
const tokens: Record<'aToken' | 'stable' | 'debt', Hex> = {
  aToken: `0x${'a0'.repeat(20)}`,
  stable: `0x${'50'.repeat(20)}`,
  debt: `0x${'d0'.repeat(20)}`,
}
const people: Hex[] = ['11', '22', '33'].map((byte): Hex => `0x${byte.repeat(20)}`)

const MINT = 'Mint(address,address,uint256,uint256,uint256)'
const BURN = 'Burn(address,address,uint256,uint256,uint256)'
const initialized = log(
  configurator.address,
  'ReserveInitialized(address,address,address,address,address)',
  [asset, tokens.aToken],
  [tokens.stable, tokens.debt, tokens.stable],
)

interface Rounding {
  balance(scaled: bigint, index: bigint): bigint
  mintScaled(amount: bigint, index: bigint): bigint
  burnScaled(amount: bigint, index: bigint): bigint
}
const nearest: Rounding = { balance: mulRayHalfUp, mintScaled: divRayHalfUp, burnScaled: divRayHalfUp }
const ROUNDINGS: Record<number, Record<'aToken' | 'debt', Rounding>> = {
  1: { aToken: nearest, debt: nearest },
  10: {
    aToken: { balance: mulRayDown, mintScaled: divRayDown, burnScaled: divRayUp },
    debt: { balance: mulRayUp, mintScaled: divRayUp, burnScaled: divRayDown },
  },
}

/** The token contract's own bookkeeping: scaled balances, and the index at which each holder was last touched. */
function ledger(token: 'aToken' | 'debt', revision: number) {
  const { balance, mintScaled, burnScaled } = ROUNDINGS[revision]![token]
  const scaled = new Map<Hex, bigint>()
  const seenIndex = new Map<Hex, bigint>()
  const of = (who: Hex) => scaled.get(who) ?? 0n

  /** Moves a holder's scaled balance and says what the contract says: value net of interest, interest, index. */
  function change(who: Hex, delta: bigint, amount: bigint, index: bigint): RawLog {
    const before = of(who)
    const previous = balance(before, seenIndex.get(who) ?? 0n)
    const interest = balance(before, index) - previous
    scaled.set(who, before + delta)
    seenIndex.set(who, index)
    // Revision 1 states the requested amount; revision 10 the difference of balances.
    const signed = delta > 0n ? amount : -amount
    const net = revision === 1 ? signed + interest : balance(before + delta, index) - previous
    const address = tokens[token]
    return net > 0n || delta > 0n
      ? log(address, MINT, [who, who], [net, interest, index])
      : log(address, BURN, [who, who], [-net, interest, index])
  }
  return {
    scaled,
    mint: (who: Hex, amount: bigint, index: bigint): RawLog[] => {
      const delta = mintScaled(amount, index)
      return delta === 0n ? [] : [change(who, delta, amount, index)]
    },
    burn: (who: Hex, share: bigint, index: bigint): RawLog[] => {
      const amount = (balance(of(who), index) * share) / 100n
      const delta = share === 100n ? of(who) : burnScaled(amount, index)
      return amount === 0n || delta === 0n || delta > of(who) ? [] : [change(who, -delta, amount, index)]
    },
    transfer: (from: Hex, to: Hex, part: bigint, index: bigint): RawLog[] => {
      const moved = (of(from) * part) / 100n
      scaled.set(from, of(from) - moved)
      scaled.set(to, of(to) + moved)
      return [
        log(tokens[token], 'BalanceTransfer(address,address,uint256,uint256)', [from, to], [moved, index]),
      ]
    },
  }
}

const step = fc.record({
  token: fc.constantFrom('aToken' as const, 'debt' as const),
  action: fc.constantFrom('mint' as const, 'burn' as const, 'transfer' as const),
  who: fc.nat(2),
  other: fc.nat(2),
  amount: fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, 10n ** 24n)),
  share: fc.bigInt(1n, 100n),
  growth: fc.bigInt(0n, RAY / 50n),
})

function chainOf(revision: number): ChainSpec {
  return {
    ...harbor,
    contracts: harbor.contracts.map((entry) => (entry === pool ? { ...entry, revision } : entry)),
  }
}

describe('scaled balances from events', () => {
  it.each([1, 10])('equal the token’s own, whatever happens (revision %i)', (revision) => {
    let events = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 40 }), (steps) => {
        const state = createMemoryState()
        const context = createContext(chainOf(revision))
        const ledgers = { aToken: ledger('aToken', revision), debt: ledger('debt', revision) }
        let index = RAY
        const logs: RawLog[] = [initialized]
        for (const { token, action, who, other, amount, share, growth } of steps) {
          index += mulRayDown(index, growth)
          const [from, to] = [people[who]!, people[other]!]
          if (action === 'mint') logs.push(...ledgers[token].mint(from, amount, index))
          else if (action === 'burn') logs.push(...ledgers[token].burn(from, share, index))
          else if (token === 'aToken') logs.push(...ledgers.aToken.transfer(from, to, share, index))
        }
        events += logs.length - 1
        expect(foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context).undecodable).toEqual([])
        let [supply, debt] = [0n, 0n]
        for (const person of people) {
          const position = state.position(person, marketId)
          expect(position?.scaledSupply ?? 0n).toBe(ledgers.aToken.scaled.get(person) ?? 0n)
          expect(position?.scaledDebt ?? 0n).toBe(ledgers.debt.scaled.get(person) ?? 0n)
          expect(position?.complete ?? true).toBe(true)
          supply += position?.scaledSupply ?? 0n
          debt += position?.scaledDebt ?? 0n
        }
        const sum = (held: Map<Hex, bigint>) => [...held.values()].reduce((total, value) => total + value, 0n)
        expect([supply, debt]).toEqual([sum(ledgers.aToken.scaled), sum(ledgers.debt.scaled)])
      }),
      { numRuns: 300 },
    )
    expect(events).toBeGreaterThan(1_000)
  })

  it('never go below zero: what was not seen to grow is incomplete, not negative', () => {
    const state = createMemoryState()
    const context = createContext(harbor)
    const [alice, bob] = people as [Hex, Hex]
    const logs = [
      initialized,
      log(tokens.aToken, BURN, [alice, alice], [500n, 0n, RAY]),
      log(tokens.aToken, 'BalanceTransfer(address,address,uint256,uint256)', [alice, bob], [70n, RAY]),
    ]
    foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
    expect(state.position(alice, marketId)).toMatchObject({ scaledSupply: 0n, complete: false })
    expect(state.position(bob, marketId)).toMatchObject({ scaledSupply: 70n, complete: true })
  })
})

describe('completeness', () => {
  const rates = log(
    pool.address,
    'ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)',
    [asset],
    [1n, 0n, 2n, RAY, RAY],
  )
  const minted = log(tokens.aToken, MINT, [people[0]!, people[0]!], [9n, 0n, RAY])
  const fold = (logs: RawLog[], chain: ChainSpec, coverageFrom: number) => {
    const state = createMemoryState()
    foldLogs(
      logs,
      PROTOCOLS_BY_TOPIC,
      state,
      createContext(chain, undefined, () => coverageFrom),
    )
    return { market: state.market(marketId), position: state.position(people[0]!, marketId) }
  }

  it('holds for what was seen from its beginning', () => {
    const { market, position } = fold([initialized, rates, minted], harbor, 0)
    expect([market?.complete, position?.complete]).toEqual([true, true])
  })

  it('fails for a pool that is older than the coverage', () => {
    const { market, position } = fold([initialized, rates, minted], harbor, 50)
    expect([market?.complete, position?.complete]).toEqual([false, false])
  })

  it('fails for a reserve whose initialisation was not seen, even if its price source was', () => {
    const oracle = harbor.contracts.find(({ role }) => role === 'oracle')!
    const source = log(oracle.address, 'AssetSourceUpdated(address,address)', [asset, people[2]!], [])
    expect(fold([source, rates], harbor, 0).market?.complete).toBe(false)
    expect(fold([rates], harbor, 0).market?.complete).toBe(false)
    expect(fold([source, initialized, rates], harbor, 0).market).toMatchObject({
      complete: true,
      state: { priceFeed: people[2], borrowIndexRay: RAY.toString(), variableBorrowRateRay: '2' },
    })
  })

  it('fails for a revision whose arithmetic is unknown, and for unknown decimals', () => {
    expect(fold([initialized, minted], chainOf(7), 0).position?.complete).toBe(false)
    expect(fold([initialized, minted], { ...harbor, tokens: [] }, 0).position?.complete).toBe(false)
  })

  it('fails for a pool that is upgraded on the way, and for nobody else’s upgrade', () => {
    const state = createMemoryState()
    const context = createContext(harbor)
    const source = `0x${'fe'.repeat(20)}` as const
    const oracle = harbor.contracts.find(({ role }) => role === 'oracle')!
    const priced = log(oracle.address, 'AssetSourceUpdated(address,address)', [asset, source], [])
    foldLogs(
      [priced, initialized, minted, log(STRANGER, 'Upgraded(address)', [source], [])],
      PROTOCOLS_BY_TOPIC,
      state,
      context,
    )
    const position = state.position(people[0]!, marketId)!
    const input = {
      revision: 1,
      positions: [position],
      markets: state.markets,
      prices: new Map([[asset, 1n]]),
      timestampSec: 0,
    }
    expect(accountData(input)).not.toHaveProperty('incomplete')
    const { facts } = foldLogs(
      [log(pool.address, 'Upgraded(address)', [source], [])],
      PROTOCOLS_BY_TOPIC,
      state,
      context,
    )
    expect(facts).toMatchObject([{ table: 'admin_action', kind: 'upgraded', verified: true }])
    expect(accountData(input)).toHaveProperty('incomplete')
  })

  it('fails for debt at a stable rate, which is not modelled', () => {
    const signature = 'Mint(address,address,uint256,uint256,uint256,uint256,uint256,uint256)'
    const stable = log(tokens.stable, signature, [people[0]!, people[0]!], [1n, 1n, 1n, 1n, 1n, 1n])
    expect(fold([initialized, stable], harbor, 0).position?.complete).toBe(false)
  })
})
