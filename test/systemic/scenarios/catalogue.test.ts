import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { assetClassOf } from '../../../src/systemic/scenarios/asset-classes'
import { SCENARIO_KINDS, scenarioByName } from '../../../src/systemic/scenarios/catalogue'
import { factorHistory } from '../../../src/systemic/scenarios/history'
import { REPLAYS } from '../../../src/systemic/scenarios/replays'

const SYMBOLS = ['WETH', 'wstETH', 'WBTC', 'LINK', 'USDC', 'USDC.e', 'DAI', 'FOO']
const assets = SYMBOLS.map((symbol, i) => ({ id: `42161:0x${i}`, symbol }))
const set = (name: string, over: object = {}) =>
  scenarioByName({ name, scenarios: 500, seed: 7, assets, ...over })
const matrix = (one: ReturnType<typeof set>) => {
  const out = new Float64Array(one.scenarios * one.assets)
  one.fill(0, one.scenarios, out)
  return out
}
const central = (name: string) => {
  const one = set(name)
  return Object.fromEntries(SYMBOLS.map((symbol, a) => [symbol, one.central![a]!]))
}

/** Ether, and bitcoin at half its moves, over so many days. */
function history(days: number) {
  const random = seededRandom(3)
  let [eth, btc] = [2_000, 30_000]
  const points = new Map<string, { timeSec: number; price: number }[]>([
    ['ETH', []],
    ['BTC', []],
  ])
  for (let day = 0; day < days; day++) {
    const move = 0.08 * (random() - 0.5)
    eth *= Math.exp(move)
    btc *= Math.exp(move / 2 + 0.01 * (random() - 0.5))
    points.get('ETH')!.push({ timeSec: day * 86_400, price: eth })
    points.get('BTC')!.push({ timeSec: day * 86_400, price: btc })
  }
  return factorHistory('a made history', points)
}

describe('the class of a symbol', () => {
  it.each([
    ['WETH', 'ETH', 'ETH', false],
    ['wstETH', 'ETH', 'STETH', false],
    ['USDC.e', 'USDC', 'USDC', true],
    ['aEthUSDC', 'USDC', 'USDC', true],
    ['axlUSDC', 'USDC', 'USDC', true],
    ['AAVE', 'AAVE', 'AAVE', false],
    ['ape', 'APE', 'APE', false],
    ['', '', '', false],
  ])('%s moves with %s', (symbol, factor, family, isStable) => {
    expect(assetClassOf(symbol)).toEqual({ factor, family, isStable })
  })
})

