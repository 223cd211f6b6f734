import fc from 'fast-check'
import { type Hex, pad, toHex, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import {
  backOffSec,
  boundValue,
  changeLimit,
  decide,
  type FeedRails,
  type FeedView,
  MAX_TTL_SEC,
  refusal,
} from '../../src/oracle/policy'

const rails: FeedRails = {
  minAnswer: 0n,
  maxAnswer: 100_000_000n,
  changeFloor: 100_000_000n,
  maxChangeBps: 2_500,
  deviationBps: 100,
  minDelaySec: 10,
  heartbeatSec: 60,
  maxAgeSec: 300,
}
const settings = { ttlSec: 120, minConfidenceBps: 5_000 }
const modelHash: Hex = `0x${'ab'.repeat(32)}`

function feed(changes: Partial<FeedView> = {}): FeedView {
  return {
    feedId: pad('0x01'),
    groupId: zeroHash,
    allowed: true,
    rails,
    last: { round: 3n, value: 20_000_000n, observedAt: 980n, updatedAt: 990n },
    nextRound: 4n,
    current: { value: 40_000_000n, confidenceBps: 9_000, modelHash, complete: true, observedAt: 998n },
    ...changes,
  }
}
const current = feed().current!
const reasonOf = (view: FeedView, nowSec = 1_000n) => decide([view], nowSec, settings).withheld[0]?.reason

describe('decide: withheld', () => {
  it('withholds without a value, from incomplete state, low confidence, a feed off the list', () => {
    expect(reasonOf(feed({ current: undefined }))).toMatch(/no value/)
    expect(reasonOf(feed({ current: { ...current, complete: false } }))).toMatch(/incomplete/)
    expect(reasonOf(feed({ current: { ...current, confidenceBps: 4_999 } }))).toMatch(/confidence/)
    expect(reasonOf(feed({ allowed: false }))).toMatch(/allow-list/)
  })

  it('withholds an observation that is not newer, or from the future', () => {
    expect(reasonOf(feed({ current: { ...current, observedAt: 980n } }))).toMatch(/newer/)
    expect(reasonOf(feed({ current: { ...current, observedAt: 1_001n } }))).toMatch(/after/)
  })

  it('withholds an observation older than maxAgeSec, to the second', () => {
    const old = feed({ current: { ...current, observedAt: 981n } })
    expect(reasonOf(old, 1_281n)).toBeUndefined()
    expect(reasonOf(old, 1_282n)).toBe('observed 301 s ago, at most 300 s are allowed')
    expect(refusal(old, 1_281n, settings)).toBeUndefined()
    expect(refusal(old, 1_282n, settings)).toMatch(/at most 300 s/)
    expect(decide([old], 1_282n, settings).due).toEqual([])
  })

  it('withholds a value outside the bounds instead of clamping it to them', () => {
    expect(reasonOf(feed({ current: { ...current, value: -1n } }))).toMatch(/outside/)
    expect(reasonOf(feed({ current: { ...current, value: 100_000_001n } }))).toMatch(/outside/)
  })

  it('withholds when rails were narrowed so far that one step does not reach them', () => {
    const narrowed = { ...rails, minAnswer: 90_000_000n, changeFloor: 1n, maxChangeBps: 100 }
    expect(reasonOf(feed({ rails: narrowed, current: { ...current, value: 95_000_000n } }))).toMatch(
      /within one change/,
    )
  })

  it('waits for the minimum delay to the second', () => {
    expect(reasonOf(feed(), 999n)).toMatch(/minimum delay/)
    expect(decide([feed()], 1_000n, settings).due).toHaveLength(1)
  })
})

describe('decide: due', () => {
  it('is due at once without a round, then on deviation, then on heartbeat, else not', () => {
    const none = { round: 0n, value: 0n, observedAt: 0n, updatedAt: 0n }
    const trigger = (view: FeedView, nowSec: bigint) => decide([view], nowSec, settings).due[0]?.trigger
    expect(trigger(feed({ last: none, nextRound: 1n }), 1_000n)).toBe('first')
    expect(trigger(feed(), 1_000n)).toBe('deviation')
    const still = feed({ current: { ...current, value: 20_999_999n } })
    expect(trigger(still, 1_049n)).toBeUndefined()
    expect(trigger(still, 1_050n)).toBe('heartbeat')
    expect(trigger(feed({ current: { ...current, value: 21_000_000n } }), 1_000n)).toBe('deviation')
  })

  it('clamps a jump to what one round may move and names the value it builds on', () => {
    const [due] = decide([feed({ current: { ...current, value: 90_000_000n } })], 1_000n, settings).due
    expect(due?.reports[0]).toMatchObject({
      value: 45_000_000n,
      previousValue: 20_000_000n,
      round: 4n,
      expiresAt: 1_120n,
    })
  })

  it('keeps the life of a report within what signers accept', () => {
    const patient = feed({ rails: { ...rails, maxAgeSec: 10_000 } })
    const [due] = decide([patient], 1_000n, { ...settings, ttlSec: 99_999 }).due
    expect(due?.reports[0]?.expiresAt).toBe(1_000n + BigInt(MAX_TTL_SEC))
  })

  it('lets no report outlive the age its observation may have', () => {
    const [due] = decide([feed()], 1_250n, settings).due
    expect(due?.reports[0]?.expiresAt).toBe(998n + 300n)
  })

  it('moves coupled feeds together in ascending order, and none when one is withheld', () => {
    const groupId = pad('0x77')
    const a = feed({ feedId: pad('0x02'), groupId })
    const b = feed({ feedId: pad('0x01'), groupId, current: { ...current, value: 20_000_000n } })
    const [due] = decide([a, b], 1_000n, settings).due
    expect(due?.reports.map((report) => report.feedId)).toEqual([b.feedId, a.feedId])
    expect(due?.bundleId).not.toBe(zeroHash)
    expect(due?.reports.every((report) => report.bundleId === due.bundleId)).toBe(true)
    const refused = decide([a, { ...b, allowed: false }], 1_000n, settings)
    expect(refused.due).toEqual([])
    expect(refused.withheld).toHaveLength(2)
  })
})

it('doubles the pause after each report dropped in a row, from 5 s to 10 min', () => {
  expect([0, 1, 2, 3, 7, 8, 9, 5_000].map(backOffSec)).toEqual([0, 5, 10, 20, 320, 600, 600, 600])
})

const answer = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n })
const anyRails = fc
  .record({
    minAnswer: answer,
    span: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    changeFloor: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    maxChangeBps: fc.integer({ min: 1, max: 30_000 }),
    deviationBps: fc.integer({ min: 0, max: 20_000 }),
    minDelaySec: fc.integer({ min: 0, max: 500 }),
    extraSec: fc.integer({ min: 0, max: 500 }),
    maxAgeSec: fc.integer({ min: 1, max: 2_000 }),
  })
  .map(
    ({ span, extraSec, ...rest }): FeedRails => ({
      ...rest,
      maxAnswer: rest.minAnswer + span,
      heartbeatSec: rest.minDelaySec + extraSec,
    }),
  )
