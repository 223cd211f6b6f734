/** Ten times the positions of the stress bench: how the kernel's time grows, in one thread, and the graph on a GPU where one is named. */
import type { FirstRound } from '../../src/systemic/kernels/first-round'
import type { SpiralPlan } from '../../src/systemic/spiral-plan'
import { providersAsked } from '../network/graphs'
import { printTable, round, thousands } from '../print'
import { madeBook, madePrices } from './book'
import { measureGraph } from './graph'
import { firstRound, firstRoundPlan } from './kernel'

const REPEATS = 3

interface Size {
  positions: number
  scenarios: number
  seed: number
  sigma: number
}

interface Alone {
  sec: number
  plan: SpiralPlan
  prices: Float64Array
  out: FirstRound
}

function alone({ positions, seed, ...drawn }: Size): Alone {
  const plan = madeBook({ positions, seed })
  const prices = madePrices(plan, { ...drawn, seed })
  const laidOut = firstRoundPlan(plan)
  const { scenarios } = drawn
  const out = {
    lossUsd: new Float64Array(scenarios * plan.markets.length),
    unhealthy: new Int32Array(scenarios),
  }
  const walls = Array.from({ length: REPEATS }, () => {
    const start = performance.now()
    firstRound(laidOut, { prices, from: 0, to: scenarios, out })
    return (performance.now() - start) / 1000
  })
  return { sec: Math.min(...walls), plan, prices, out }
}

/** Prints its own table. @param size of the bench itself */
export async function measureMany(size: Size): Promise<Record<string, unknown>> {
  const one = alone(size)
  const many = alone({ ...size, positions: 10 * size.positions })
  const line = (name: string, positions: number, sec: number) => [
    `${thousands(positions)} × ${thousands(size.scenarios)}`,
    name,
    `${sec.toFixed(2)} s`,
    `${(sec / one.sec).toFixed(2)}×`,
  ]
  const rows = [
    line('plimsoll, 1 thread', size.positions, one.sec),
    line('plimsoll, 1 thread', 10 * size.positions, many.sec),
  ]
  const tenfoldPositions = round(many.sec / one.sec, 2)
  const providers = providersAsked()
  const graph =
    process.env.PLIMSOLL_PROVIDERS === undefined
      ? undefined
      : await measureGraph(many.plan, many.prices, {
          ...{ providers, expected: many.out },
          matMulSize: size.positions < 100_000 ? 512 : 4_096,
        })
  if (graph) rows.push(line(`graph, float32, ${providers.join()}`, 10 * size.positions, graph.sec))
  printTable([['tenfold', 'by', 'wall', 'time / first'], ...rows])
  if (graph === undefined) {
    console.log('the graph on a GPU: set PLIMSOLL_PROVIDERS to cuda or webgpu')
    return { tenfoldPositions }
  }
  const { sec, gflops, matMulGflops, lossApart, unhealthyApart } = graph
  const ofMatMul = gflops / matMulGflops
  console.log(
    `graph: ${thousands(gflops)} GFLOP/s, ${(100 * ofMatMul).toFixed(1)} % of a large product's ${thousands(matMulGflops)}; ` +
      `beside float64 losses differ by ${lossApart.toExponential(1)} of the largest, counts by ${unhealthyApart.toExponential(1)} of all positions`,
  )
  return {
    tenfoldPositions,
    graph: {
      ...{
        provider: providers.join(),
        seconds: round(sec, 3),
        gflops: round(gflops),
        ofMatMul: round(ofMatMul, 4),
      },
      ...{ lossApart, unhealthyApart },
    },
  }
}
