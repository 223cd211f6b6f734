/**
 * A feature vector as bytes, as it is hashed and as a score is stored with it: float32 numbers, little endian, every NaN the
 * canonical 0x7fc00000; −0 and 0 differ. In SQL, `plimsoll_vector` reads it and `plimsoll_vector_bytes` writes it.
 */
const CANONICAL_NAN = 0x7fc00000
export const BYTES_A_NUMBER = 4

/** Writes `count` numbers from `from` on to the beginning of `view`. */
export function putVector(
  view: DataView,
  { numbers, from, count }: { numbers: ArrayLike<number>; from: number; count: number },
): void {
  for (let i = 0; i < count; i++) {
    const value = numbers[from + i]!
    if (Number.isNaN(value)) view.setUint32(i * BYTES_A_NUMBER, CANONICAL_NAN, true)
    else view.setFloat32(i * BYTES_A_NUMBER, value, true)
  }
}

/** The numbers as bytes, rounded to float32. */
export function vectorBytes(numbers: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(numbers.length * BYTES_A_NUMBER)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  putVector(view, { numbers, from: 0, count: numbers.length })
  return bytes
}

/** The numbers in bytes; what is left over where they do not end with a number is ignored. */
export function vectorOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: Math.floor(bytes.byteLength / BYTES_A_NUMBER) }, (_, i) =>
    view.getFloat32(i * BYTES_A_NUMBER, true),
  )
}
