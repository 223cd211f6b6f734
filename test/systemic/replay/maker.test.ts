import { describe, expect, it } from 'vitest'
import type { VaultState } from '../../../src/models/credit/vault'
import { judgeVaultDays, type MakerReplayInput, vaultDays } from '../../../src/systemic/replay/maker-replay'
import { makerTerms } from '../../../src/systemic/rules/terms'

const HOUR_SEC = 3_600
const DAY_SEC = 86_400
const state = (timeSec: number, change: Partial<VaultState> = {}): VaultState => ({
  timeSec,
  kind: 'borrow',
  collateralEth: 1,
  debtShares: 1_000,
  ...change,
})

/** Hourly prices over two days; a vault of 1 ETH and 1,000 DAI at 130 % needs a price of 1,300. */
function input(states: VaultState[], price: (hour: number) => number): MakerReplayInput {
  return {
    vaults: new Map([['v', states]]),
    growth: () => 1,
    ratio: () => 1.3,
    prices: {
      points: Array.from({ length: 48 }, (_, hour) => ({ timeSec: hour * HOUR_SEC, value: price(hour) })),
      files: {},
    },
    terms: () => makerTerms({ matRay: 13n * 10n ** 26n, takenAt: 0.95 }),
    fromSec: 0,
    untilSec: 2 * DAY_SEC,
  }
}

describe('vault-days', () => {
  it('of no vault, of one without debt and of dust are none', () => {
    expect(vaultDays({ ...input([], () => 1), vaults: new Map() })).toEqual([])
    expect(vaultDays(input([], () => 1))).toEqual([])
    expect(vaultDays(input([state(1, { debtShares: 99 })], () => 1))).toEqual([])
  })

  it('health of exactly 1 is not below it', () => {
    const days = vaultDays(input([state(1)], () => 1_300))
    expect(days.map(({ leastHealth, badDebtDai }) => [leastHealth, badDebtDai])).toEqual([
      [1, 0],
      [1, 0],
    ])
    expect(judgeVaultDays(days, 1).hits.predicted).toBe(0)
  })

  it('an hour is judged by the state before it: its own liquidation is not known yet', () => {
    const states = [
      state(1, { collateralEth: 1 }),
      state(10 * HOUR_SEC + 60, { kind: 'liquidation', collateralEth: 0.1, debtShares: 50 }),
    ]
    const [day] = vaultDays(input(states, (hour) => (hour < 10 ? 1_400 : 1_200)))
    expect(day).toMatchObject({ isLiquidated: true, delaySec: 60 })
    expect(day!.leastHealth).toBeCloseTo(1_200 / 1_300, 12)
  })

  it('bad debt is what the auction’s price leaves, and nothing while it covers', () => {
    const bad = (price: number) => vaultDays(input([state(1)], () => price))[0]!.badDebtDai
    expect(bad(1_200)).toBe(0)
    expect(bad(500)).toBeCloseTo(1_000 - 500 * 0.95, 9)
  })

  it('an owner who pays in within the hour has rescued the vault', () => {
    const states = [state(1), state(10 * HOUR_SEC + 90, { kind: 'deposit', collateralEth: 2 })]
    const [day] = vaultDays(input(states, (hour) => (hour < 10 ? 1_400 : 1_200)))
    expect(day).toMatchObject({ isRescued: true, isLiquidated: false })
  })

  it('a withdrawal that the protocol would have refused makes the vault incomplete until its debt is gone', () => {
    const states = [
      state(1),
      state(HOUR_SEC + 1, { kind: 'withdraw', collateralEth: 0 }),
      state(DAY_SEC + HOUR_SEC, { kind: 'repay', collateralEth: 0, debtShares: 0 }),
      state(DAY_SEC + 5 * HOUR_SEC),
    ]
    const days = vaultDays(input(states, () => 1_400))
    expect(days.map(({ isIncomplete }) => isIncomplete)).toEqual([true, true])
    // Paid for in the same moment it is no contradiction.
    const paid = [
      state(1),
      state(2, { kind: 'withdraw', collateralEth: 0 }),
      state(2, { kind: 'repay', debtShares: 0 }),
    ]
    expect(vaultDays(input(paid, () => 1_400))).toEqual([])
  })
})

describe('agreement by vault and day', () => {
  const day = (vault: string, leastHealth: number, isLiquidated: boolean) => ({
    ...{ vault, day: 0, leastHealth, isLiquidated },
    ...{ isRescued: false, isIncomplete: false, badDebtDai: 0, delaySec: null },
  })
  it('of no days has no value', () => {
    expect(judgeVaultDays([], 1).hits).toMatchObject({ precision: null, recall: null })
  })
  it('counts, and a lower price predicts more', () => {
    const days = [day('a', 0.9, true), day('b', 0.99, false), day('c', 1.005, true), day('d', 2, false)]
    expect(judgeVaultDays(days, 1).hits).toMatchObject({ predicted: 2, happened: 2, both: 1 })
    expect(judgeVaultDays(days, 0.99).hits).toMatchObject({ predicted: 3, both: 2 })
    expect(judgeVaultDays(days, 1)).toEqual(judgeVaultDays(days, 1))
  })
})
