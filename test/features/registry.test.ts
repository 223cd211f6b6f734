/** What every feature group of the room must hold to, on real Postgres. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, type PoolClient } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { FEATURE_GROUPS } from '../../src/features/registry'
import { featureBytes, matrixOf, subjectsOf, tableFromBytes } from '../../src/features/table'
import type { FeatureGroup, FeatureTable } from '../../src/features/types'
import { labelBook } from '../../src/labels/book'
import { seededRandom } from '../../src/math/statistics'
import { models } from '../../src/models/registry'
import { address, CHAIN_ID, chain, createLedger, type Ledger } from '../scorer/ledger'
import { storyBlocks } from '../scorer/story'
import { type TestDatabase, testDatabase } from '../support/database'

const SEED = 11
const B = 40
/** Somebody is everything, so that columns that need lists are there. */
const labels = labelBook([
  {
    name: 'list.csv',
    text: `address,kind\n${address(1)},flagged\n${address(2)},mixer\n${address(3)},sanctioned\n`,
  },
])
const accountIds = Array.from({ length: 8 }, (_, i) => `${CHAIN_ID}:${address(i + 1)}`)

/** A group whose input type does not matter to the contract. */
type AnyGroup = FeatureGroup<unknown>
const groups = Object.entries(FEATURE_GROUPS) as unknown as [string, AnyGroup][]

describe('feature groups', () => {
  let db: TestDatabase
  let ledger: Ledger
  const before = new Map<string, Uint8Array>()

  const at = async (tx: PoolClient, height: number) => {
    const block = await blockAt(tx, CHAIN_ID, height)
    if (block === undefined) throw new Error(`no block at ${height}`)
    return { chain, at: block, accountIds, labels }
  }
  const featuresAt = (group: AnyGroup, height: number): Promise<FeatureTable> =>
    inTransaction(db.pool, async (tx) => group.compute(await group.read(tx, await at(tx, height))))

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    ledger = await createLedger(db.pool)
    await ledger.write({ from: 0, blocks: storyBlocks(SEED, { from: 0, to: B }) })
    for (const [name, group] of groups) before.set(name, featureBytes(await featuresAt(group, B)))
    await ledger.write({ from: B + 1, blocks: storyBlocks(SEED, { from: B + 1, to: 3 * B }) })
  })
  afterAll(() => db.drop())

  it.each(groups)('%s says what it computes, and yields what its model wants', async (name, group) => {
    expect(group.name).toBe(name)
    const features = await featuresAt(group, B)
    expect(features.columns).toEqual(group.columns)
    // The ledger has two lending markets.
    expect(features.table.numRows).toBeGreaterThan(group.subject === 'market' ? 1 : 3)
    for (const spec of Object.values(models).filter((model) => model.group === name)) {
      const matrix = matrixOf(
        features,
        spec.inputs.map((input) => input.name),
      )
      expect(matrix).toHaveLength(features.table.numRows * spec.inputs.length)
      expect(matrix.some((value) => value !== 0)).toBe(true)
    }
    expect(subjectsOf(features)).toEqual([...subjectsOf(features)].sort())
  })

  it.each(groups)('%s reads nothing that is later than its block', async (name, group) => {
    expect(featureBytes(await featuresAt(group, B))).toEqual(before.get(name))
    expect(featureBytes(await featuresAt(group, 3 * B))).not.toEqual(before.get(name))
  })

  it('read nothing that is later, whatever comes after their block', async () => {
    for (const fork of [1, 2, 3]) {
      const blocks = storyBlocks(SEED, { from: B + 1, to: B + 20 + fork, fork })
      await ledger.write({ from: B + 1, blocks, fork, rollbackTo: B })
      for (const [name, group] of groups) {
        expect(featureBytes(await featuresAt(group, B)), name).toEqual(before.get(name))
      }
    }
  })

  it.each(groups)('%s says what each of its columns means', (_name, group) => {
    expect(group.schema.map((column) => column.name)).toEqual([...group.columns])
    for (const column of group.schema) {
      for (const text of [column.unit, column.description, column.missing])
        expect(text, column.name).not.toBe('')
    }
    expect(group.version).toBeGreaterThan(0)
  })

  it.each(groups)(
    '%s gives the same bytes for rows in any order, and survives Arrow',
    async (name, group) => {
      const input = await inTransaction(db.pool, async (tx) => group.read(tx, await at(tx, B)))
      for (let seed = 1; seed <= 20; seed++) {
        expect(featureBytes(group.compute(shuffled(input, seededRandom(seed))))).toEqual(before.get(name))
      }
      const table = tableFromBytes(before.get(name)!)
      expect(table.schema.fields.map((field) => field.name)).toEqual(['subjectId', ...group.columns])
    },
  )

  it.each(groups)('%s has an empty table where there is nothing', async (_name, group) => {
    const features = await featuresAt(group, 0)
    expect(features.table.numRows).toBe(0)
    expect(tableFromBytes(featureBytes(features)).numRows).toBe(0)
  })
})

/** Shuffles the arrays and maps that an input is made of. */
function shuffled(input: unknown, random: () => number): unknown {
  const mix = <T>(list: readonly T[]): T[] =>
    list
      .map((item): [number, T] => [random(), item])
      .sort((a, b) => a[0] - b[0])
      .map(([, item]) => item)
  if (typeof input !== 'object' || input === null) return input
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      Array.isArray(value) ? mix(value) : value instanceof Map ? new Map(mix([...value])) : value,
    ]),
  )
}