describe('a scenario', () => {
  it.each([
    ['', 'no scenario is called'],
    ['atlantis', 'no scenario is called atlantis'],
    ['replay-2019-01', 'no scenario is called replay-2019-01'],
    ['eth-0', 'give more than 0 and at most 100'],
    ['eth-101', 'give more than 0 and at most 100'],
    ['crv-30', 'nothing in the book moves with crv'],
    ['depeg-gusd', 'nothing in the book moves with gusd'],
    ['depeg-usdc-1.2', 'price of depeg-usdc-1.2 is 1.2, above 1'],
    ['bridge-atlantis', 'no bridge is called atlantis'],
    ['bridge-multichain', 'no asset came over the bridge'],
  ])('called "%s" is refused', (name, message) => {
    expect(() => set(name)).toThrow(message)
  })

  it.each([
    [0, '0 scenarios'],
    [1.5, '1.5 scenarios'],
    [1e9, 'too many'],
    [Number.NaN, 'NaN scenarios'],
  ])('of %s draws is refused', (scenarios, message) => {
    expect(() => set('eth-30', { scenarios })).toThrow(message)
  })

  it('of an empty book is refused', () => {
    expect(() => set('eth-30', { assets: [] })).toThrow('the book holds no asset')
  })

  it('eth-30 takes 30 % from ether and what wraps it, beta from the rest, nothing from stablecoins', () => {
    const found = central('eth-30')
    expect(found).toMatchObject({ WETH: 0.7, wstETH: 0.7, USDC: 1, 'USDC.e': 1, DAI: 1 })
    expect(found.WBTC).toBeCloseTo(0.7 ** ((0.843 * 0.0318) / 0.0412), 10)
    expect(found.FOO).toBeLessThan(1)
  })

  it('all-20 takes the same from everything but stablecoins; eth-100 all of it', () => {
    expect(central('all-20')).toMatchObject({ WETH: 0.8, WBTC: 0.8, FOO: 0.8, DAI: 1 })
    expect(central('eth-100')).toMatchObject({ WETH: 0, WBTC: 0, USDC: 1 })
  })

  it('steth-10 breaks the staked form alone', () => {
    expect(central('steth-10')).toMatchObject({ WETH: 1, wstETH: 0.9, WBTC: 1 })
  })

  it('depeg-usdc takes its bridged form along, and part of what leans on it', () => {
    const found = central('depeg-usdc')
    expect(found).toMatchObject({ WETH: 1, USDC: 0.88, 'USDC.e': 0.88 })
    expect(found.DAI).toBeCloseTo(1 - 0.8 * 0.12, 12)
    expect(central('depeg-usdc-0.5').USDC).toBe(0.5)
  })

  it('bridge-arbitrum breaks what was brought there, not what is issued there', () => {
    expect(central('bridge-arbitrum')).toMatchObject({ WETH: 0, WBTC: 0, 'USDC.e': 0, USDC: 1 })
    expect(central('bridge-arbitrum-0.4').WETH).toBe(0.4)
  })

  it.each(Object.keys(REPLAYS))('%s has its worst day first', (name) => {
    const one = set(name)
    expect(Math.min(...one.central!)).toBeLessThan(0.95)
    expect(Array.from(matrix(one).subarray(0, SYMBOLS.length))).toEqual(Array.from(one.central!))
  })

  it('replay-2020-03 has ether’s fall by 45 %, and USDC off its peg in 2023', () => {
    expect(central('replay-2020-03').WETH).toBeCloseTo(0.554, 3)
    expect(central('replay-2023-03').USDC).toBeLessThan(0.95)
  })

  const names = ['eth-30', 'depeg-dai', 'replay-2021-05', 'gbm', 'student-t', 'garch', 'bootstrap']
  it.each(names)('%s is the same by the same seed, another by another, and finite', (name) => {
    expect(matrix(set(name))).toEqual(matrix(set(name)))
    expect(matrix(set(name, { seed: 8 }))).not.toEqual(matrix(set(name)))
    expect(matrix(set(name)).every((value) => value >= 0 && value < 1e6)).toBe(true)
  })

  it.each(names)('%s is filled in tiles as it is at once', (name) => {
    const one = set(name)
    const part = new Float64Array(3 * one.assets)
    one.fill(100, 103, part)
    expect(part).toEqual(matrix(one).slice(100 * one.assets, 103 * one.assets))
  })

  it('has every kind documented', () => {
    for (const { usage, about } of SCENARIO_KINDS) expect(usage.length * about.length).toBeGreaterThan(0)
  })
})

describe('fitting', () => {
  it('says when nothing was fitted', () => {
    expect(set('gbm').fittedFrom).toBe('committed.ts')
    expect(set('gbm', { history: history(30) }).fittedFrom).toBe('committed.ts')
  })

  it('takes the history’s moments where it has the days, and names what it lacks', () => {
    const two = assets.filter(({ symbol }) => ['WETH', 'WBTC', 'USDC'].includes(symbol))
    const one = set('eth-30', { history: history(200), assets: two })
    expect(one.fittedFrom).toBe('199 days of a made history')
    expect(one.central![1]).toBeCloseTo(0.7 ** 0.5, 1)
    expect(set('eth-30', { history: history(200) }).fittedFrom).toBe(
      '199 days of a made history; committed.ts for FOO, LINK',
    )
  })

  it.each(['gbm', 'student-t', 'garch', 'bootstrap'])('%s has the history’s volatility', (name) => {
    const drawn = matrix(set(name, { history: history(300), scenarios: 4_000 }))
    const logs = Array.from({ length: 4_000 }, (_, s) => Math.log(drawn[s * SYMBOLS.length]!))
    const sigma = Math.sqrt(logs.reduce((sum, value) => sum + value * value, 0) / logs.length)
    expect(sigma / (0.08 / Math.sqrt(12))).toBeGreaterThan(0.8)
    expect(sigma / (0.08 / Math.sqrt(12))).toBeLessThan(1.25)
  })
})
