import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlertRow, foldCandidates } from '../../src/alerts/fold'
import type { AlertCandidate } from '../../src/detectors/types'
import { CHAIN_ID, hashOf } from '../detectors/view'
import { candidate } from './candidate'

/** What the database would hold: the newest alert of each key after a fold. */
function newest(alerts: readonly AlertRow[]): AlertRow[] {
  const byKey = new Map<string, AlertRow>()
  for (const alert of [...alerts].sort((a, b) => a.height - b.height)) byKey.set(alert.unique_key, alert)
  return [...byKey.values()]
}

describe('foldCandidates', () => {
  it('makes nothing of nothing', () => {
    expect(foldCandidates(CHAIN_ID, [], [])).toEqual({ alerts: [], journal: [] })
  })

  it('opens an alert with an id that depends on what was seen where', () => {
    const [first] = foldCandidates(CHAIN_ID, [], [candidate(10)]).alerts
    const [again] = foldCandidates(CHAIN_ID, [], [candidate(10)]).alerts
    const [other] = foldCandidates(CHAIN_ID, [], [candidate(10, { blockHash: hashOf(10, 1) })]).alerts
    expect(first).toMatchObject({
      status: 'open',
      finality: 'instant',
      occurrences: 1,
      height: 10,
      updated_height: 10,
    })
    expect(again!.id).toBe(first!.id)
    expect(other!.id).not.toBe(first!.id)
  })

  it('counts what recurs within the cool-down of the last occurrence and opens a new alert after it', () => {
    const { alerts } = foldCandidates(
      CHAIN_ID,
      [],
      [10, 110, 210, 311].map((height) => candidate(height)),
    )
    expect(alerts.map(({ height, occurrences, status }) => [height, occurrences, status])).toEqual([
      [10, 3, 'updated'],
      [311, 1, 'open'],
    ])
  })

  it('raises the severity with the name that goes with it, never lowers it, and keeps the largest sum at risk', () => {
    const { alerts } = foldCandidates(
      CHAIN_ID,
      [],
      [
        candidate(10, { severity: 'medium', alertId: 'NEAR', usdAtRisk: 5 }),
        candidate(11, { severity: 'high', alertId: 'NOW', usdAtRisk: 9 }),
        candidate(12, { severity: 'low', alertId: 'LIKELY', usdAtRisk: null }),
      ],
    )
    expect(alerts).toMatchObject([
      { severity: 'high', alert_id: 'NOW', usd_at_risk: 9, description: 'at 12' },
    ])
  })

  it('drops repetitions within the quiet time unless they are graver', () => {
    const quiet = { quietSec: 50 }
    const { alerts } = foldCandidates(
      CHAIN_ID,
      [],
      [
        candidate(10, quiet),
        candidate(59, quiet),
        candidate(60, quiet),
        candidate(61, { ...quiet, severity: 'high' }),
      ],
    )
    expect(alerts).toMatchObject([{ occurrences: 3, updated_height: 61, severity: 'high' }])
  })

  it('makes a confirmed alert instant again when a later block adds to it, and remembers that it was final', () => {
    const [opened] = foldCandidates(CHAIN_ID, [], [candidate(10)]).alerts
    const confirmed: AlertRow = { ...opened!, status: 'confirmed', finality: 'final' }
    const { alerts, journal } = foldCandidates(CHAIN_ID, [confirmed], [candidate(20, { severity: 'high' })])
    expect(alerts).toMatchObject([
      { status: 'updated', finality: 'instant', occurrences: 2, severity: 'high', updated_height: 20 },
    ])
    expect(journal).toEqual([{ alert_id: opened!.id, height: 20, old: confirmed }])
  })

  it('leaves a confirmed alert as it is when a later block only repeats it', () => {
    const [opened] = foldCandidates(CHAIN_ID, [], [candidate(10)]).alerts
    const confirmed: AlertRow = { ...opened!, status: 'confirmed', finality: 'final' }
    expect(foldCandidates(CHAIN_ID, [confirmed], [candidate(20, { quietSec: 50 })]).alerts).toEqual([])
  })

  it('journals the row before each height that changed it', () => {
    const { journal } = foldCandidates(
      CHAIN_ID,
      [],
      [candidate(10), candidate(10, { logIndex: 3 }), candidate(12)],
    )
    expect(journal.map(({ height, old }) => [height, old?.occurrences ?? null])).toEqual([
      [10, null],
      [12, 2],
    ])
  })

  it('gives the same alerts whatever the order of arrival and however the blocks are split', () => {
    const arbitrary = fc.array(
      fc.record({
        height: fc.integer({ min: 1, max: 300 }),
        logIndex: fc.integer({ min: 0, max: 3 }),
        key: fc.constantFrom('a', 'b'),
        severity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
        quietSec: fc.constantFrom(0, 20),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(
        arbitrary,
        fc.integer({ min: 0, max: 300 }),
        fc.infiniteStream(fc.nat()),
        (list, split, random) => {
          const candidates = list.map(({ height, logIndex, key, severity, quietSec }, i) =>
            candidate(height, {
              logIndex,
              uniqueKey: key,
              severity,
              quietSec,
              txHash: hashOf(i, 200),
              alertId: severity.toUpperCase(),
            }),
          )
          const whole = foldCandidates(CHAIN_ID, [], candidates).alerts
          const shuffled = candidates
            .map((one): [number, AlertCandidate] => [random.next().value, one])
            .sort((a, b) => a[0] - b[0])
            .map(([, one]) => one)
          expect(byId(foldCandidates(CHAIN_ID, [], shuffled).alerts)).toEqual(byId(whole))
          const first = foldCandidates(
            CHAIN_ID,
            [],
            candidates.filter((one) => one.height <= split),
          ).alerts
          const rest = candidates.filter((one) => one.height > split)
          const second = foldCandidates(CHAIN_ID, newest(first), rest).alerts
          const merged = new Map([...first, ...second].map((alert) => [alert.id, alert]))
          expect(byId([...merged.values()])).toEqual(byId(whole))
        },
      ),
    )
  })
})

function byId(alerts: readonly AlertRow[]): AlertRow[] {
  return [...alerts].sort((a, b) => (a.id < b.id ? -1 : 1))
}
