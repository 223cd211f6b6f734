/** A version's way from candidate to retired and back, in the database, with reasons for every refusal. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { modelsCard, modelsList, modelsPromote } from '../../src/models/models-command'
import { promote, rollback } from '../../src/models/promote'
import { loadModel, models } from '../../src/models/registry'
import { openServing } from '../../src/models/serving'
import { listVersions, pick, registerModels, type Version } from '../../src/models/versions'
import { type TestDatabase, testDatabase } from '../support/database'
import { type Made, makeVersion } from './made-version'

const committed = loadModel('credit').sha256
const decided = { name: 'credit', by: 'ada', why: 'a test' }

let db: TestDatabase
beforeEach(async () => {
  db = await testDatabase({ chainIds: [] })
})
afterEach(() => db?.drop())

const register = ({ folder, cardPath }: Made) =>
  registerModels(db.pool, { names: ['credit'], folderOf: () => folder, cardOf: () => cardPath })

async function states(): Promise<Record<string, string>> {
  return Object.fromEntries((await listVersions(db.pool, 'credit')).map((one) => [one.sha256, one.state]))
}

async function versionOf(sha256: string): Promise<Version> {
  return pick(await listVersions(db.pool), 'credit', sha256)
}

describe('a fresh database', () => {
  it('has the committed models active, with files, manifests and a history, however often they are registered', async () => {
    expect(await registerModels(db.pool)).toHaveLength(Object.keys(models).length)
    expect(await registerModels(db.pool)).toEqual([])
    const versions = await listVersions(db.pool)
    expect(versions.map(({ name, state }) => [name, state])).toEqual(
      Object.keys(models)
        .sort()
        .map((name) => [name, 'active']),
    )
    const { rows } = await db.pool.query(
      `SELECT m.manifest, m.history, encode(sha256(f.bytes), 'hex') = m.sha256 AS whole
       FROM model_version m JOIN model_file f USING (sha256) WHERE m.name = 'credit'`,
    )
    expect(rows[0]).toMatchObject({ whole: true, history: [{ state: 'active', by: 'plimsoll' }] })
    expect(rows[0].manifest.featureSchema.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(Object.values(rows[0].manifest.data.files)[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(rows[0].manifest).toMatchObject({
      seed: expect.any(Number),
      licence: expect.stringContaining('MIT'),
    })
    expect(rows[0].manifest.reference.features.distanceRoot30d.edges.length).toBeGreaterThan(3)
  })

  it('serves what is active, and what was promoted since, without being opened again', async () => {
    const serving = await openServing(db.pool, { names: ['credit'], shadows: true })
    const served = () =>
      serving.use(async ({ runtime, shadows }) => [
        runtime.models.credit?.sha256,
        shadows?.models.credit?.sha256,
      ])
    expect(await served()).toEqual([committed, undefined])
    const next = makeVersion({ weight: 2 })
    await register(next)
    expect(await served()).toEqual([committed, undefined])
    await promote(db.pool, { ...decided, which: next.sha256 })
    expect(await served()).toEqual([committed, next.sha256])
    await promote(db.pool, { ...decided, which: next.sha256 })
    expect(await served()).toEqual([next.sha256, undefined])
    await rollback(db.pool, decided)
    expect(await served()).toEqual([committed, undefined])
    await serving.close()
  })
})

describe('promotion', () => {
  beforeEach(async () => void (await registerModels(db.pool, { names: ['credit'] })))

  it('goes step by step, makes room, and says who, when and why', async () => {
    const [a, b] = [makeVersion({ weight: 2 }), makeVersion({ weight: 3 })]
    await register(a)
    await register(b)
    expect(await states()).toEqual({
      [committed]: 'active',
      [a.sha256]: 'candidate',
      [b.sha256]: 'candidate',
    })
    await promote(db.pool, { ...decided, which: a.sha256.slice(0, 8) })
    await promote(db.pool, { ...decided, which: b.sha256 })
    expect(await states()).toEqual({ [committed]: 'active', [a.sha256]: 'candidate', [b.sha256]: 'shadow' })
    await promote(db.pool, { ...decided, which: b.sha256, by: 'grace', why: 'ranks better' })
    expect(await states()).toEqual({ [committed]: 'retired', [a.sha256]: 'candidate', [b.sha256]: 'active' })
    expect((await versionOf(b.sha256)).history).toMatchObject([
      { state: 'candidate' },
      { state: 'shadow', by: 'ada', why: 'a test' },
      { state: 'active', by: 'grace', why: 'ranks better', at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ])
    expect((await versionOf(committed)).history.at(-1)).toMatchObject({ state: 'retired', by: 'grace' })
    await expect(promote(db.pool, { ...decided, which: b.sha256 })).rejects.toThrow('is active already')
  })

  it.each([
    ['without a card', (made: Made) => rmSync(made.cardPath), ['it has no model card']],
    [
      'with a card of other figures',
      (made: Made) =>
        writeFileSync(made.cardPath, readFileSync(made.cardPath, 'utf8').replace('0.9000', '0.9500')),
      ['the table of its model card is not the one of its metrics.json'],
    ],
    [
      'with golden rows that the file does not give',
      (made: Made) => {
        const path = join(made.folder, 'golden.json')
        const golden = JSON.parse(readFileSync(path, 'utf8'))
        golden.rows[2].value += 2e-16
        writeFileSync(path, JSON.stringify(golden))
      },
      [expect.stringMatching(/^golden row 2: value is /)],
    ],
  ])('is refused %s', async (_, spoil, reasons) => {
    const made = makeVersion({ weight: 2 })
    spoil(made)
    await register(made)
    await expect(promote(db.pool, { ...decided, which: made.sha256 })).rejects.toMatchObject({
      details: reasons,
    })
    expect(await states()).toMatchObject({ [committed]: 'active', [made.sha256]: 'candidate' })
  })

  it('is refused below a figure’s bound, and names every reason at once', async () => {
    const made = makeVersion({ weight: 2, auc: 0.6 })
    rmSync(made.cardPath)
    await register(made)
    await expect(promote(db.pool, { ...decided, which: made.sha256 })).rejects.toMatchObject({
      details: ['it has no model card', 'metrics.auc.value is 0.6, must be at least 0.85'],
    })
  })

  it('is refused when the stored file was changed', async () => {
    const made = makeVersion({ weight: 2 })
    await register(made)
    await db.pool.query(`UPDATE model_file SET bytes = bytes || '\\x00' WHERE sha256 = $1`, [made.sha256])
    await expect(promote(db.pool, { ...decided, which: made.sha256 })).rejects.toMatchObject({
      details: [expect.stringContaining('the stored file has SHA-256')],
    })
  })

  it('names what there is when a version or a model is unknown', async () => {
    await expect(promote(db.pool, { ...decided, which: '9.9.9' })).rejects.toThrow(
      /no version 9.9.9; there are: 1\.0\.0/,
    )
    await expect(promote(db.pool, { ...decided, name: 'astrology', which: '1' })).rejects.toThrow(
      'there are: credit',
    )
  })
})

describe('rollback', () => {
  it('brings back the version before, though its files are no longer on the disk', async () => {
    await registerModels(db.pool, { names: ['credit'] })
    await expect(rollback(db.pool, decided)).rejects.toThrow('no version of credit was active before')
    const made = makeVersion({ weight: 2 })
    await register(made)
    await promote(db.pool, { ...decided, which: made.sha256 })
    await promote(db.pool, { ...decided, which: made.sha256 })
    rmSync(made.folder, { recursive: true })
    expect((await rollback(db.pool, { ...decided, why: 'too many alarms' })).sha256).toBe(committed)
    expect(await states()).toEqual({ [committed]: 'active', [made.sha256]: 'retired' })
    expect((await rollback(db.pool, decided)).sha256).toBe(made.sha256)
    expect(await states()).toEqual({ [committed]: 'retired', [made.sha256]: 'active' })
  })
})

describe('the command', () => {
  it('lists, promotes the one that waits, and shows a card with its gates', async () => {
    const made = makeVersion({ weight: 2 })
    await registerModels(db.pool)
    await register(made)
    const who = { by: 'ada', why: 'a test' }
    expect(await modelsPromote(db.pool, { name: 'credit', ...who })).toContain('is shadow now')
    expect((await modelsList(db.pool)).join('\n')).toMatch(
      new RegExp(`credit +\\S+ +${made.sha256.slice(0, 12)} +shadow .* ada +a test`),
    )
    expect(await modelsCard(db.pool, { name: 'credit', which: made.sha256 })).toMatch(
      /# Made[\s\S]*All gates hold\./,
    )
    expect(await modelsCard(db.pool, { name: 'credit' })).toContain('# Model card: credit')
    await expect(modelsPromote(db.pool, { name: 'illicit', ...who })).rejects.toThrow('waits to be promoted')
  })
})
