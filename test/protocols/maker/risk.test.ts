/** Safety of vaults and stability fees, against numbers worked by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import type { RiskInput } from '../../../src/protocols/lending-risk'
import { rateAfterDrip, rpow } from '../../../src/protocols/maker/jug'
import { bytes32Of } from '../../../src/protocols/maker/note'
import { makerRisk, spotRayDown } from '../../../src/protocols/maker/risk'
import {
  createFold,
  DAI,
  DOG,
  ETH_B,
  frob,
  note,
  priced,
  RAY,
  STRANGER_URN,
  VAT,
  WAD,
  WBTC,
  WBTC_A,
  WETH,
} from './notes'

const alice = STRANGER_URN

interface Case {
  ilk?: Hex
  ink?: bigint
  art?: bigint
  value?: bigint
  mat?: bigint
}

/** A vault of 10 ether at 2000 owing 12000 DAI, ratio 1 / 0.825 as near as a ray has it. */
function world({
  ilk = ETH_B,
  ink = 10n * WAD,
  art = 12_000n * WAD,
  value = 2_000n * WAD,
  mat = (RAY * 1_000n) / 825n,
}: Case = {}) {
  const { state, fold } = createFold()
  fold(note(VAT, 'init', [ilk]), ...priced(ilk, value, mat), frob(ilk, alice, ink, art))
  const input = (price = value): RiskInput => ({
    positions: [...state.positions.values()].filter(({ account }) => account === alice),
    markets: state.markets,
    price: (_, source) => (source === ilk ? { answer: price, decimals: 18 } : undefined),
    timestampSec: 1_700_000_000,
  })
  return { state, fold, input }
}

function accountOf(input: RiskInput) {
  const data = makerRisk.account(input)
  if ('incomplete' in data) throw new Error(data.incomplete)
  return data
}

