/** What every detector of the room must hold to. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DETECTORS } from '../../src/detectors/registry'
import { type AlertCandidate, SEVERITIES } from '../../src/detectors/types'
import { CHAIN_ID, facts, liquidationFact, POOL, price, ref, round, standing, USDC, WETH, who } from './view'

const height = fc.integer({ min: 1, max: 1_000 })
const someone = fc.integer({ min: 1, max: 6 }).map(who)

const factsArbitrary = fc.record({
  liquidations: fc.array(
    fc
      .record({ height, account: someone, amount: fc.bigInt(0n, 2n ** 250n) })
      .map(({ height: at, account, amount }) =>
        liquidationFact(at, { accountId: account, collateralAmount: amount }),
      ),
    { maxLength: 5 },
  ),
  adminActions: fc.array(
    fc
      .record({ height, kind: fc.constantFrom('upgraded', 'paused', 'roleGranted', 'unheard of') })
      .map(({ height: at, kind }) => ({
        ...ref(at),
        kind,
        targetId: `${CHAIN_ID}:${POOL}`,
        actorId: null,
        detail: {},
      })),
    { maxLength: 5 },
  ),
  flashLoans: fc.array(
    fc.record({ height, amount: fc.bigInt(0n, 2n ** 200n), initiator: someone }).map((loan) => ({
      ...ref(loan.height),
      protocol: 'aave-v3',
      initiatorId: loan.initiator,
      receiverId: who(8),
      assetId: USDC,
      amount: loan.amount,
    })),
    { maxLength: 5 },
  ),
  swaps: fc.array(
    fc
      .record({ height, amount0: fc.bigInt(-1_000n, 1_000n), amount1: fc.bigInt(-1_000n, 1_000n) })
      .map((swap) => ({
        ...ref(swap.height, 2),
        protocol: 'uniswap-v2',
        poolId: who(20),
        recipientId: who(8),
        amount0: swap.amount0,
        amount1: swap.amount1,
      })),
    { maxLength: 5 },
  ),
  marketSwitches: fc.array(
    fc
      .record({ height, what: fc.constantFrom('paused' as const, 'frozen' as const) })
      .map(({ height: at, what }) => ({
        marketId: `${CHAIN_ID}:${POOL}:usdc`,
        protocol: 'aave-v3',
        pool: POOL,
        assetId: USDC,
        what,
        height: at,
        blockHash: ref(at).blockHash,
        timestampSec: ref(at).timestampSec,
      })),
    { maxLength: 4 },
  ),
  spends: fc.array(fc.record({ height, owner: someone, sender: someone }), { maxLength: 12 }).map((spends) =>
    spends
      .map((spend) => ({
        ...ref(spend.height, 3),
        assetId: USDC,
        ownerId: spend.owner,
        toId: who(90),
        amount: 1n,
        senderId: spend.sender,
      }))
      .sort((a, b) => a.height - b.height),
  ),
  prices: fc.array(
    fc
      .record({
        height,
        asset: fc.constantFrom(WETH, USDC),
        usd: fc.double({ min: -1, max: 5_000, noNaN: true }),
      })
      .map((point) => price(point.asset, point.height, point.usd)),
    { maxLength: 8 },
  ),
})

const marketsArbitrary = fc
  .array(
    fc.record({
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      debtUsd: fc.double({ min: 1, max: 1e9, noNaN: true }),
      expectedBadDebtUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(({ value, ...money }, i) => ({
      ...{ marketId: `${CHAIN_ID}:${POOL}:${i}`, symbol: 'USDC', protocol: 'aave-v3', ...money },
      ...{ poolId: `${CHAIN_ID}:${POOL}`, collateral: i % 2 === 0 ? 'WETH' : null },
      score: { value, modelName: 'systemic', modelVersion: '1.0.0', modelSha256: 'ab', reasons: [] },
    })),
  )

const standingsArbitrary = fc
  .array(
    fc.record({
      healthFactor: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
      debtUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
      badDebtUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map((over, i) => standing({ ...over, accountId: who(i), subjectId: `${who(i)}:${POOL}` })),
  )

const roundArbitrary = fc
  .tuple(standingsArbitrary, marketsArbitrary)
  .map(([standings, markets]) => round(standings, [], markets))

function checkCandidate(candidate: AlertCandidate, name: string): void {
  expect(candidate.detector).toBe(name)
  expect(SEVERITIES).toContain(candidate.severity)
  expect(candidate.uniqueKey.startsWith(`${name}:`)).toBe(true)
  expect(candidate.uniqueKey).not.toContain(candidate.blockHash)
  expect(candidate.accountId).toMatch(/^\d+:/)
  expect(candidate.alertId).toMatch(/^[A-Z-]+$/)
  expect(candidate.cooldownSec).toBeGreaterThan(candidate.quietSec)
  expect(JSON.parse(JSON.stringify(candidate))).toEqual(candidate)
}

describe.each(Object.entries(DETECTORS))('%s', (name, detector) => {
  it('is registered under its own name and says what it finds', () => {
    expect(detector.name).toBe(name)
    expect(detector.description.length).toBeGreaterThan(20)
  })

  it('finds nothing in nothing', () => {
    expect(detector.on === 'facts' ? detector.detect(facts()) : detector.detect(round())).toEqual([])
  })

  if (detector.on === 'facts') {
    it('is deterministic, well-formed, and independent of how blocks come in ranges', () => {
      fc.assert(
        fc.property(factsArbitrary, fc.integer({ min: 1, max: 999 }), (parts, split) => {
          const whole = detector.detect(facts(parts))
          expect(detector.detect(facts(parts))).toEqual(whole)
          for (const candidate of whole) {
            checkCandidate(candidate, name)
            expect(candidate.height).toBeGreaterThan(0)
            expect(candidate.height).toBeLessThanOrEqual(1_000)
          }
          const within = (from: number, to: number) => {
            const inside = <T extends { height: number }>(list: T[]) =>
              list.filter((fact) => fact.height > from && fact.height <= to)
            return facts(
              {
                liquidations: inside(parts.liquidations),
                adminActions: inside(parts.adminActions),
                flashLoans: inside(parts.flashLoans),
                swaps: inside(parts.swaps),
                marketSwitches: inside(parts.marketSwitches),
                spends: parts.spends.filter((spend) => spend.height <= to),
                prices: parts.prices.filter((point) => point.validFromBlock <= to),
              },
              from,
              to,
            )
          }
          const parted = [...detector.detect(within(0, split)), ...detector.detect(within(split, 1_000))]
          expect(sorted(parted)).toEqual(sorted(whole))
        }),
        { numRuns: 200 },
      )
    })
  } else {
    it('is deterministic, well-formed and finds each subject at most once', () => {
      fc.assert(
        fc.property(roundArbitrary, (view) => {
          const found = detector.detect(view)
          expect(detector.detect(view)).toEqual(found)
          for (const candidate of found) checkCandidate(candidate, name)
          expect(new Set(found.map((candidate) => candidate.uniqueKey)).size).toBe(found.length)
        }),
      )
    })
  }
})

function sorted(candidates: AlertCandidate[]): string[] {
  return candidates.map((candidate) => JSON.stringify(candidate)).sort()
}
