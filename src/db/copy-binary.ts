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
  /** A bytea. */
  bytes(value: Buffer): void
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

/** What is being written: the chunk at hand and those that are full. */
interface Writer {
  full: Buffer[]
  buffer: Buffer
  /** Over `buffer`: it writes big-endian numbers several times faster than Buffer's methods. */
  view: DataView
  at: number
}

/** @param header false for a fragment that is used with `raw` */
export function createBinaryCopy(options: { header?: boolean } = {}): BinaryCopy {
  const writer: Writer = { full: [], ...chunkOf(CHUNK_BYTES), at: 0 }
  if (options.header !== false) writer.at = HEADER.copy(writer.buffer)
  return { ...scalars(writer), ...arrays(writer), ...chunks(writer) }
}

function chunkOf(bytes: number): Pick<Writer, 'buffer' | 'view'> {
  const buffer = Buffer.allocUnsafeSlow(bytes)
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength) }
}

function room(writer: Writer, bytes: number): void {
  if (writer.at + bytes <= writer.buffer.length) return
  writer.full.push(writer.buffer.subarray(0, writer.at))
  Object.assign(writer, chunkOf(Math.max(CHUNK_BYTES, bytes)))
  writer.at = 0
}

function int32(writer: Writer, value: number): void {
  writer.view.setInt32(writer.at, value)
  writer.at += 4
}

type Scalars =
  | 'beginRow'
  | 'ascii'
  | 'bytes'
  | 'int4'
  | 'int8'
  | 'float8'
  | 'bool'
  | 'timestamp'
  | 'null'
  | 'raw'

function scalars(writer: Writer): Pick<BinaryCopy, Scalars> {
  function int8(value: bigint): void {
    room(writer, 12)
    int32(writer, 8)
    writer.view.setBigInt64(writer.at, value)
    writer.at += 8
  }
  return {
    int8,
    beginRow(columnCount) {
      room(writer, 2)
      writer.view.setInt16(writer.at, columnCount)
      writer.at += 2
    },
    ascii(text) {
      room(writer, 4 + text.length)
      int32(writer, text.length)
      const { buffer, at } = writer
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code > 127) throw new Error(`not ASCII: ${text}`)
        buffer[at + i] = code
      }
      writer.at += text.length
    },
    bytes(value) {
      room(writer, 4 + value.length)
      int32(writer, value.length)
      writer.at += value.copy(writer.buffer, writer.at)
    },
    int4(value) {
      room(writer, 8)
      int32(writer, 4)
      int32(writer, value)
    },
    float8(value) {
      room(writer, 12)
      int32(writer, 8)
      writer.view.setFloat64(writer.at, value)
      writer.at += 8
    },
    bool(value) {
      room(writer, 5)
      int32(writer, 1)
      writer.buffer[writer.at++] = value ? 1 : 0
    },
    timestamp: (ms) => int8(BigInt(ms) * 1000n - EPOCH_2000_US),
    null() {
      room(writer, 4)
      int32(writer, -1)
    },
    raw(fields) {
      room(writer, fields.length)
      writer.at += fields.copy(writer.buffer, writer.at)
    },
  }
}

/** One dimension, no nulls, indices from 1; makes room for the whole array. */
function arrayHead(
  writer: Writer,
  { bytes, oid, count }: { bytes: number; oid: number; count: number },
): void {
  const length = ARRAY_HEAD_BYTES + count * (4 + bytes)
  room(writer, 4 + length)
  for (const value of [length, 1, 0, oid, count, 1]) int32(writer, value)
}

function arrays(writer: Writer): Pick<BinaryCopy, 'float4Array' | 'float8Array' | 'int2Array'> {
  return {
    float4Array(values, from, count) {
      arrayHead(writer, { bytes: 4, oid: FLOAT4_OID, count })
      const { view } = writer
      for (let i = 0; i < count; i++) {
        view.setInt32(writer.at, 4)
        view.setFloat32(writer.at + 4, values[from + i]!)
        writer.at += 8
      }
    },
    float8Array(values) {
      arrayHead(writer, { bytes: 8, oid: FLOAT8_OID, count: values.length })
      for (const value of values) {
        int32(writer, 8)
        writer.view.setFloat64(writer.at, value)
        writer.at += 8
      }
    },
    int2Array(values, count) {
      arrayHead(writer, { bytes: 2, oid: INT2_OID, count })
      const { view } = writer
      for (let i = 0; i < count; i++) {
        view.setInt32(writer.at, 2)
        view.setInt16(writer.at + 4, values[i]!)
        writer.at += 6
      }
    },
  }
}

function chunks(writer: Writer): Pick<BinaryCopy, 'takeFull' | 'end' | 'fields'> {
  return {
    takeFull: () => writer.full.splice(0),
    fields: () => Buffer.concat([...writer.full, writer.buffer.subarray(0, writer.at)]),
    end() {
      room(writer, 2)
      writer.view.setInt16(writer.at, -1)
      writer.at += 2
      const rest = [...writer.full.splice(0), writer.buffer.subarray(0, writer.at)]
      writer.at = 0
      return rest
    },
  }
}
