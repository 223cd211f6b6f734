/** Vectors as bytes: the same numbers in TypeScript and in SQL, to the bit. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vectorBytes, vectorOf } from '../../src/models/vector-bytes'
import { type TestDatabase, testDatabase } from '../support/database'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db?.drop())

/** Every exponent with its smallest, its largest and a middling fraction, of both signs; zeros and infinities among them. */
function everyExponent(): Float32Array {
  const bits: number[] = []
  for (let exponent = 0; exponent < 255; exponent++) {
    for (const fraction of [0, 1, 0x2aaaaa, 0x7fffff]) {
      bits.push((exponent << 23) | fraction, ((exponent << 23) | fraction | 0x80000000) >>> 0)
    }
  }
  bits.push(0x7f800000, 0xff800000)
  return new Float32Array(Uint32Array.from(bits).buffer)
}

async function inSql(numbers: ArrayLike<number>): Promise<{ read: number[]; written: Buffer }> {
  const bytes = vectorBytes(numbers)
  const { rows } = await db.pool.query<{ read: number[]; written: Buffer }>(
    `SELECT plimsoll_vector($1) AS read, plimsoll_vector_bytes(plimsoll_vector($1)) AS written`,
    [bytes],
  )
  return rows[0]!
}

describe('a vector as bytes', () => {
  it('is nothing when empty, and every NaN is the same', async () => {
    expect(vectorBytes([])).toEqual(Buffer.alloc(0))
    expect(vectorOf(Buffer.alloc(0))).toEqual(new Float32Array())
    expect(await inSql([])).toEqual({ read: [], written: Buffer.alloc(0) })
    const quiet = new Float32Array(Uint32Array.of(0xffc00001).buffer)
    expect(vectorBytes(quiet).toString('hex')).toBe('0000c07f')
    expect((await inSql(quiet)).written.toString('hex')).toBe('0000c07f')
  })

  it('is read and written by the database as here, at every exponent', async () => {
    const numbers = everyExponent()
    const { read, written } = await inSql(numbers)
    expect(written.equals(vectorBytes(numbers))).toBe(true)
    expect(read.every((number, i) => Object.is(Math.fround(number), numbers[i]))).toBe(true)
  })

  it('comes back as it was, whatever float32 numbers', () => {
    fc.assert(
      fc.property(fc.float32Array(), (numbers) => {
        expect(vectorOf(vectorBytes(numbers))).toEqual(numbers)
      }),
    )
  })
})
