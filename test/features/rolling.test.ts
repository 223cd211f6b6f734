import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { FEATURE_GROUPS } from '../../src/features/registry'
import { advance, type RollingFeatures, rollingFeatures, rollingTable } from '../../src/features/rolling'
import { featureBytes } from '../../src/features/table'
import type { FeatureGroup, FeatureTable } from '../../src/features/types'
import { labelBook } from '../../src/labels/book'
import { seededRandom } from '../../src/math/statistics'
import { address, CHAIN_ID, chain, createLedger, type Ledger } from '../scorer/ledger'
import { storyBlocks } from '../scorer/story'
import { type TestDatabase, testDatabase } from '../support/database'

const ACCOUNTS = 12
const SEED = 23
const accountIds = Array.from({ length: ACCOUNTS }, (_, i) => `${CHAIN_ID}:${address(i + 1)}`)
const labels = labelBook([
  {
    name: 'list.csv',
    text: `address,kind\n${address(1)},flagged\n${address(2)},mixer\n${address(3)},sanctioned\n`,
  },
])
const groups = (Object.values(FEATURE_GROUPS) as unknown as FeatureGroup<unknown>[]).filter(
  (group) => group.touched !== undefined,
)

describe('features kept up to date', () => {
  let db: TestDatabase
  let ledger: Ledger

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    ledger = await createLedger(db.pool)
    for (const [i, id] of accountIds.entries()) {
      await db.pool.query('INSERT INTO account VALUES ($1, $2, $3, 0, now())', [id, CHAIN_ID, address(i + 1)])
    }
  })
  afterAll(() => db.drop())

  const to = (rolling: RollingFeatures, height: number) =>
    inTransaction(db.pool, async (tx) => advance(rolling, tx, (await blockAt(tx, CHAIN_ID, height))!))
  const batch = (group: FeatureGroup<unknown>, height: number): Promise<FeatureTable> =>
    inTransaction(db.pool, async (tx) => {
      const at = (await blockAt(tx, CHAIN_ID, height))!
      return group.compute(await group.read(tx, { chain, at, accountIds, labels }))
    })

  it('of three groups equal the batch to the byte, through steps of any size and reorgs', async () => {
    expect(groups.map((group) => group.name)).toEqual(['account', 'counterparties', 'tokens'])
    const all = groups.map((group) => rollingFeatures(group, chain, labels))
    const random = seededRandom(SEED)
    let head = 0
    let [least, forks] = [Number.POSITIVE_INFINITY, 0]
    await ledger.write({ from: 0, blocks: storyBlocks(SEED, { from: 0, to: 0 }) })
    for (let step = 1; step <= 14; step++) {
      const isReorg = head > 4 && random() < 0.35
      const from = isReorg ? head - Math.floor(random() * 4) : head + 1
      const fork = isReorg ? step : 0
      const next = from + Math.floor(random() * 6)
      if (isReorg) forks++
      await ledger.write({
        from,
        blocks: storyBlocks(SEED, { from, to: next, fork }),
        fork,
        ...(isReorg ? { rollbackTo: from - 1 } : {}),
      })
      head = next
      for (const rolling of all) {
        const { computed, anew } = await to(rolling, head)
        if (step > 1) expect(anew, `step ${step}`).toBe(false)
        least = Math.min(least, computed)
        const expected = await batch(rolling.group, head)
        expect(featureBytes(rollingTable(rolling)), `${rolling.group.name} at ${head}`).toEqual(
          featureBytes(expected),
        )
      }
    }
    expect(forks).toBeGreaterThan(1)
    expect(least).toBeLessThan(ACCOUNTS / 2)
  })

  it('follow a chain that became shorter', async () => {
    const rolling = rollingFeatures(groups[0]!, chain)
    const [{ head }] = (await db.pool.query('SELECT max(height)::int AS head FROM block')).rows
    await to(rolling, head - 3)
    await to(rolling, head)
    expect((await to(rolling, head - 1)).anew).toBe(false)
    expect(featureBytes(rollingTable(rolling))).toEqual(featureBytes(await batch(groups[0]!, head - 1)))
  })

  it('are made anew where coverage now begins elsewhere, and withheld as the batch has it', async () => {
    const rolling = rollingFeatures(groups[0]!, chain)
    await to(rolling, 5)
    expect(rollingTable(rolling).table.numRows).toBeGreaterThan(0)
    await db.pool.query('UPDATE coverage SET from_height = 3')
    expect((await to(rolling, 6)).anew).toBe(true)
    expect(rollingTable(rolling).table.numRows).toBe(0)
    expect(rollingTable(rolling).withheld).toEqual((await batch(groups[0]!, 6)).withheld)
    await db.pool.query('UPDATE coverage SET from_height = 0')
  })

  it('are refused for groups whose rows change with prices, and before the first step', () => {
    const position = FEATURE_GROUPS.position as unknown as FeatureGroup<unknown>
    expect(() => rollingFeatures(position, chain)).toThrow('rows of position change')
    expect(() => rollingTable(rollingFeatures(groups[0]!, chain))).toThrow('not been brought')
  })
})