describe('a vault', () => {
  it('at 150 % ratio with 10 ether at 2000 and 10000 DAI has a health factor of 4/3', () => {
    const data = accountOf(world({ art: 10_000n * WAD, mat: (RAY * 3n) / 2n }).input())
    expect(data).toMatchObject({
      totalCollateralBase: 20_000n * WAD,
      totalDebtBase: 10_000n * WAD,
      healthFactorWad: 1_333_333_333_333_333_333n,
      currentLiquidationThresholdBps: 6_666n,
      base: { asset: DAI, decimals: 18 },
    })
  })

  it('is the worked case at a threshold of 0.825, liquidatable up to 1454.54', () => {
    const { input } = world()
    const data = accountOf(input())
    expect(data.healthFactorWad / 10n ** 9n).toBe(1_375_000_000n)
    const [line] = makerRisk.liquidationPrices(input()) as { liquidationPriceBase: bigint }[]
    expect(line!.liquidationPriceBase / 10n ** 12n).toBe(1_454_545_454n)
    expect(accountOf(input(line!.liquidationPriceBase)).healthFactorWad).toBeLessThan(WAD)
    expect(accountOf(input(line!.liquidationPriceBase + 1n)).healthFactorWad).toBeGreaterThanOrEqual(WAD)
  })

  it('owes its normalised debt times the rate, rounded up', () => {
    const { fold, input } = world()
    fold(note(VAT, 'fold', [ETH_B, alice, RAY / 20n + 1n]))
    const data = accountOf(input())
    expect(data.totalDebtBase).toBe(12_600n * WAD + 1n)
    expect(data.healthFactorWad / 10n ** 9n).toBe(1_309_523_809n)
  })

  it('leaves bad debt beyond its collateral less the penalty', () => {
    const { fold, input } = world({ art: 19_000n * WAD })
    fold(note(DOG, 'file', [ETH_B, bytes32Of('chop'), (WAD * 113n) / 100n]))
    // 20000 / 1.13 pays 17699.11…
    expect(accountOf(input()).badDebtBase).toBe(19_000n * WAD - (20_000n * WAD * 10_000n) / 11_300n)
  })

  it('of eight decimals is worth what its whole tokens are', () => {
    const { input } = world({
      ilk: WBTC_A,
      ink: WAD / 2n,
      value: 30_000n * WAD,
      art: 5_000n * WAD,
      mat: (RAY * 3n) / 2n,
    })
    const data = accountOf(input())
    expect(data.totalCollateralBase).toBe(15_000n * WAD)
    expect(data.holdings.find(({ asset }) => asset === WBTC)).toMatchObject({
      supplyBalance: 50_000_000n,
      unit: 10n ** 8n,
    })
    expect(data.healthFactorWad).toBe(2n * WAD)
  })

  it('without debt cannot be taken; an empty one holds nothing', () => {
    const { input } = world({ art: 0n })
    expect(accountOf(input()).healthFactorWad).toBe(2n ** 256n - 1n)
    expect(makerRisk.liquidationPrices(input())).toMatchObject([{ asset: WETH, liquidationPriceBase: null }])
    expect(accountOf({ ...input(), positions: [] })).toMatchObject({ holdings: [], totalDebtBase: 0n })
  })

  it.each<[string, (input: RiskInput) => RiskInput, RegExp]>([
    ['its price is missing', (input) => ({ ...input, price: () => undefined }), /no positive price/],
    ['its markets are unknown', (input) => ({ ...input, markets: new Map() }), /is unknown/],
    [
      'its ilk is unknown',
      (input) => ({ ...input, markets: new Map([...input.markets].filter(([id]) => id !== `1:${ETH_B}`)) }),
      /parameters of ilk/,
    ],
    [
      'it began before its coverage',
      (input) => ({
        ...input,
        positions: input.positions.map((position) => ({ ...position, complete: false })),
      }),
      /began before its coverage/,
    ],
  ])('is withheld when %s', (_, spoil, reason) => {
    const data = makerRisk.account(spoil(world().input()))
    expect('incomplete' in data && data.incomplete).toMatch(reason)
  })

  it('is withheld when its spot was not set by a poke, or its oracle has no value', () => {
    const { fold, input } = world()
    fold(note(VAT, 'file', [ETH_B, bytes32Of('spot'), 5n]))
    const data = makerRisk.account(input())
    expect('incomplete' in data && data.incomplete).toMatch(/otherwise than by its oracle/)
    const dead = world({ value: 0n })
    expect(makerRisk.account(dead.input(WAD))).toMatchObject({
      incomplete: expect.stringMatching(/no positive price/),
    })
  })

  it('keeps the ratio of its last poke until the next one, as the vat does', () => {
    const { fold, input } = world({ mat: (RAY * 3n) / 2n })
    const before = accountOf(input()).healthFactorWad
    const [file] = priced(ETH_B, 2_000n * WAD, 2n * RAY)
    fold(file!)
    expect(accountOf(input()).healthFactorWad).toBe(before)
    fold(...priced(ETH_B, 2_000n * WAD, 2n * RAY))
    expect(accountOf(input()).healthFactorWad).toBeLessThan(before)
  })

  it('is below one exactly when ink · spot < art · rate, and rises with the price', () => {
    const amount = (max: bigint) => fc.bigInt(1n, max)
    fc.assert(
      fc.property(
        amount(10n ** 24n),
        amount(10n ** 27n),
        amount(10n ** 23n),
        fc.bigInt(RAY, 3n * RAY),
        (ink, art, value, mat) => {
          const { input } = world({ ink, art, value, mat })
          const { healthFactorWad } = accountOf(input())
          expect(healthFactorWad < WAD).toBe(ink * spotRayDown(value, RAY, mat) < art * RAY)
          expect(accountOf(input(value + 1n)).healthFactorWad).toBeGreaterThanOrEqual(healthFactorWad)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('stability fees', () => {
  it('compound a second at a time: the duty of 6 % a year makes 6 % in a year', () => {
    const duty = 1_000_000_001_847_694_957_439_350_562n
    const year = rateAfterDrip(RAY, duty, 31_536_000n)
    expect(year / 10n ** 12n).toBe(1_060_000_000_000_000n - (year < (RAY * 106n) / 100n ? 1n : 0n))
    expect(rateAfterDrip(RAY, RAY, 1_000_000n)).toBe(RAY)
    expect(rateAfterDrip(RAY * 2n, RAY, 0n)).toBe(RAY * 2n)
  })

  it('of a power agree with repeated multiplication to the last few digits', () => {
    fc.assert(
      fc.property(fc.bigInt(RAY, RAY + 10n ** 21n), fc.integer({ min: 0, max: 200 }), (x, n) => {
        let slow = RAY
        for (let i = 0; i < n; i++) slow = (slow * x + RAY / 2n) / RAY
        const difference = rpow(x, BigInt(n)) - slow
        expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(BigInt(n + 1))
      }),
    )
    expect([rpow(0n, 0n), rpow(0n, 5n)]).toEqual([RAY, 0n])
  })
})
