/**
 * Rows in COPY's binary format, written straight into bytes: no text is made of numbers and none is parsed by the server.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS-BINARY
 *
 * A row is `beginRow` and then one call for each column, in the order of the COPY's column list. Full chunks leave with
 * `takeFull`; `end` adds the trailer. Nothing checks that the calls fit the table: the server does, and refuses.
 */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const CHUNK_BYTES = 256 * 1024
const FLOAT4_OID = 700
const FLOAT8_OID = 701
const INT2_OID = 21
const ARRAY_HEAD_BYTES = 20
/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_2000_US = 946_684_800_000_000n

export interface BinaryCopy {
  beginRow(columnCount: number): void
  /** Text of ASCII characters; throws on others, whose length in bytes is another. */
  ascii(text: string): void
  int4(value: number): void
  int8(value: bigint): void
  float8(value: number): void
  bool(value: boolean): void
  /** A timestamptz; `ms` since 1970. */
  timestamp(ms: number): void
  null(): void
  /** real[] of `count` numbers from `from` on; NaN stays NaN. */
  float4Array(values: Float32Array, from: number, count: number): void
  /** double precision[] of all numbers. */
  float8Array(values: readonly number[]): void
  /** smallint[] of the first `count` numbers. */
  int2Array(values: ArrayLike<number>, count: number): void
  /** Fields that were encoded before, and how many they are: the same in every row. */
  raw(fields: Buffer): void
  /** Full chunks; they leave the buffer. */
  takeFull(): Buffer[]
  /** Everything else, with the trailer. */
  end(): Buffer[]
  /** What was written, without header and trailer, for `raw`. */
  fields(): Buffer
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** @param header false for a fragment that is used with `raw` */
export function createBinaryCopy(options: { header?: boolean } = {}): BinaryCopy {
  const full: Buffer[] = []
  let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  // Writes big-endian numbers several times faster than Buffer's methods.
  let view = viewOf(buffer)
  let at = 0
  if (options.header !== false) at = HEADER.copy(buffer)

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return
    full.push(buffer.subarray(0, at))
    buffer = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
    view = viewOf(buffer)
    at = 0
  }

  function int32(value: number): void {
    view.setInt32(at, value)
    at += 4
  }

  function arrayHead({ bytes, oid, count }: { bytes: number; oid: number; count: number }): void {
    int32(ARRAY_HEAD_BYTES + count * (4 + bytes))
    int32(1)
    int32(0)
    int32(oid)
    int32(count)
    int32(1)
  }

  return {
    beginRow(columnCount) {
      room(2)
      view.setInt16(at, columnCount)
      at += 2
    },
    ascii(text) {
      room(4 + text.length)
      int32(text.length)
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code > 127) throw new Error(`not ASCII: ${text}`)
        buffer[at + i] = code
      }
      at += text.length
    },
    int4(value) {
      room(8)
      int32(4)
      int32(value)
    },
    int8(value) {
      room(12)
      int32(8)
      view.setBigInt64(at, value)
      at += 8
    },
    float8(value) {
      room(12)
      int32(8)
      view.setFloat64(at, value)
      at += 8
    },
    bool(value) {
      room(5)
      int32(1)
      buffer[at++] = value ? 1 : 0
    },
    timestamp(ms) {
      this.int8(BigInt(ms) * 1000n - EPOCH_2000_US)
    },
    null() {
      room(4)
      int32(-1)
    },
    float4Array(values, from, count) {
      room(4 + ARRAY_HEAD_BYTES + count * 8)
      arrayHead({ bytes: 4, oid: FLOAT4_OID, count })
      for (let i = 0; i < count; i++) {
        view.setInt32(at, 4)
        view.setFloat32(at + 4, values[from + i]!)
        at += 8
      }
    },
    float8Array(values) {
      room(4 + ARRAY_HEAD_BYTES + values.length * 12)
      arrayHead({ bytes: 8, oid: FLOAT8_OID, count: values.length })
      for (const value of values) {
        int32(8)
        view.setFloat64(at, value)
        at += 8
      }
    },
    int2Array(values, count) {
      room(4 + ARRAY_HEAD_BYTES + count * 6)
      arrayHead({ bytes: 2, oid: INT2_OID, count })
      for (let i = 0; i < count; i++) {
        view.setInt32(at, 2)
        view.setInt16(at + 4, values[i]!)
        at += 6
      }
    },
    raw(fields) {
      room(fields.length)
      at += fields.copy(buffer, at)
    },
    takeFull: () => full.splice(0),
    fields: () => Buffer.concat([...full, buffer.subarray(0, at)]),
    end() {
      room(2)
      view.setInt16(at, -1)
      at += 2
      const rest = [...full.splice(0), buffer.subarray(0, at)]
      at = 0
      return rest
    },
  }
}
