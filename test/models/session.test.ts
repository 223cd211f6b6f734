import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelFolder } from '../../src/models/registry'
import { type ModelRuntime, openModels } from '../../src/models/session'

/** A copy of a model's files that a test may damage. */
function copyOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-model-'))
  cpSync(modelFolder(name), folder, { recursive: true })
  return folder
}

const row = [0.3, 0.9, 1.16, 0.25, 0.6]

describe('an open runtime', () => {
  let runtime: ModelRuntime
  beforeAll(async () => {
    runtime = await openModels({ names: ['liquidation'], threads: 2 })
  })
  afterAll(() => runtime.close())

  it('answers no rows with nothing', async () => {
    const { values, contributions } = await runtime.score('liquidation', new Float32Array(0), 0)
    expect(values.length).toBe(0)
    expect(contributions.length).toBe(0)
  })

  it('keeps the order of rows across chunks and threads', async () => {
    const count = 5000
    const rows = Float32Array.from({ length: count * 5 }, (_, i) =>
      i % 5 === 2 ? Math.floor(i / 5) / 500 : row[i % 5]!,
    )
    const { values } = await runtime.score('liquidation', rows, count)
    for (let r = 1; r < count; r++) expect(values[r]).toBeLessThanOrEqual(values[r - 1]!)
    expect(values[count - 1]).toBeLessThan(values[0]!)
  })

  it('leaves the caller’s rows untouched', async () => {
    const rows = Float32Array.from(row)
    await runtime.score('liquidation', rows, 1)
    expect(rows).toEqual(Float32Array.from(row))
  })

  it('rounds float64 to float32 at its boundary', async () => {
    const wide = await runtime.score('liquidation', Float64Array.from(row), 1)
    const narrow = await runtime.score('liquidation', Float32Array.from(row), 1)
    expect(wide.values).toEqual(narrow.values)
  })

  it.each([
    ['a wrong length', Float32Array.from([1, 2, 3]), 1, 'needs 1 rows × 5 features = 5 numbers, got 3'],
    ['a wrong count', Float32Array.from(row), 2, 'needs 2 rows'],
    ['a fractional count', Float32Array.from(row), 0.5, 'rowCount is 0.5'],
    ['an infinity', Float32Array.from([0, Infinity, 0, 0, 0]), 1, 'row 0, column volatility is Infinity'],
    [
      'a number too large for float32',
      Float64Array.from([0, 0, 0, 0, 1e300]),
      1,
      'column leverage is 1e+300',
    ],
  ])('refuses %s', async (_, rows, count, message) => {
    await expect(runtime.score('liquidation', rows, count)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(message),
    })
  })

  it('refuses a model that is not open, and says which are', async () => {
    await expect(runtime.score('illicit', new Float32Array(52), 1)).rejects.toThrow('open: liquidation')
  })

  it('does not block the thread it is called from', async () => {
    const count = 200_000
    const rows = Float32Array.from({ length: count * 5 }, (_, i) => row[i % 5]!)
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await runtime.score('liquidation', rows, count)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
  })
})

describe('opening', () => {
  it('refuses an unknown model', async () => {
    await expect(openModels({ names: ['constructor'] })).rejects.toMatchObject({ code: 'unknown-model' })
  })

  it('refuses a file of which one byte changed', async () => {
    const folder = copyOf('liquidation')
    const bytes = readFileSync(join(folder, 'model.onnx'))
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(join(folder, 'model.onnx'), bytes)
    const opening = openModels({ names: ['liquidation'], folderOf: () => folder })
    await expect(opening).rejects.toMatchObject({ code: 'hash-mismatch' })
  })

  it('refuses a missing file', async () => {
    const folder = copyOf('liquidation')
    rmSync(join(folder, 'model.onnx'))
    const opening = openModels({ names: ['liquidation'], folderOf: () => folder })
    await expect(opening).rejects.toMatchObject({ code: 'missing-file' })
  })

  it('falls back along the provider order and says what it got', async () => {
    const runtime = await openModels({ names: ['liquidation'], providers: ['cuda', 'cpu'] })
    expect(['cuda', 'cpu']).toContain(runtime.models.liquidation!.provider)
    const { values } = await runtime.score('liquidation', Float32Array.from(row), 1)
    expect(values[0]).toBeGreaterThan(0)
    await runtime.close()
  })
})

describe('closing', () => {
  it('rejects what is under way and what comes after', async () => {
    const runtime = await openModels({ names: ['liquidation'] })
    const late = runtime.score('liquidation', new Float32Array(500_000), 100_000)
    const closing = runtime.close()
    await expect(late).rejects.toMatchObject({ code: 'closed' })
    await closing
    await expect(runtime.score('liquidation', Float32Array.from(row), 1)).rejects.toMatchObject({
      code: 'closed',
    })
  })
})

describe('a run that overruns its time', () => {
  it('fails with timeout; its thread is replaced and answers again', async () => {
    const runtime = await openModels({
      names: ['illicit', 'liquidation'],
      runTimeoutMs: 5,
      canonicalOnly: true,
    })
    const heavy = runtime.score('illicit', new Float32Array(1024 * 52).fill(1), 1024)
    await expect(heavy).rejects.toMatchObject({ code: 'timeout' })
    let value = Number.NaN
    for (let attempt = 0; attempt < 100 && Number.isNaN(value); attempt++) {
      value = await runtime.score('liquidation', Float32Array.from(row), 1).then(
        ({ values }) => values[0]!,
        () => Number.NaN,
      )
    }
    await runtime.close()
    expect(value).toBeGreaterThan(0)
  })
})
