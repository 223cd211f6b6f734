import { describe, expect, it } from 'vitest'
import type { MarketState } from '../../src/protocols/types'
import { closeRuleOf, marketTermsOf } from '../../src/systemic/book-terms'

const NONE = { ltv: null, threshold: null, bonus: null, supplyCap: null, borrowCap: null }

function row(protocol: string, state: MarketState['state'], over: Partial<MarketState> = {}): MarketState {
  return {
    ...{ id: '1:0xa:0xe', protocol, kind: 'reserve', pool: '0xa', revision: 1, asset: '0xe', asset1: null },
    ...{ state, complete: true },
    ...over,
  }
}

describe('terms of a market', () => {
  it.each([
    ['a protocol that is not known', row('other', {}), undefined, NONE],
    [
      'an Aave reserve that is no collateral',
      row('aave-v3', { borrowCap: '5' }),
      undefined,
      { ...NONE, borrowCap: 5 },
    ],
    [
      'an Aave reserve',
      row('aave-v3', {
        ...{ ltvBps: 8000, liquidationThresholdBps: 8250, liquidationBonusBps: 10_500 },
        ...{ supplyCap: '1000', borrowCap: '0' },
      }),
      undefined,
      { ltv: 0.8, threshold: 0.825, bonus: 1.05, supplyCap: 1_000, borrowCap: null },
    ],
    [
      'a cToken',
      row('compound-v2', { collateralFactorMantissa: (75n * 10n ** 16n).toString() }),
      row('compound-v2', { liquidationIncentiveMantissa: (108n * 10n ** 16n).toString() }),
      { ...NONE, ltv: 0.75, threshold: 0.75, bonus: 1.08 },
    ],
    ['a comet’s base', row('compound-v3', { role: 'base' }), undefined, NONE],
    [
      'a comet’s collateral',
      row('compound-v3', {
        ...{ role: 'collateral', borrowCollateralFactor: (8n * 10n ** 17n).toString(), decimals: 18 },
        ...{ liquidateCollateralFactor: (85n * 10n ** 16n).toString() },
        ...{ liquidationFactor: (8n * 10n ** 17n).toString(), supplyCap: (3n * 10n ** 18n).toString() },
      }),
      undefined,
      { ltv: 0.8, threshold: 0.85, bonus: 1.25, supplyCap: 3, borrowCap: null },
    ],
    [
      'a Morpho collateral',
      row('morpho-blue', {}),
      row('morpho-blue', {
        collateralToken: '0xe',
        loanToken: '0xf',
        lltvWad: (86n * 10n ** 16n).toString(),
      }),
      { ...NONE, ltv: 0.86, threshold: 0.86, bonus: expect.closeTo(1.0438, 4) },
    ],
    [
      'a Morpho loan',
      row('morpho-blue', {}, { asset: '0xf' }),
      row('morpho-blue', { collateralToken: '0xe', loanToken: '0xf', lltvWad: '0' }),
      NONE,
    ],
    [
      'a Maker gem',
      row('maker', { role: 'gem' }),
      row('maker', { matRay: (15n * 10n ** 26n).toString(), chopWad: (113n * 10n ** 16n).toString() }),
      { ...NONE, ltv: 1 / 1.5, threshold: 1 / 1.5, bonus: 1.13 },
    ],
    ['a Maker gem without a ratio', row('maker', { role: 'gem' }), row('maker', {}), NONE],
  ])('of %s', (_what, market, pool, expected) => {
    expect(marketTermsOf(market, pool)).toEqual(expected)
  })
})

describe('how much one call may liquidate', () => {
  const whole = { closeShare: 1, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 }
  const rule = (protocol: string, revision: number, pool?: MarketState) =>
    closeRuleOf({ protocol, revision, pool })

  it('follows Aave’s revision', () => {
    expect(rule('aave-v2', 2)).toMatchObject({ closeShare: 0.5, closeHealth: 0, smallUsd: 0 })
    expect(rule('aave-v3', 1)).toMatchObject({ closeShare: 0.5, closeHealth: 0.95, smallUsd: 0 })
    for (const revision of [9, 10, 11])
      expect(rule('aave-v3', revision)).toMatchObject({ smallUsd: 2_000, leastLeftoverUsd: 1_000 })
  })

  it('is the comptroller’s close factor, and the whole elsewhere', () => {
    const pool = row('compound-v2', { closeFactorMantissa: (5n * 10n ** 17n).toString() })
    expect(rule('compound-v2', 0, pool)).toEqual({ ...whole, closeShare: 0.5 })
    expect(rule('compound-v2', 0)).toEqual(whole)
    for (const name of ['compound-v3', 'morpho-blue', 'maker']) expect(rule(name, 0)).toEqual(whole)
  })
})
