/** Recommendations over the committed capture: book, curves and past days from Postgres as the processor left them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { readBook } from '../../src/features/book-read'
import { curveOf } from '../../src/features/curve-read'
import { readRecommendContext } from '../../src/features/recommend-read'
import { readShadowDays } from '../../src/features/shadow-read'
import { recommendJson, recommendText } from '../../src/recommend-run/report'
import type { Book } from '../../src/systemic/book'
import {
  type RecommendContext,
  type RecommendRequest,
  runRecommendations,
} from '../../src/systemic/recommend/run'
import type { TestDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'

const fixtures = join(__dirname, '..', 'fixtures')
const { height } = JSON.parse(readFileSync(join(fixtures, 'local-world.json'), 'utf8')) as { height: number }
const request: RecommendRequest = {
  ...{ scenario: 'all-40', scenarios: 60, seed: 1 },
  conditions: { gasUsd: 1, exit: 'pool' },
}

let db: TestDatabase
let book: Book
let context: RecommendContext

beforeAll(async () => {
  db = await indexedLocalWorld(height)
  book = await readBook(db.pool, [{ chain: harbor }])
  context = await readRecommendContext(db.pool, { book, chains: [harbor], days: 5 })
})
afterAll(() => db.drop())

describe('recommendations for the local world', () => {
  it('find no curve where no strategy has told one: that of this world is older than its event', () => {
    expect(context.curves!.size).toBe(0)
  })

  it('have days that follow one another and end at the newest block', () => {
    const days = context.days!.get(harbor.id)!
    expect(days.length).toBeGreaterThan(1)
    expect(days.length).toBeLessThanOrEqual(5)
    const heights = days.map((day) => day.book.asOf[harbor.id]!.height)
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    const last = days.at(-1)!
    for (const { id, priceUsd } of book.assets) expect(last.nextPricesUsd.get(id)).toBe(priceUsd)
  })

  it('judge every market that is borrowed on, the same each time, and can be read', () => {
    const result = runRecommendations(book, request, context)
    expect(result.markets.length).toBeGreaterThan(0)
    expect(runRecommendations(book, request, context)).toEqual(result)
    expect(JSON.parse(recommendJson(result))).toMatchObject({ seed: 1, scenarios: 60 })
    const text = recommendText(result)
    for (const { marketId, frontier } of result.markets) {
      expect(text).toContain(marketId)
      expect(frontier.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
    }
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
  })

  it.each([
    [{ scenarios: 0 }, 'scenarios is 0'],
    [{ scenarios: 1e9 }, 'scenarios is 1000000000'],
    [{ scenario: 'sunshine' }, 'no scenario is called sunshine'],
    [{ markets: ['31337:nowhere'] }, 'the book has no market'],
  ])('say what cannot be: %o', (change, message) => {
    expect(() => runRecommendations(book, { ...request, ...change }, context)).toThrow(message)
  })

  it('refuse days without number', async () => {
    await expect(readShadowDays(db.pool, { chain: harbor, days: 1_000, height })).rejects.toThrow(
      'days is 1000',
    )
  })
})

describe('curves', () => {
  it('are those that the state says, and none where it says none', () => {
    expect(curveOf({})).toBeUndefined()
    expect(curveOf({ optimalUsageBps: 0, baseRateBps: 0, slope1Bps: 400, slope2Bps: 6000 })).toBeUndefined()
    expect(curveOf({ optimalUsageBps: 9000, baseRateBps: 0, slope1Bps: 400, slope2Bps: 6000 })).toEqual({
      ...{ kind: 'kinked', optimal: 0.9, base: 0, slope1: 0.04, slope2: 0.6 },
    })
    expect(curveOf({ rateAtTargetWad: '0' })).toBeUndefined()
    expect(curveOf({ rateAtTargetWad: '1268391679' })).toMatchObject({ kind: 'adaptive' })
  })
})
