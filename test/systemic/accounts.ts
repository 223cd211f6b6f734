/** Accounts with several collaterals and debts for tests of the spiral and its kernels, and drawn ones for properties. */
import fc from 'fast-check'
import type { CloseRule } from '../../src/systemic/book'
import type { PriceDepth } from '../../src/systemic/depth'
import { planParts, type SpiralParts, type SpiralPlan } from '../../src/systemic/spiral-plan'

export interface Account {
  rule?: number
  collaterals: readonly { asset: number; units: number; threshold?: number; bonus?: number }[]
  /** The market is the asset where left out. */
  debts: readonly { asset: number; units: number; market?: number }[]
}

export const WHOLE: CloseRule = { closeShare: 1, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 }
export const HALF: CloseRule = { closeShare: 0.5, closeHealth: 0.95, smallUsd: 0, leastLeftoverUsd: 0 }
/** Aave from 3.3 on. */
export const HALF_OF_ACCOUNT: CloseRule = {
  closeShare: 0.5,
  closeHealth: 0.95,
  smallUsd: 2_000,
  leastLeftoverUsd: 1_000,
}

/** Three assets: 0 and 1 give way as told, 2 does not. */
export function planOfAccounts(
  accounts: readonly Account[],
  { depth = { kind: 'unmoved' }, ...rest }: Partial<SpiralParts> & { depth?: PriceDepth } = {},
): SpiralPlan {
  const collaterals = accounts.flatMap((account) => account.collaterals)
  const debts = accounts.flatMap((account) => account.debts)
  const starts = (count: (account: Account) => number) => {
    let sum = 0
    return Int32Array.from([0, ...accounts.map((account) => (sum += count(account)))])
  }
  return planParts({
    assets: [
      { name: 'eth', depth },
      { name: 'btc', depth },
      { name: 'usd', depth: { kind: 'unmoved' } },
    ],
    markets: ['eth', 'btc', 'usd'],
    closeRules: [WHOLE, HALF, HALF_OF_ACCOUNT],
    ...{ gasUsd: 0, exit: 'oracle' },
    positions: {
      closeRule: Int32Array.from(accounts, ({ rule = 0 }) => rule),
      collateralStart: starts((account) => account.collaterals.length),
      collateralAsset: Int32Array.from(collaterals, ({ asset }) => asset),
      collateralUnits: Float64Array.from(collaterals, ({ units }) => units),
      collateralThreshold: Float64Array.from(collaterals, ({ threshold = 0.8 }) => threshold),
      collateralBonus: Float64Array.from(collaterals, ({ bonus = 1.05 }) => bonus),
      debtStart: starts((account) => account.debts.length),
      debtAsset: Int32Array.from(debts, ({ asset }) => asset),
      debtMarket: Int32Array.from(debts, ({ asset, market = asset }) => market),
      debtUnits: Float64Array.from(debts, ({ units }) => units),
    },
    ...rest,
  })
}

const holding = (assets: number) =>
  fc.record({
    asset: fc.nat(assets - 1),
    units: fc.integer({ min: 0, max: 200 }),
  })

/** Any accounts, sound and unsound, without collateral and without debt among them. */
export const anyAccounts = fc.array(
  fc.record({
    rule: fc.nat(2),
    collaterals: fc.array(holding(3), { maxLength: 4 }),
    debts: fc.array(holding(3), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 20 },
)

/** Prices of the three assets: nothing, little, or much. */
export const anyPrices = fc
  .tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 150 }), fc.constantFrom(0, 1, 1, 1))
  .map((prices) => Float64Array.from(prices))
