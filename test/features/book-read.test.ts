/**
 * The lending book of the committed capture, from Postgres as the processor left it, held against what the Aave pool
 * answered and against the protocol's own arithmetic.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { loadConfig } from '../../src/config'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { readBook, readBookInput } from '../../src/features/book-read'
import { readFactorHistory } from '../../src/features/history-read'
import { computeStandings, type Standing } from '../../src/features/position'
import { runStressCommand, type StressCommand } from '../../src/stress-run/command'
import { type Book, bookPrices } from '../../src/systemic/book'
import { dailyReturns } from '../../src/systemic/scenarios/history'
import { traceSpiral } from '../../src/systemic/spiral'
import { planOfBook } from '../../src/systemic/spiral-book'
import { STRESS_DEFAULTS } from '../../src/systemic/stress/request'
import type { TestDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'

const fixtures = join(__dirname, '..', 'fixtures')
const truth = JSON.parse(readFileSync(join(fixtures, 'local-world.json'), 'utf8')) as {
  height: number
  accounts: { address: string; totalCollateralBase: string; totalDebtBase: string }[]
}

let db: TestDatabase
let book: Book
let standings: Standing[]

beforeAll(async () => {
  db = await indexedLocalWorld(truth.height)
  book = await readBook(db.pool, [{ chain: harbor }])
  standings = await inTransaction(db.pool, async (tx) => {
    const at = (await blockAt(tx, harbor.id, truth.height))!
    return computeStandings((await readBookInput(tx, { chain: harbor, at })).positions).standings
  })
})
afterAll(() => db.drop())

/** Collateral and debt of a position in dollars. */
function sides({ positions, markets, assets }: Book, i: number): { collateralUsd: number; debtUsd: number } {
  const usd = (market: number, units: number) => units * assets[markets[market]!.asset]!.priceUsd
  let [collateralUsd, debtUsd] = [0, 0]
  for (let k = positions.collateralStart[i]!; k < positions.collateralStart[i + 1]!; k++)
    collateralUsd += usd(positions.collateralMarket[k]!, positions.collateralUnits[k]!)
  for (let k = positions.debtStart[i]!; k < positions.debtStart[i + 1]!; k++)
    debtUsd += usd(positions.debtMarket[k]!, positions.debtUnits[k]!)
  return { collateralUsd, debtUsd }
}

describe('the book of the local world', () => {
  it('is that of the capture’s last block, with nothing left out', () => {
    expect(book.asOf).toMatchObject({ 31337: { height: truth.height } })
    expect([book.unpriced, book.withheld, book.unusedPools]).toEqual([[], [], []])
  })

  it('holds for every borrower what the pool itself answered, to the cent', () => {
    const borrowers = truth.accounts.filter(({ totalDebtBase }) => totalDebtBase !== '0')
    expect(book.positions.accountIds).toHaveLength(borrowers.length)
    for (const { address, totalCollateralBase, totalDebtBase } of borrowers) {
      const { collateralUsd, debtUsd } = sides(book, book.positions.accountIds.indexOf(`31337:${address}`))
      expect(collateralUsd).toBeCloseTo(Number(totalCollateralBase) / 1e8, 2)
      expect(debtUsd).toBeCloseTo(Number(totalDebtBase) / 1e8, 2)
    }
  })

  it('sums markets over all accounts, those without debt or collateral included', () => {
    const holdings = standings.flatMap(({ data }) => data.holdings)
    for (const { id, suppliedUnits, borrowedUnits } of book.markets) {
      const own = holdings.filter(({ marketId }) => marketId === id)
      const sum = (of: 'supplyBalance' | 'debtBalance') =>
        Number(own.reduce((all, holding) => all + holding[of], 0n)) / Number(own[0]!.unit)
      expect(suppliedUnits).toBeCloseTo(sum('supplyBalance'), 6)
      expect(borrowedUnits).toBeCloseTo(sum('debtBalance'), 6)
    }
    expect(new Set(holdings.map(({ marketId }) => marketId)).size).toBe(book.markets.length)
  })
})

