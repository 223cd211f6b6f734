/** Account liquidity, liquidation prices and liquidation arithmetic of Compound V2, against numbers worked by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { maxCloseDown, seizedShares, seizeTokensDown } from '../../../src/protocols/compound-v2/liquidation'
import { accountLiquidity, compoundV2Risk } from '../../../src/protocols/compound-v2/risk'
import type { RiskInput } from '../../../src/protocols/lending-risk'
import { PROTOCOLS } from '../../../src/protocols/registry'
import {
  COMPTROLLER,
  comptroller,
  createCToken,
  createFold,
  cTokenOf,
  ethereum,
  marketId,
  ORACLE,
  WAD,
} from './ctoken-world'

const alice: Hex = `0x${'a1'.repeat(20)}`
const bank: Hex = `0x${'ba'.repeat(20)}`
const [cEth, cUsdc] = [cTokenOf('cETH'), cTokenOf('cUSDC')]
const [weth, usdc] = [cEth, cUsdc].map(
  (cToken) => ethereum.contracts.find(({ address }) => address === cToken)!.links!.underlying!,
)

/** Oracle's mantissas: 36 − decimals of the underlying. */
const usd = (price: number, decimals: number) =>
  BigInt(Math.round(price * 1e6)) * 10n ** BigInt(30 - decimals)

interface Case {
  ethSupplied?: bigint
  usdcBorrowed?: bigint
  factor?: bigint
  entered?: boolean
}

/** Alice supplies ether and borrows USDC; the bank supplies the USDC. */
function world({
  ethSupplied = 10n * WAD,
  usdcBorrowed = 12_000_000_000n,
  factor = 825n,
  entered = true,
}: Case = {}) {
  const { state, fold } = createFold()
  const [ether, dollars] = [createCToken(cEth!), createCToken(cUsdc!)]
  fold(
    comptroller.oracle(),
    comptroller.listed(cEth!),
    comptroller.listed(cUsdc!),
    comptroller.factor(cEth!, factor * 10n ** 15n),
    comptroller.incentive((WAD * 105n) / 100n),
    ...dollars.mint(bank, 10n ** 15n),
    ...ether.mint(alice, ethSupplied),
    ...(entered ? [comptroller.entered(cEth!, alice)] : []),
    ...(usdcBorrowed > 0n
      ? [comptroller.entered(cUsdc!, alice), ...dollars.borrow(alice, usdcBorrowed)]
      : []),
  )
  const input = (etherPrice: bigint, dollarPrice = usd(1, 6)): RiskInput => ({
    positions: [...state.positions.values()].filter(({ account }) => account === alice),
    markets: state.markets,
    price: (asset, source) =>
      source === ORACLE
        ? { answer: asset === weth ? etherPrice : dollarPrice, decimals: asset === weth ? 18 : 30 }
        : undefined,
    timestampSec: 1_700_000_000,
  })
  return { state, fold, ether, dollars, input }
}

function accountOf(input: RiskInput) {
  const data = compoundV2Risk.account(input)
  if ('incomplete' in data) throw new Error(data.incomplete)
  return data
}

