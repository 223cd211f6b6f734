/**
 * `npm run bench -- spiral`: the whole spiral, to its fixed point, of 10,000 positions in 1,000 price scenarios in one
 * thread, and how that grows with positions and with scenarios. Two books:
 *
 *   accounts  bench/stress/book.ts: 24 assets, up to three collaterals and two debts; sales into constant-product pools
 *   crowded   one collateral, one debt, two lenders, falls up to a half: all but everybody is liquidated in every scenario
 *
 * Each is run several times, the median counts. The last scenario of each is checked against a spiral of its own.
 */
import { seededRandom } from '../src/math/statistics'
import { constantProductDepth } from '../src/systemic/depth'
import { aaveTerms, morphoTerms } from '../src/systemic/rules/terms'
import { runSpiral } from '../src/systemic/spiral'
import { planSpiral } from '../src/systemic/spiral-pairs'
import type { SpiralPlan } from '../src/systemic/spiral-plan'
import { runScenarios } from '../src/systemic/spiral-scenarios'
import { watchMemory } from './memory'
import type { BenchOptions } from './options'
import { median, printTable, round, thousands } from './print'
import { madeBook, madePrices } from './stress/book'

const POSITIONS = 10_000
const SCENARIOS = 1_000

interface Case {
  name: string
  plan: SpiralPlan
  prices: Float64Array
}

function accounts(positions: number, scenarios: number, seed: number): Case {
  // The pools grow with the book, so that ten times the positions are the same market ten times as large.
  const plan = madeBook({ positions, seed, poolReserve: 2 * positions })
  return { name: 'accounts', plan, prices: madePrices(plan, { scenarios, seed, sigma: 0.2 }) }
}

function crowded(positions: number, scenarios: number, seed: number): Case {
  const random = seededRandom(seed)
  const market = Int32Array.from({ length: positions }, () => Number(random() < 0.5))
  const collateral = Float64Array.from({ length: positions }, () => 1 + 50 * random())
  const debt = collateral.map((units) => units * 80 * (0.4 + 0.59 * random()))
  const pair = { collateralAsset: 0, debtAsset: 1 }
  const plan = planSpiral({
    assets: [
      { name: 'eth', depth: constantProductDepth({ reserve: 10 * positions, price: 100 }) },
      { name: 'usd', depth: { kind: 'unmoved' } },
    ],
    markets: [
      { name: 'aave', ...pair, terms: aaveTerms('v3.0', { thresholdBps: 8000n, bonusBps: 10_500n }) },
      { name: 'morpho', ...pair, terms: morphoTerms(860_000_000_000_000_000n) },
    ],
    positions: { market, collateral, debt },
    ...{ gasUsd: 0, exit: 'oracle' },
  })
  const prices = Float64Array.from({ length: 2 * scenarios }, (_, k) =>
    k % 2 === 0 ? 100 * (1 - 0.5 * random()) : 1,
  )
  return { name: 'crowded', plan, prices }
}

interface Measured {
  sec: number
  cells: string[]
}

function measure({ name, plan, prices }: Case, repeats: number): Measured {
  const walls: number[] = []
  let last = runScenarios(plan, prices.slice(0, plan.assets.length))
  for (let k = 0; k < repeats; k++) {
    const start = performance.now()
    last = runScenarios(plan, prices)
    walls.push((performance.now() - start) / 1000)
  }
  const [assets, markets, scenarios] = [plan.assets.length, plan.markets.length, last.rounds.length]
  const alone = runSpiral(plan, prices.slice(-assets)).badDebtUsd
  const row = last.badDebtUsd.subarray((scenarios - 1) * markets)
  if (alone.some((usd, m) => usd !== row[m]))
    throw new Error(`${name}: the last scenario differs from itself alone`)
  const mean = (values: Int32Array) => values.reduce((a, b) => a + b, 0) / scenarios
  const sec = median(walls)
  const liquidations = mean(last.liquidations)
  return {
    sec,
    cells: [
      `${name}, ${thousands(plan.positions.closeRule.length)} × ${thousands(scenarios)}`,
      `${sec.toFixed(3)} s`,
      `${((sec / scenarios / Math.max(1, liquidations)) * 1e9).toFixed(0)} ns`,
      thousands(liquidations),
      mean(last.rounds).toFixed(1),
      String(Math.max(...last.rounds)),
      String(last.unsettled),
    ],
  }
}

/** Prints the table; resolves with seconds of both books at 10,000 × 1,000, and the growth by ten of the first. */
export async function run({ quick, seed }: BenchOptions): Promise<Record<string, unknown>> {
  const [positions, scenarios, repeats] = quick
    ? [POSITIONS / 10, SCENARIOS / 10, 2]
    : [POSITIONS, SCENARIOS, 5]
  const memory = watchMemory(process.pid)
  const main = measure(accounts(positions, scenarios, seed), repeats)
  const hard = measure(crowded(positions, scenarios, seed), repeats)
  const peakMb = memory.stop()
  const grown = {
    tenthPositions: measure(accounts(positions / 10, scenarios, seed), repeats),
    tenthScenarios: measure(accounts(positions, scenarios / 10, seed), repeats),
    tenfoldPositions: quick ? undefined : measure(accounts(positions * 10, scenarios, seed), 1),
    tenfoldScenarios: quick ? undefined : measure(accounts(positions, scenarios * 10, seed), 1),
  }
  const all = [main, hard, ...Object.values(grown).filter((one) => one !== undefined)]
  printTable([
    ['one thread', 'wall', 'a liquidation', 'liquidations', 'rounds', 'most', 'unsettled', '× first'],
    ...all.map(({ sec, cells }) => [...cells, `${(sec / main.sec).toFixed(2)}×`]),
  ])
  return {
    ...{ seconds: round(main.sec, 3), crowdedSeconds: round(hard.sec, 3), peakMb: round(peakMb) },
    growth: Object.fromEntries(
      Object.entries(grown).flatMap(([name, one]) =>
        one === undefined ? [] : [[name, round(one.sec / main.sec, 3)]],
      ),
    ),
  }
}
