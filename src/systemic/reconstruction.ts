/**
 * Bilateral exposures from what each node holds of, and owes to, all others together.
 *
 * Maximum entropy: mᵢⱼ ∝ xᵢ·yⱼ with rows summing to assets and columns to liabilities, nothing on the diagonal, found by
 * scaling rows and columns in turn (RAS). It spreads every exposure over everyone and so hides concentration.
 * Minimum density, after Anand, Craig and von Peter, Filling in the Blanks (2015): links cost, so few are made, each as
 * large as both sides allow; partners are drawn with the odds max(aᵢ/lⱼ, lⱼ/aᵢ), of several drawings the one with the
 * fewest links is kept. It bounds concentration from the other side. Both are row-major: holder first, debtor second.
 */
import { badInput, MAX_NODES, numberAt } from './network'

export interface Margins {
  /** What i holds of all others. */
  assets: Float64Array
  /** What i owes to all others. */
  liabilities: Float64Array
}

/** Sums may differ by this part, as rounded statistics do. */
const ROUNDING = 1e-9

function checked({ assets, liabilities }: Margins): { size: number; total: number } {
  const size = assets.length
  if (size === 0) throw badInput('assets are empty: a network has at least one node')
  if (size > MAX_NODES) throw badInput(`${size} nodes: too large, at most ${MAX_NODES}`)
  if (liabilities.length !== size)
    throw badInput(`liabilities have ${liabilities.length} elements, but the network has ${size} nodes`)
  let [held, owed] = [0, 0]
  for (let i = 0; i < size; i++) {
    held += numberAt(assets[i], `assets[${i}]`, { least: 0 })
    owed += numberAt(liabilities[i], `liabilities[${i}]`, { least: 0 })
  }
  if (Math.abs(held - owed) > ROUNDING * Math.max(held, owed))
    throw badInput(`assets sum to ${held}, liabilities to ${owed}: what is held is owed by someone`)
  for (let i = 0; i < size; i++) {
    // Nobody holds claims on itself, so the others must be able to take both sides.
    const most = held * (1 + ROUNDING)
    if (assets[i]! + liabilities[i]! > most)
      throw badInput(
        `node ${i} holds ${assets[i]} and owes ${liabilities[i]}, more than the others hold and owe`,
      )
  }
  return { size, total: held }
}

/**
 * Maximum-entropy exposures (size², row-major). Sums hold to `tolerance` of the total.
 * @throws PlimsollError where margins are negative, differ in sum, or admit no network without self-claims
 */
export function maximumEntropy(
  margins: Margins,
  { tolerance = 1e-12, maxRounds = 100_000 }: { tolerance?: number; maxRounds?: number } = {},
): Float64Array {
  const { size, total } = checked(margins)
  const { assets, liabilities } = margins
  const row = new Float64Array(size).fill(1)
  const column = Float64Array.from(liabilities)
  for (let round = 0; round < maxRounds && total > 0; round++) {
    const columnSum = column.reduce((a, b) => a + b, 0)
    for (let i = 0; i < size; i++) row[i] = quotient(assets[i]!, columnSum - column[i]!)
    const rowSum = row.reduce((a, b) => a + b, 0)
    let error = 0
    for (let j = 0; j < size; j++) {
      const before = column[j]! * (rowSum - row[j]!)
      error += Math.abs(before - liabilities[j]!)
      column[j] = quotient(liabilities[j]!, rowSum - row[j]!)
    }
    if (error <= tolerance * total) return outer(row, column)
  }
  if (total === 0) return new Float64Array(size * size)
  throw badInput(`exposures did not settle within ${maxRounds} rounds: one node faces nearly all others`)
}

const quotient = (part: number, whole: number): number => (part === 0 || whole <= 0 ? 0 : part / whole)

function outer(row: Float64Array, column: Float64Array): Float64Array {
  const size = row.length
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) if (i !== j) matrix[i * size + j] = row[i]! * column[j]!
  return matrix
}

/**
 * Minimum-density exposures (size², row-major): a heuristic, of `drawings` the sparsest.
 * @param random numbers in [0, 1); same numbers, same result
 */
export function minimumDensity(
  margins: Margins,
  { random, drawings = 20 }: { random: () => number; drawings?: number },
): Float64Array {
  checked(margins)
  let best: Float64Array | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (let drawing = 0; drawing < drawings; drawing++) {
    const matrix = drawSparse(margins, random)
    const links = matrix.reduce((count, exposure) => count + (exposure > 0 ? 1 : 0), 0)
    if (links >= fewest) continue
    fewest = links
    best = matrix
  }
  if (best === undefined) throw badInput(`drawings is ${drawings}: at least one is needed`)
  return best
}

function drawSparse({ assets, liabilities }: Margins, random: () => number): Float64Array {
  const size = assets.length
  const matrix = new Float64Array(size * size)
  const left = { assets: Float64Array.from(assets), liabilities: Float64Array.from(liabilities) }
  const dust = 1e-13 * assets.reduce((a, b) => a + b, 0)
  // Each link finishes a row or a column, so there are fewer than two a node.
  for (let link = 0; link < 2 * size; link++) {
    const pair = drawPair(left, dust, random)
    if (pair === undefined) break
    const [i, j] = pair
    const amount = Math.min(left.assets[i]!, left.liabilities[j]!)
    matrix[i * size + j]! += amount
    settle(left, { i, j, amount, dust })
  }
  for (let i = 0; i < size; i++) rerouteSelf(matrix, left, i, dust)
  return matrix
}

function settle(
  left: Margins,
  { i, j, amount, dust }: { i: number; j: number; amount: number; dust: number },
) {
  left.assets[i] = left.assets[i]! - amount <= dust ? 0 : left.assets[i]! - amount
  left.liabilities[j] = left.liabilities[j]! - amount <= dust ? 0 : left.liabilities[j]! - amount
}

/** A holder by what is left to it, then a debtor by the odds. Undefined when only claims on oneself are left. */
function drawPair(left: Margins, dust: number, random: () => number): [number, number] | undefined {
  const size = left.assets.length
  const rows = left.assets.map((a, i) =>
    a > dust && left.liabilities.some((l, j) => j !== i && l > dust) ? a : 0,
  )
  const i = drawIndex(rows, random)
  if (i < 0) return undefined
  const odds = new Float64Array(size)
  for (let j = 0; j < size; j++) {
    const l = left.liabilities[j]!
    if (j !== i && l > dust) odds[j] = Math.max(left.assets[i]! / l, l / left.assets[i]!)
  }
  return [i, drawIndex(odds, random)]
}

function drawIndex(weights: Float64Array, random: () => number): number {
  const total = weights.reduce((a, b) => a + b, 0)
  let [rest, last] = [random() * total, -1]
  for (let k = 0; k < weights.length; k++) {
    if (weights[k]! <= 0) continue
    last = k
    rest -= weights[k]!
    if (rest < 0) break
  }
  return last
}

/** What node i would owe itself goes through a link of two others: k→l becomes k→i and i→l. */
function rerouteSelf(matrix: Float64Array, left: Margins, i: number, dust: number): void {
  const size = left.assets.length
  for (let at = 0; at < matrix.length && left.assets[i]! > dust && left.liabilities[i]! > dust; at++) {
    const [k, l] = [Math.floor(at / size), at % size]
    if (k === i || l === i || matrix[at] === 0) continue
    const amount = Math.min(matrix[at]!, left.assets[i]!, left.liabilities[i]!)
    matrix[at]! -= amount
    matrix[k * size + i]! += amount
    matrix[i * size + l]! += amount
    settle(left, { i, j: i, amount, dust })
  }
}