describe('the first round of a shock', () => {
  it.each([1, 0.85, 0.7, 0.5])(
    'at %f of ether’s price liquidates whom the protocol lets be liquidated',
    (part) => {
      const weth = book.assets.findIndex(({ symbol }) => symbol === 'WETH')
      const prices = bookPrices(book).map((price, a) => (a === weth ? price * part : price))
      const plan = planOfBook(book, { gasUsd: 0, exit: 'oracle' })
      const first = traceSpiral(plan, prices).next()
      const found = first.done ? [] : Array.from(first.value.positions, (i) => book.positions.accountIds[i]!)
      const expected = standings.filter(({ risk, input }) => {
        const shocked = risk.account({
          ...input,
          price(asset, source) {
            const known = input.price(asset, source)
            if (known === undefined || book.assets[weth]!.id !== `31337:${asset}`) return known
            return { ...known, answer: BigInt(Math.round(Number(known.answer) * part)) }
          },
        })
        if ('incomplete' in shocked) throw new Error(shocked.incomplete)
        return shocked.healthFactorWad < 10n ** 18n && shocked.totalCollateralBase > 0n
      })
      expect(found.sort()).toEqual(expected.map(({ accountId }) => accountId).sort())
      if (part < 0.8) expect(found.length).toBeGreaterThan(3)
    },
  )
})

describe('the history of the local world', () => {
  it('has the prices of its feeds by factor, and too few days to fit from', async () => {
    const history = await readFactorHistory(db.pool, [{ chain: harbor, height: truth.height }])
    expect([...history.prices.keys()].sort()).toEqual(['BTC', 'DAI', 'ETH', 'USDC'])
    expect(dailyReturns(history, 'ETH').size).toBeLessThan(2)
  })
})

describe('plimsoll stress on the local world', () => {
  const lines: string[] = []
  const run = (over: Partial<StressCommand> = {}) => {
    lines.length = 0
    const print = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    const say = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const command = { ...STRESS_DEFAULTS, scenario: 'eth-30', scenarios: 200, blocks: [], ...over }
    return runStressCommand(() => loadConfig({ DB_URL: db.url }), command).finally(() => {
      print.mockRestore()
      say.mockRestore()
    })
  }

  it('reports everything indexed, and a book it saved gives the same figures', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-stress-'))
    const [saved, out] = [join(folder, 'book.json'), join(folder, 'losses.arrow')]
    const result = await run({ saveBook: saved, out })
    expect(result.positions).toBe(book.positions.pool.length)
    expect(lines.join('\n')).toContain('What breaks, by market of the debt')
    const table = tableFromIPC(readFileSync(out))
    const parts = 1 + result.byMarket.length + result.byAsset.length + result.byProtocol.length
    expect(table.numRows).toBe(parts * result.request.levels.length)
    const first = table.get(0)!.toJSON()
    const { label, risk, ...figures } = result.total
    expect(first).toEqual({ part: 'total', label, ...figures, ...risk[0] })
    expect(table.schema.metadata.get('plimsoll.modelSha256')).toBe(result.modelSha256)
    expect(table.schema.metadata.has('plimsoll.runId')).toBe(false)
    const again = await run({ in: saved })
    expect(again.total).toEqual(result.total)
    rmSync(folder, { recursive: true })
  })

  it('reports an older block', async () => {
    const result = await run({ blocks: ['harbor=40'] })
    expect(result.asOf).toMatchObject({ 31337: { height: 40 } })
  })

  it.each([
    [{ blocks: ['harbor'] }, 'harbor is no block'],
    [{ blocks: ['harbor=100000'] }, 'lies above the newest indexed block'],
    [{ blocks: ['base=1'] }, 'nothing of base is indexed'],
    [{ out: 'x.csv' }, 'does not end in .arrow'],
    [{ in: '/no/such/book.json' }, 'cannot be read'],
    [{ in: 'x.json', blocks: ['harbor=1'] }, '--block chooses blocks of the database'],
    [{ prices: '/no/such/folder' }, 'cannot be read'],
  ])('refuses %j', async (over, message) => {
    await expect(run(over)).rejects.toThrow(message)
    await expect(run(over)).rejects.toMatchObject({ exitCode: 2 })
  })
})
