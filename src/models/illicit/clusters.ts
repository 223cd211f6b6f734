/** Parts of a population: k-means (Lloyd) over standardised logarithms, started far apart, deterministic by seed. */
import { seededRandom } from '../../math/statistics'

const STEPS = 40

/** Cluster 0 … k − 1 of each of `members`; `rows` row-major [·, width], `columns` those that matter, none missing. */
export function clusterRows(options: {
  rows: Float32Array
  width: number
  members: readonly number[]
  columns: readonly number[]
  k: number
  seed: number
}): Uint8Array {
  const { members, k, seed } = options
  const points = standardised(options)
  const random = seededRandom(seed)
  let centres = farApart(points, k, random)
  let label = new Uint8Array(members.length)
  for (let step = 0; step < STEPS; step++) {
    label = Uint8Array.from(points, (point) => nearest(point, centres).at)
    centres = centres.map((old, c) => {
      const mine = points.filter((_, i) => label[i] === c)
      return mine.length === 0
        ? old
        : old.map((_, d) => mine.reduce((sum, p) => sum + p[d]!, 0) / mine.length)
    })
  }
  return label
}

function standardised({ rows, width, members, columns }: Parameters<typeof clusterRows>[0]): number[][] {
  const logs = members.map((r) =>
    columns.map((c) => {
      const x = rows[r * width + c]!
      return Math.sign(x) * Math.log1p(Math.abs(x) * 10)
    }),
  )
  const mean = columns.map((_, d) => logs.reduce((sum, p) => sum + p[d]!, 0) / logs.length)
  const spread = columns.map((_, d) =>
    Math.sqrt(logs.reduce((sum, p) => sum + (p[d]! - mean[d]!) ** 2, 0) / logs.length),
  )
  return logs.map((p) => p.map((x, d) => (spread[d]! > 0 ? (x - mean[d]!) / spread[d]! : 0)))
}

/** k-means++: each further centre is drawn with probability proportional to its squared distance. */
function farApart(points: number[][], k: number, random: () => number): number[][] {
  const centres = [points[Math.floor(random() * points.length)]!]
  while (centres.length < k) {
    const far = points.map((point) => nearest(point, centres).distance)
    let left = random() * far.reduce((sum, d) => sum + d, 0)
    let pick = 0
    while (pick < far.length - 1 && left > far[pick]!) left -= far[pick++]!
    centres.push(points[pick]!)
  }
  return centres
}

function nearest(point: number[], centres: number[][]): { at: number; distance: number } {
  let best = { at: 0, distance: Infinity }
  centres.forEach((centre, at) => {
    let distance = 0
    for (let d = 0; d < point.length; d++) distance += (point[d]! - centre[d]!) ** 2
    if (distance < best.distance) best = { at, distance }
  })
  return best
}
