/** What every registered model must keep: one suite over the registry. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import type { GoldenRow } from '../../src/models/publish'
import { modelFolder, models } from '../../src/models/registry'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { abstains } from '../../src/models/spec'

describe.each(Object.entries(models))('model %s', (name, spec) => {
  const width = spec.inputs.length
  const golden: { rows: GoldenRow[] } = JSON.parse(
    readFileSync(join(modelFolder(name), 'golden.json'), 'utf8'),
  )
  const metrics = JSON.parse(readFileSync(join(modelFolder(name), 'metrics.json'), 'utf8'))
  let runtime: ModelRuntime
  beforeAll(async () => {
    runtime = await openModels({ names: [name], threads: 2 })
  })
  afterAll(() => runtime.close())

  const goldenFeatures = () => golden.rows.flatMap((row) => row.features.map((x) => x ?? Number.NaN))

  /** Golden rows scaled, zeroed and mixed at random: unlike any training row, but finite. */
  function wildRows(count: number): Float32Array {
    const random = seededRandom(17)
    const known = goldenFeatures().map((x) => (Number.isNaN(x) ? 0 : x))
    return Float32Array.from({ length: count * width }, (_, i) => {
      const row = Math.floor(random() * golden.rows.length)
      return known[row * width + (i % width)]! * (random() < 0.1 ? -1000 * random() : 2 * random())
    })
  }

  it('has the name it is registered under and agrees with its metrics', () => {
    expect(spec.name).toBe(name)
    expect(metrics).toMatchObject({
      model: name,
      version: spec.version,
      features: spec.inputs.map((i) => i.name),
    })
    expect(new Set(metrics.features).size).toBe(width)
  })

  it('is the file whose SHA-256 metrics.json records, under 2 MiB', () => {
    const bytes = readFileSync(join(modelFolder(name), 'model.onnx'))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(metrics.modelSha256).toBe(sha256)
    expect(runtime.models[name]!.sha256).toBe(sha256)
    expect(bytes.length).toBeLessThan(2 * 2 ** 20)
  })

  it('records data hashes, counts, split, seed and intervals', () => {
    const hashes: string[] = metrics.data.sha256 ? [metrics.data.sha256] : Object.values(metrics.data.files)
    expect(hashes.length).toBeGreaterThan(0)
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(Object.values(metrics.data.counts).every(Number.isInteger)).toBe(true)
    expect(metrics.split.length).toBeGreaterThan(20)
    expect(Number.isInteger(metrics.seed)).toBe(true)
    const { low, value, high } = metrics.metrics.auc
    expect(low).toBeLessThan(value)
    expect(value).toBeLessThan(high)
  })

  it.each(['as it serves', 'by its file alone'])('gives the golden outputs to the bit, %s', async (how) => {
    const alone = how === 'by its file alone'
    const asked = alone ? await openModels({ names: [name], canonicalOnly: true }) : runtime
    expect(golden.rows.length).toBeGreaterThanOrEqual(6)
    const { values, margins } = await asked.score(
      name,
      Float64Array.from(goldenFeatures()),
      golden.rows.length,
    )
    golden.rows.forEach((row, r) => {
      expect(values[r]).toBe(row.value ?? Number.NaN)
      expect(margins[r]).toBe(row.margin ?? Number.NaN)
    })
    expect(new Set(values).size).toBeGreaterThan(3)
    if (alone) await asked.close()
  })

  it.runIf(spec.exactness === 'bits')('gives a row the same bits alone as in a batch of 1,000', async () => {
    const rows = wildRows(1000)
    const batch = await runtime.score(name, rows, 1000)
    for (let r = 0; r < 1000; r += 37) {
      const alone = await runtime.score(name, rows.slice(r * width, (r + 1) * width), 1)
      expect(alone.values[0]).toBe(batch.values[r])
      expect(alone.contributions).toEqual(batch.contributions.slice(r * width, (r + 1) * width))
    }
  })

  it('stays in its range on rows unlike any it has seen', async () => {
    const { values } = await runtime.score(name, wildRows(3000), 3000)
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(spec.output.range[0])
      expect(value).toBeLessThanOrEqual(spec.output.range[1])
    }
    expect(new Set(values).size).toBeGreaterThan(10)
  })

  it('explains itself: bias and contributions add up to the margin', async () => {
    const rows = wildRows(500)
    const { margins, contributions, bias } = await runtime.score(name, rows, 500)
    margins.forEach((margin, r) => {
      const sum = contributions.subarray(r * width, (r + 1) * width).reduce((total, c) => total + c, bias)
      expect(Math.abs(sum - margin)).toBeLessThan(1e-5 * Math.max(10, Math.abs(margin)))
    })
  })

  it('treats NaN as its spec says', async () => {
    for (let f = 0; f < width; f++) {
      const row = Float64Array.from(goldenFeatures().slice(0, width))
      row[f] = Number.NaN
      const { values } = await runtime.score(name, row, 1)
      expect(Number.isNaN(values[0])).toBe(spec.missing === 'no score')
    }
  })

  it('abstains when a required input is missing, and only then', () => {
    const row = goldenFeatures().slice(0, width)
    expect(abstains(spec, row)).toBeUndefined()
    for (const { feature, atLeast } of spec.minimum) {
      const at = spec.inputs.findIndex((input) => input.name === feature)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(abstains(spec, row.with(at, Number.NaN))).toContain(feature)
      expect(abstains(spec, row.with(at, atLeast - 1))).toContain(feature)
    }
  })
})