const anyFeed = fc
  .record({
    rails: anyRails,
    round: fc.bigInt({ min: 0n, max: 5n }),
    lastValue: answer,
    updatedAt: fc.bigInt({ min: 1n, max: 1_000n }),
    observedAgo: fc.bigInt({ min: 0n, max: 100n }),
    measuredPercent: fc.bigInt({ min: -10n, max: 110n }),
    observedAfter: fc.bigInt({ min: -5n, max: 1_000n }),
    incomplete: fc.integer({ min: 0, max: 9 }),
    id: fc.integer({ min: 1, max: 1_000_000 }),
    coupled: fc.integer({ min: 0, max: 3 }),
  })
  .map((x): FeedView => {
    const none = { round: 0n, value: 0n, observedAt: 0n, updatedAt: 0n }
    const observedAt = x.updatedAt > x.observedAgo ? x.updatedAt - x.observedAgo : 0n
    return {
      feedId: pad(toHex(x.id)),
      groupId: x.coupled === 0 ? pad('0x77') : zeroHash,
      allowed: true,
      rails: x.rails,
      last:
        x.round === 0n ? none : { round: x.round, value: x.lastValue, observedAt, updatedAt: x.updatedAt },
      nextRound: x.round + 1n,
      current: {
        value: x.rails.minAnswer + ((x.rails.maxAnswer - x.rails.minAnswer) * x.measuredPercent) / 100n,
        confidenceBps: 10_000,
        modelHash,
        complete: x.incomplete > 0,
        observedAt: observedAt + x.observedAfter,
      },
    }
  })
const someFeeds = fc.uniqueArray(anyFeed, { selector: (view) => view.feedId, minLength: 1, maxLength: 6 })

describe('properties', () => {
  it('never proposes what the contract’s rails refuse, nor before minDelay', () => {
    let proposed = 0
    fc.assert(
      fc.property(someFeeds, fc.bigInt({ min: 0n, max: 3_000n }), (views, nowSec) => {
        for (const { reports } of decide(views, nowSec, settings).due) {
          for (const report of reports) {
            proposed++
            const view = views.find((candidate) => candidate.feedId === report.feedId)!
            expect(report.value >= view.rails.minAnswer && report.value <= view.rails.maxAnswer).toBe(true)
            expect(report.previousValue).toBe(view.last.value)
            expect(report.round > view.last.round).toBe(true)
            expect(report.observedAt > view.last.observedAt && report.observedAt <= nowSec).toBe(true)
            expect(report.expiresAt >= nowSec).toBe(true)
            expect(report.expiresAt <= report.observedAt + BigInt(view.rails.maxAgeSec)).toBe(true)
            expect(view.current?.complete).toBe(true)
            if (view.last.round === 0n) continue
            expect(nowSec >= view.last.updatedAt + BigInt(view.rails.minDelaySec)).toBe(true)
            const moved = report.value - view.last.value
            expect((moved < 0n ? -moved : moved) <= changeLimit(view.last.value, view.rails)).toBe(true)
          }
        }
      }),
      { numRuns: 2_000 },
    )
    expect(proposed).toBeGreaterThan(500)
  })

  it('takes every feed of a group or none, each feed at most once', () => {
    fc.assert(
      fc.property(someFeeds, fc.bigInt({ min: 0n, max: 3_000n }), (views, nowSec) => {
        const { due, withheld } = decide(views, nowSec, settings)
        const taken = due.flatMap((submission) => submission.reports.map((report) => report.feedId))
        expect(new Set(taken).size).toBe(taken.length)
        expect(withheld.some(({ feedId }) => taken.includes(feedId))).toBe(false)
        const coupled = views.filter((view) => view.groupId !== zeroHash).map((view) => view.feedId)
        expect([0, coupled.length]).toContain(coupled.filter((id) => taken.includes(id)).length)
      }),
      { numRuns: 1_000 },
    )
  })

  it('brings a clamped value closer every round until it arrives', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 100_000_000n }),
        fc.bigInt({ min: 0n, max: 100_000_000n }),
        (from, to) => {
          let value = from
          for (let round = 1n; round <= 4n; round++) {
            const bounded = boundValue(to, { round, value, observedAt: 0n, updatedAt: 0n }, rails)
            if (!bounded.ok) throw new Error(bounded.reason)
            value = bounded.value
          }
          expect(value).toBe(to)
        },
      ),
    )
  })
})
