/**
 * The lending book of the committed capture, from Postgres as the processor left it, held against what the Aave pool
 * answered and against the protocol's own arithmetic.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { readBook, readBookInput } from '../../src/features/book-read'
import { computeStandings, type Standing } from '../../src/features/position'
import { startGateway } from '../../src/source/gateway'
import type { Book } from '../../src/systemic/book'
import { type TestDatabase, testDatabase } from '../support/database'
import { spawnProcessor } from '../support/processor'

const fixtures = join(__dirname, '..', 'fixtures')
const truth = JSON.parse(readFileSync(join(fixtures, 'local-world.json'), 'utf8')) as {
  height: number
  accounts: { address: string; totalCollateralBase: string; totalDebtBase: string }[]
}

let db: TestDatabase
let book: Book
let standings: Standing[]

beforeAll(async () => {
  db = await testDatabase({ chainIds: [harbor.id] })
  const gateway = await startGateway(join(fixtures, 'local-world.ndjson.gz'))
  const processor = spawnProcessor({
    ...{ chain: harbor, databaseUrl: db.url, gatewayUrl: gateway.url },
    ...{ fromBlock: 0, toBlock: truth.height },
  })
  expect(await processor.exited, processor.output()).toBe(0)
  await gateway.close()
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
