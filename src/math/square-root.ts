/** Integer square roots by Newton's iteration from above, which falls until it meets the root. */

/** floor(√value). Throws RangeError below zero. */
export function squareRootDown(value: bigint): bigint {
  if (value < 0n) throw new RangeError(`no square root of ${value}`)
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** ceil(√value). Throws RangeError below zero. */
export function squareRootUp(value: bigint): bigint {
  const root = squareRootDown(value)
  return root * root === value ? root : root + 1n
}
