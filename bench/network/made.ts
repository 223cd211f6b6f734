/** Made networks for the network bench; the same from the same seed. */
import { seededRandom } from '../../src/math/statistics'
import type { SparseMatrix } from '../../src/systemic/network'

const DEGREE = 20

/** Every node points to about `DEGREE` others with weights of very different size. */
export function madeNetwork(size: number, seed: number): SparseMatrix {
  const random = seededRandom(seed)
  const rowStart = new Int32Array(size + 1)
  const [column, value]: [number[], number[]] = [[], []]
  for (let i = 0; i < size; i++) {
    const others = new Set<number>()
    while (others.size < Math.min(DEGREE, size - 1)) {
      const j = Math.floor(random() * size)
      if (j !== i) others.add(j)
    }
    for (const j of [...others].sort((a, b) => a - b)) {
      column.push(j)
      value.push(0.05 + random() ** 4)
    }
    rowStart[i + 1] = column.length
  }
  return { size, rowStart, column: Int32Array.from(column), value: Float64Array.from(value) }
}

/** Impacts: what a node's failure brings to others, of which each can take in at most 0.5 … 0.9 from all together. */
export function madeImpact(size: number, seed: number): SparseMatrix {
  const network = madeNetwork(size, seed)
  const random = seededRandom(seed + 1)
  const sums = new Float64Array(size)
  network.column.forEach((j, k) => {
    sums[j]! += network.value[k]!
  })
  const most = sums.map(() => 0.5 + 0.4 * random())
  return {
    ...network,
    value: network.value.map((w, k) => (w * most[network.column[k]!]!) / sums[network.column[k]!]!),
  }
}

/** Outside assets, scenarios × nodes: what each node lacks to be solvent with all its claims, times 0.4 … 1.6 and a common shock. */
export function madeAssets(
  { size, rowStart, column, value }: SparseMatrix,
  scenarios: number,
  seed: number,
): Float64Array {
  const random = seededRandom(seed + 2)
  const need = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) {
      need[i]! += value[k]!
      need[column[k]!]! -= value[k]!
    }
  }
  const assets = new Float64Array(scenarios * size)
  for (let s = 0; s < scenarios; s++) {
    const shock = 0.5 + random()
    for (let i = 0; i < size; i++)
      assets[s * size + i] = shock * (0.4 + 1.2 * random()) * (Math.max(0, need[i]!) + 0.3)
  }
  return assets
}
