/**
 * Dense linear algebra on row-major Float64Arrays: what clearing and correlated draws need of it.
 * LU with partial pivoting and Cholesky, as in Golub and Van Loan, Matrix Computations, chapters 3 and 4.
 */

/**
 * Solves A·x = b. `matrix` (size × size, row-major) and `right` (size) are left as they are.
 * @returns x, or undefined where a pivot is zero or not finite, so that A is singular to working precision
 */
export function solveLinear(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const size = right.length
  if (matrix.length !== size * size)
    throw new RangeError(`a matrix of ${matrix.length} numbers does not fit ${size} unknowns`)
  const a = Float64Array.from(matrix)
  const x = Float64Array.from(right)
  for (let column = 0; column < size; column++) {
    const pivot = pivotRow(a, size, column)
    if (pivot < 0) return undefined
    if (pivot !== column) swapRows(a, x, size, column, pivot)
    eliminate(a, x, size, column)
  }
  for (let row = size - 1; row >= 0; row--) {
    let rest = x[row]!
    for (let k = row + 1; k < size; k++) rest -= a[row * size + k]! * x[k]!
    x[row] = rest / a[row * size + row]!
  }
  return x
}

function pivotRow(a: Float64Array, size: number, column: number): number {
  let [best, at] = [1e-300, -1]
  for (let row = column; row < size; row++) {
    const value = Math.abs(a[row * size + column]!)
    if (value > best && value < Number.POSITIVE_INFINITY) {
      best = value
      at = row
    }
  }
  return at
}

function swapRows(a: Float64Array, x: Float64Array, size: number, one: number, other: number): void {
  for (let k = 0; k < size; k++) {
    const kept = a[one * size + k]!
    a[one * size + k] = a[other * size + k]!
    a[other * size + k] = kept
  }
  const kept = x[one]!
  x[one] = x[other]!
  x[other] = kept
}

function eliminate(a: Float64Array, x: Float64Array, size: number, column: number): void {
  const pivot = a[column * size + column]!
  for (let row = column + 1; row < size; row++) {
    const factor = a[row * size + column]! / pivot
    if (factor === 0) continue
    for (let k = column + 1; k < size; k++) a[row * size + k]! -= factor * a[column * size + k]!
    x[row]! -= factor * x[column]!
  }
}

/**
 * Lower triangle C with C·Cᵀ = A, row-major, for a symmetric positive semidefinite A. A direction without variance
 * gives a column of zeros.
 * @returns C, or undefined where A has a negative eigenvalue beyond rounding
 */
export function choleskyLower(matrix: Float64Array, size: number): Float64Array | undefined {
  if (matrix.length !== size * size)
    throw new RangeError(`a matrix of ${matrix.length} numbers is not ${size} × ${size}`)
  const lower = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column]!
      for (let k = 0; k < column; k++) rest -= lower[row * size + k]! * lower[column * size + k]!
      const tolerance = 1e-10 * Math.max(1, Math.abs(matrix[row * size + row]!))
      if (row === column) {
        if (!(rest >= -tolerance)) return undefined
        lower[row * size + row] = rest <= tolerance ? 0 : Math.sqrt(rest)
        continue
      }
      const diagonal = lower[column * size + column]!
      if (diagonal === 0 && Math.abs(rest) > 1e-5) return undefined
      lower[row * size + column] = diagonal === 0 ? 0 : rest / diagonal
    }
  }
  return lower
}
