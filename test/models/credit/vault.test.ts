import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VaultEvent } from '../../../src/models/credit/events'
import { feeGrowth, stepAt, vaultStates } from '../../../src/models/credit/vault'

const YEAR_SEC = 365 * 86_400

function event(kind: VaultEvent['kind'], timeSec: number, over: Partial<VaultEvent>): VaultEvent {
  return { timeSec, blockNumber: timeSec, vault: '1', kind, collateralEth: 0, debtDai: 0, ...over }
}

describe('feeGrowth', () => {
  const growth = feeGrowth([
    { fromSec: 0, value: 0.05 },
    { fromSec: YEAR_SEC, value: 0.1 },
  ])

  it('is 1 before the first fee and compounds each fee for its time', () => {
    expect(growth(-100)).toBe(1)
    expect(growth(0)).toBe(1)
    expect(growth(YEAR_SEC)).toBeCloseTo(1.05, 12)
    expect(growth(1.5 * YEAR_SEC)).toBeCloseTo(1.05 * 1.1 ** 0.5, 12)
  })
})

describe('stepAt', () => {
  it('takes the liquidation ratio of the moment, also when it changes from 150 to 130 %', () => {
    const steps = [
      { fromSec: 10, value: 1.5 },
      { fromSec: 20, value: 1.3 },
    ]
    expect([0, 10, 19, 20, 99].map((sec) => stepAt(steps, sec))).toEqual([1.5, 1.5, 1.5, 1.3, 1.3])
  })
})

describe('vaultStates', () => {
  const growth = feeGrowth([{ fromSec: 0, value: 0.1 }])
  const states = (events: VaultEvent[]) => vaultStates(events, growth).get('1')!
  const borrowed = event('borrow', 0, { debtDai: 1000 })

  it('a repayment with a year’s fee closes the debt, where a running sum would be −100', () => {
    const [, after] = states([borrowed, event('repay', YEAR_SEC, { debtDai: -1100 })])
    expect(after!.debtShares).toBe(0)
  })

  it('takes the rounding that a repayment leaves for nothing, but not a real remainder', () => {
    expect(states([borrowed, event('repay', YEAR_SEC, { debtDai: -1099 })])[1]!.debtShares).toBe(0)
    expect(states([borrowed, event('repay', YEAR_SEC, { debtDai: -1000 })])[1]!.debtShares).toBeCloseTo(
      90.9,
      1,
    )
  })

  it('is never below zero, whatever is repaid, withdrawn or seized, and keeps vaults apart', () => {
    const kinds = fc.constantFrom<VaultEvent['kind']>('deposit', 'borrow', 'withdraw', 'repay', 'liquidation')
    const amount = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    const events = fc.array(
      fc.record({ kind: kinds, collateralEth: amount, debtDai: amount, vault: fc.constantFrom('1', '2') }),
    )
    fc.assert(
      fc.property(events, (drawn) => {
        const list = drawn.map((one, i) => event(one.kind, i, one))
        const all = vaultStates(list, growth)
        for (const [vault, own] of all) {
          expect(own).toHaveLength(list.filter((one) => one.vault === vault).length)
          for (const state of own) {
            expect(state.collateralEth).toBeGreaterThanOrEqual(0)
            expect(state.debtShares).toBeGreaterThanOrEqual(0)
          }
        }
      }),
    )
  })
})
