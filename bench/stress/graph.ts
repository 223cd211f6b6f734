/**
 * First-round losses through the ONNX graph in float32, on the provider that PLIMSOLL_PROVIDERS names: for a GPU, where dense
 * products are cheap. Tiles of positions go in, one after the other, with tiles of scenarios. Weights are laid out before the
 * clock starts, as the kernel's are; they and the results cross to the device and back on the clock.
 */
import { createGraph } from '../../src/models/onnx/graph'
import { type ExecutionProvider, type OpenGraph, openGraph } from '../../src/models/session'
import type { FirstRound } from '../../src/systemic/kernels/first-round'
import { firstRoundWeights, writeFirstRound } from '../../src/systemic/onnx/first-round'
import type { SpiralPlan } from '../../src/systemic/spiral-plan'

const POSITION_TILE = 16_384
const SCENARIO_TILE = 2_048
const MATMUL_RUNS = 5

export interface GraphMeasure {
  sec: number
  /** Floating-point operations a second, and those of one large product on the same provider in the same run, 10⁹. */
  gflops: number
  matMulGflops: number
  /** Beside float64: losses by scenario, as a part of the largest; and unhealthy positions counted otherwise, as a part of all. */
  lossApart: number
  unhealthyApart: number
}

interface Tile {
  dims: readonly number[]
  data: Float32Array
}

const tile = (rows: number, columns: number, data: Float64Array): Tile => ({
  dims: [rows, columns],
  data: Float32Array.from(data),
})

/** Price by market: that of the asset which is owed there. */
function debtPricesOf(
  { assets, markets, positions }: SpiralPlan,
  prices: Float64Array,
  scenarios: number,
): Float64Array {
  const asset = new Int32Array(markets.length)
  positions.debtMarket.forEach((m, d) => {
    asset[m] = positions.debtAsset[d]!
  })
  return Float64Array.from(
    { length: scenarios * markets.length },
    (_, k) => prices[Math.floor(k / markets.length) * assets.length + asset[k % markets.length]!]!,
  )
}

/** @param expected of the same plan and prices, in float64 */
export async function measureGraph(
  plan: SpiralPlan,
  prices: Float64Array,
  {
    providers,
    expected,
    matMulSize,
  }: { providers: readonly ExecutionProvider[]; expected: FirstRound; matMulSize: number },
): Promise<GraphMeasure> {
  const [assets, markets] = [plan.assets.length, plan.markets.length]
  const positions = plan.positions.closeRule.length
  const scenarios = prices.length / assets
  const weights = starts(positions, POSITION_TILE).map((first) => {
    const count = Math.min(POSITION_TILE, positions - first)
    const { limit, seizable, debt } = firstRoundWeights(plan, { first, count })
    return {
      limit: tile(assets, count, limit),
      seizable: tile(assets, count, seizable),
      debt: tile(markets, count, debt),
    }
  })
  const debtPrices = debtPricesOf(plan, prices, scenarios)
  const rows = starts(scenarios, SCENARIO_TILE).map((from) => {
    const count = Math.min(SCENARIO_TILE, scenarios - from)
    const part = (width: number, of: Float64Array) =>
      tile(count, width, of.subarray(from * width, (from + count) * width))
    return { from, prices: part(assets, prices), debtPrices: part(markets, debtPrices) }
  })
  const graph = await openGraph(writeFirstRound('float'), providers)
  const { from: _, ...first } = rows[0]!
  await graph.run({ ...first, ...weights[0]! })
  const lost = new Float64Array(scenarios)
  const unhealthy = new Float64Array(scenarios)
  const start = performance.now()
  for (const weight of weights)
    for (const { from, ...row } of rows)
      addTile(await graph.run({ ...row, ...weight }), { from, lost, unhealthy })
  const sec = (performance.now() - start) / 1000
  await graph.close()
  const work = 2 * (2 * assets + 2 * markets)
  return {
    ...{
      sec,
      gflops: (positions * scenarios * work) / sec / 1e9,
      matMulGflops: await matMulGflops(providers, matMulSize),
    },
    ...apart({ lost, unhealthy }, expected, { markets, positions }),
  }
}

const starts = (count: number, step: number) =>
  Array.from({ length: Math.ceil(count / step) }, (_, k) => k * step)

function addTile(
  { lossUsd, unhealthy: counts }: Awaited<ReturnType<OpenGraph['run']>>,
  { from, lost, unhealthy }: { from: number; lost: Float64Array; unhealthy: Float64Array },
): void {
  const [count, markets] = [lossUsd!.dims[0]!, lossUsd!.dims[1]!]
  for (let s = 0; s < count; s++) {
    for (let m = 0; m < markets; m++) lost[from + s]! += lossUsd!.data[s * markets + m]!
    unhealthy[from + s]! += counts!.data[s]!
  }
}

function apart(
  { lost, unhealthy }: { lost: Float64Array; unhealthy: Float64Array },
  expected: FirstRound,
  { markets, positions }: { markets: number; positions: number },
): Pick<GraphMeasure, 'lossApart' | 'unhealthyApart'> {
  let [largest, lossApart, unhealthyApart] = [0, 0, 0]
  lost.forEach((usd, s) => {
    let expectedUsd = 0
    for (let m = 0; m < markets; m++) expectedUsd += expected.lossUsd[s * markets + m]!
    largest = Math.max(largest, expectedUsd)
    lossApart = Math.max(lossApart, Math.abs(usd - expectedUsd))
    unhealthyApart = Math.max(unhealthyApart, Math.abs(unhealthy[s]! - expected.unhealthy[s]!))
  })
  return { lossApart: lossApart / largest, unhealthyApart: unhealthyApart / positions }
}

/** What one product of two square matrices reaches, transfers left out by repeating it within the graph. */
async function matMulGflops(providers: readonly ExecutionProvider[], size: number): Promise<number> {
  const built = createGraph()
  const [a, b] = ['a', 'b'].map((name) => built.input({ name, type: 'float', dims: ['N', 'N'] }))
  let product = built.op('MatMul', [a!, b!])
  for (let k = 1; k < MATMUL_RUNS; k++) product = built.op('MatMul', [product, b!])
  const axes = built.constant({ type: 'int64', dims: [2], values: [0, 1] })
  const sum = built.op('ReduceSum', [product, axes], { attributes: { keepdims: 1 } })
  built.output({ name: 'sum', source: sum, type: 'float', dims: [1, 1] })
  const graph = await openGraph(built.finish({ name: 'product', version: '1.0.0', metadata: {} }), providers)
  const square = { dims: [size, size], data: new Float32Array(size ** 2).fill(1e-4) }
  const walls: number[] = []
  for (let k = 0; k < 2; k++) {
    const start = performance.now()
    await graph.run({ a: square, b: square })
    walls.push((performance.now() - start) / 1000)
  }
  await graph.close()
  return (MATMUL_RUNS * 2 * size ** 3) / Math.min(...walls) / 1e9
}