describe('account liquidity', () => {
  it('is the worked case: 10 ether at 2000, factor 0.825, debt 12000', () => {
    const { input } = world()
    const data = accountOf(input(usd(2_000, 18)))
    expect(data).toMatchObject({
      totalCollateralBase: 20_000n * WAD,
      totalDebtBase: 12_000n * WAD,
      healthFactorWad: 1_375_000_000_000_000_000n,
      currentLiquidationThresholdBps: 8_250n,
      badDebtBase: 0n,
      base: { asset: null, decimals: 18 },
    })
    expect(accountLiquidity(input(usd(2_000, 18)))).toEqual({ liquidity: 4_500n * WAD, shortfall: 0n })
    expect(accountLiquidity(input(usd(1_200, 18)))).toEqual({ liquidity: 0n, shortfall: 2_100n * WAD })
  })

  it('is liquidatable exactly up to the liquidation price', () => {
    const { input } = world()
    const prices = compoundV2Risk.liquidationPrices(input(usd(2_000, 18)))
    expect(prices).toMatchObject([
      { asset: weth, priceBase: 2_000n * WAD, liquidationPriceBase: 1_454_545_454_545_454_545_454n },
    ])
    expect(accountOf(input(1_454_545_454_545_454_545_454n)).healthFactorWad).toBeLessThan(WAD)
    expect(accountOf(input(1_454_545_454_545_454_545_455n)).healthFactorWad).toBeGreaterThanOrEqual(WAD)
  })

  it('leaves bad debt when the collateral with its bonus does not pay: 571.43 at a price of 1200', () => {
    const data = accountOf(world().input(usd(1_200, 18)))
    expect(data.healthFactorWad).toBe(825_000_000_000_000_000n)
    expect(data.badDebtBase).toBe(571_428_571_428_571_428_572n)
  })

  it('counts collateral only in markets that the account entered', () => {
    const { input } = world({ entered: false, usdcBorrowed: 0n })
    const data = accountOf(input(usd(2_000, 18)))
    expect(data.totalCollateralBase).toBe(0n)
    expect(data.healthFactorWad).toBe(2n ** 256n - 1n)
  })

  it('reads debt and exchange rate as stored: an accrual moves it, time alone does not', () => {
    const { fold, dollars, input } = world()
    const later = accountOf({ ...input(usd(2_000, 18)), timestampSec: 1_900_000_000 })
    expect(later.healthFactorWad).toBe(1_375_000_000_000_000_000n)
    fold(...dollars.accrue(WAD / 10n))
    const after = accountOf(input(usd(2_000, 18)))
    expect(after.totalDebtBase).toBe(13_200n * WAD)
    expect(after.healthFactorWad).toBe(1_250_000_000_000_000_000n)
  })

  it('has no liquidation price without debt', () => {
    expect(compoundV2Risk.liquidationPrices(world({ usdcBorrowed: 0n }).input(usd(2_000, 18)))).toMatchObject(
      [{ liquidationPriceBase: null }],
    )
  })

  it.each([
    ['a price is missing', (input: RiskInput) => ({ ...input, price: () => undefined }), /no positive price/],
    ['a market is unknown', (input: RiskInput) => ({ ...input, markets: new Map() }), /is unknown/],
    [
      'the comptroller is unknown',
      (input: RiskInput) => ({
        ...input,
        markets: new Map([...input.markets].filter(([id]) => id !== `1:${COMPTROLLER}`)),
      }),
      /comptroller .* is unknown/,
    ],
    [
      'a position began before its coverage',
      (input: RiskInput) => ({
        ...input,
        positions: input.positions.map((position) => ({ ...position, complete: false })),
      }),
      /began before its coverage/,
    ],
  ])('is withheld when %s', (_, spoil, reason) => {
    const data = compoundV2Risk.account(spoil(world().input(usd(2_000, 18))))
    expect('incomplete' in data && data.incomplete).toMatch(reason)
  })

  it('falls below one exactly when there is a shortfall, and never rises as the price falls', () => {
    const amount = fc.bigInt(1n, 10n ** 23n)
    fc.assert(
      fc.property(
        amount,
        fc.bigInt(1n, 10n ** 13n),
        fc.bigInt(1n, 10n ** 22n),
        fc.bigInt(1n, 900n),
        (ethSupplied, usdcBorrowed, price, factor) => {
          const { input } = world({ ethSupplied, usdcBorrowed, factor })
          const data = accountOf(input(price))
          const liquidity = accountLiquidity(input(price))
          expect('shortfall' in liquidity && liquidity.shortfall > 0n).toBe(data.healthFactorWad < WAD)
          expect(accountOf(input(price + 1n)).healthFactorWad).toBeGreaterThanOrEqual(data.healthFactorWad)
          const [line] = compoundV2Risk.liquidationPrices(input(price)) as {
            liquidationPriceBase: bigint | null
          }[]
          if (line?.liquidationPriceBase == null) return
          expect(accountOf(input(line.liquidationPriceBase)).healthFactorWad).toBeLessThan(WAD)
          expect(accountOf(input(line.liquidationPriceBase + 1n)).healthFactorWad).toBeGreaterThanOrEqual(WAD)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a liquidation', () => {
  it('repays half and seizes with the incentive: 6000 at 1400 takes 4.5 ether, health 1.05875', () => {
    const repayAmount = maxCloseDown(12_000_000_000n, WAD / 2n)
    expect(repayAmount).toBe(6_000_000_000n)
    const exchangeRateMantissa = WAD / 50n
    const tokens = seizeTokensDown({
      repayAmount,
      priceBorrowedMantissa: usd(1, 6),
      priceCollateralMantissa: usd(1_400, 18),
      exchangeRateMantissa,
      liquidationIncentiveMantissa: (WAD * 105n) / 100n,
    })
    expect((tokens * exchangeRateMantissa) / WAD).toBe((45n * WAD) / 10n)
    const { input } = world({ ethSupplied: 10n * WAD - (45n * WAD) / 10n, usdcBorrowed: 6_000_000_000n })
    expect(accountOf(input(usd(1_400, 18))).healthFactorWad).toBe(1_058_750_000_000_000_000n)
  })

  it('leaves 2.8 % of what it seizes to the reserves, rounded down', () => {
    expect(seizedShares(1_000n)).toEqual({ protocolTokens: 28n, liquidatorTokens: 972n })
    expect(seizedShares(35n)).toEqual({ protocolTokens: 0n, liquidatorTokens: 35n })
    expect(seizedShares(1_000n, 0n)).toEqual({ protocolTokens: 0n, liquidatorTokens: 1_000n })
  })
})

describe('the comptroller’s prices', () => {
  it('are asked of its oracle for each cToken, in 36 − decimals', () => {
    const { state } = world()
    const calls = PROTOCOLS['compound-v2']!.priceCalls!
    const [call] = calls(state.market(marketId(cUsdc!))!, ethereum)
    expect(call).toMatchObject({
      asset: usdc,
      source: ORACLE,
      to: ORACLE,
      decimals: 30,
      data: `0xfc57d4df${cUsdc!.slice(2).padStart(64, '0')}`,
    })
    expect(call!.read(`0x${usd(1, 6).toString(16).padStart(64, '0')}`)).toBe(10n ** 30n)
    expect(call!.read(`0x${'0'.repeat(64)}`)).toBeUndefined()
    expect(call!.read('0x')).toBeUndefined()
    expect(calls(state.market(`1:${COMPTROLLER}`)!, ethereum)).toEqual([])
  })
})
