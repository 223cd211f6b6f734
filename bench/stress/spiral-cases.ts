/** Books and prices of the spiral bench, by name. */
import { seededRandom } from '../../src/math/statistics'
import { constantProductDepth } from '../../src/systemic/depth'
import { aaveTerms, morphoTerms } from '../../src/systemic/rules/terms'
import { planSpiral } from '../../src/systemic/spiral-pairs'
import type { SpiralPlan } from '../../src/systemic/spiral-plan'
import { madeBook, madePrices } from './book'

export interface CaseSize {
  name: 'accounts' | 'crowded'
  positions: number
  scenarios: number
  seed: number
}

export interface Case {
  plan: SpiralPlan
  prices: Float64Array
}

export function spiralCase({ name, ...size }: CaseSize): Case {
  return name === 'accounts' ? accounts(size) : crowded(size)
}

type Size = Omit<CaseSize, 'name'>

function accounts({ positions, scenarios, seed }: Size): Case {
  // The pools grow with the book, so that ten times the positions are the same market ten times as large.
  const plan = madeBook({ positions, seed, poolReserve: 2 * positions })
  return { plan, prices: madePrices(plan, { scenarios, seed, sigma: 0.2 }) }
}

function crowded({ positions, scenarios, seed }: Size): Case {
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
  return { plan, prices }
}
