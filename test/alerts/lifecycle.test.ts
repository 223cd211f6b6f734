/** Alerts in the database: when they are final, and what a reorg leaves of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { confirmAlerts, recordCandidates, undoAlerts } from '../../src/alerts/lifecycle'
import { inTransaction } from '../../src/db/pool'
import type { AlertCandidate } from '../../src/detectors/types'
import { CHAIN_ID } from '../detectors/view'
import { type TestDatabase, testDatabase } from '../support/database'
import { candidate } from './candidate'

describe('alerts', () => {
  let db: TestDatabase

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [CHAIN_ID] })
  })
  beforeEach(() => db.pool.query('TRUNCATE alert, alert_journal'))
  afterAll(() => db.drop())

  const record = (...candidates: AlertCandidate[]) =>
    inTransaction(db.pool, (tx) => recordCandidates(tx, CHAIN_ID, candidates))
  const confirm = (finalizedHeight: number) =>
    inTransaction(db.pool, (tx) => confirmAlerts(tx, CHAIN_ID, finalizedHeight))
  const undo = (remainingHeight: number) =>
    inTransaction(db.pool, (tx) => undoAlerts(tx, CHAIN_ID, remainingHeight))

  /** [height, status, finality, severity, description] of every alert. */
  async function alerts(): Promise<unknown[][]> {
    const { rows } = await db.pool.query(
      'SELECT height, status, finality, severity, description FROM alert ORDER BY height',
    )
    return rows.map((row) => [Number(row.height), row.status, row.finality, row.severity, row.description])
  }

  it('are confirmed up to the finalized block, and not one block above it', async () => {
    await record(...[9, 10, 11, 12].map((height) => candidate(height, { uniqueKey: `key ${height}` })))
    await confirm(10)
    expect(await alerts()).toEqual([
      [9, 'confirmed', 'final', 'low', 'at 9'],
      [10, 'confirmed', 'final', 'low', 'at 10'],
      [11, 'open', 'instant', 'low', 'at 11'],
      [12, 'open', 'instant', 'low', 'at 12'],
    ])
  })

  it('of another chain stay as they are', async () => {
    await record(candidate(10))
    await inTransaction(db.pool, (tx) => confirmAlerts(tx, CHAIN_ID + 1, 100))
    expect(await alerts()).toEqual([[10, 'open', 'instant', 'low', 'at 10']])
  })

  it('are final only when the last block that changed them is', async () => {
    await record(candidate(10))
    await confirm(15)
    await record(candidate(20, { severity: 'critical', usdAtRisk: 1e6 }))
    const changed = [10, 'updated', 'instant', 'critical', 'at 20']
    expect(await alerts()).toEqual([changed])
    await confirm(19)
    expect(await alerts()).toEqual([changed])
    await confirm(20)
    expect(await alerts()).toEqual([[10, 'confirmed', 'final', 'critical', 'at 20']])
  })

  it('are what they were, and final, when the block that changed them is orphaned', async () => {
    await record(candidate(10))
    await record(candidate(20, { severity: 'critical' }))
    await confirm(15)
    expect(await undo(18)).toBe(0)
    await confirm(15)
    expect(await alerts()).toEqual([[10, 'confirmed', 'final', 'low', 'at 10']])
  })

  it('end the same however often finality was looked at in between', async () => {
    const heights = [10, 14, 18, 40]
    await record(...heights.map((height) => candidate(height)))
    await confirm(30)
    const atOnce = await alerts()
    await db.pool.query('TRUNCATE alert, alert_journal')
    for (const height of heights) {
      await record(candidate(height))
      await confirm(Math.min(30, height - 1))
    }
    expect(await alerts()).toEqual(atOnce)
    expect(atOnce).toEqual([[10, 'updated', 'instant', 'low', 'at 40']])
  })
})
