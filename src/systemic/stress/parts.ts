/**
 * Losses of every scenario by market → figures of the whole and of its parts. A part's figures are of its own losses, so
 * values at risk of parts do not add up to the whole's; expectations do.
 */
import { chainById } from '../../chains/registry'
import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { atRisk } from '../value-at-risk'
import type { RiskFigures, StressPart } from './types'

/** scenarios × markets, row-major, USD. */
export interface Losses {
  badDebtUsd: Float64Array
  liquidatedUsd: Float64Array
  /** First-round losses: kernels/first-round.ts. */
  firstRoundUsd: Float64Array
}

export interface Parts {
  total: StressPart
  byMarket: StressPart[]
  byAsset: StressPart[]
  byProtocol: StressPart[]
}

/** Figures over the chosen markets. Parts are listed by expected bad debt, then by what is liquidated, most first. */
export function partsOf(
  book: Book,
  losses: Losses,
  { chosen, levels }: { chosen: Int32Array; levels: readonly number[] },
): Parts {
  const markets = Array.from(chosen)
  const part = (id: string, label: string, of: readonly number[]) =>
    figuresOf({ id, label }, { columns: sumColumns(losses, book.markets.length, of), levels })
  const grouped = (keyOf: (market: number) => string, labelOf: (key: string) => string) => {
    const groups = new Map<string, number[]>()
    for (const m of markets) groups.set(keyOf(m), [...(groups.get(keyOf(m)) ?? []), m])
    return worstFirst([...groups].map(([key, of]) => part(key, labelOf(key), of)))
  }
  const symbols = new Map(book.assets.map(({ id, symbol }) => [id, symbol]))
  return {
    total: part('all', 'all', markets),
    byMarket: worstFirst(markets.map((m) => part(book.markets[m]!.id, marketLabel(book, m), [m]))),
    byAsset: grouped(
      (m) => book.assets[book.markets[m]!.asset]!.id,
      (id) => `${symbols.get(id)!}${onChain(book, id)}`,
    ),
    byProtocol: grouped(
      (m) => book.pools[book.markets[m]!.pool]!.protocol,
      (name) => name,
    ),
  }
}

/** A market in words: `WETH in aave-v3 0x24b3…fc34`, and on which chain where the book has several. */
export function marketLabel(book: Book, m: number): string {
  const { asset, pool } = book.markets[m]!
  return `${book.assets[asset]!.symbol} in ${poolLabel(book, pool)}`
}

export function poolLabel(book: Book, pool: number): string {
  const { id, protocol } = book.pools[pool]!
  return `${protocol} ${shortId(id)}${onChain(book, id)}`
}

/** ` on harbor` for an id of that chain; nothing in a book of one chain. */
function onChain({ asOf }: Book, id: string): string {
  const chainId = id.slice(0, id.indexOf(':'))
  if (Object.keys(asOf).length < 2 || !(chainId in asOf)) return ''
  return ` on ${chainById(Number(chainId))?.name ?? chainId}`
}

/** Without its chain, and with the middle of a long one left out. */
export function shortId(id: string): string {
  const own = id.slice(id.indexOf(':') + 1)
  return own.length > 14 ? `${own.slice(0, 6)}…${own.slice(-4)}` : own
}

function sumColumns(
  { badDebtUsd, liquidatedUsd, firstRoundUsd }: Losses,
  markets: number,
  of: readonly number[],
): Losses {
  const scenarios = badDebtUsd.length / markets
  const sum = (matrix: Float64Array) => {
    const total = new Float64Array(scenarios)
    for (const m of of) for (let s = 0; s < scenarios; s++) total[s]! += matrix[s * markets + m]!
    return total
  }
  return {
    badDebtUsd: sum(badDebtUsd),
    liquidatedUsd: sum(liquidatedUsd),
    firstRoundUsd: sum(firstRoundUsd),
  }
}

function figuresOf(
  names: { id: string; label: string },
  { columns, levels }: { columns: Losses; levels: readonly number[] },
): StressPart {
  const badDebt = levels.map((level) => atRisk(columns.badDebtUsd, level))
  const liquidated = levels.map((level) => atRisk(columns.liquidatedUsd, level))
  const risk = levels.map((level, k): RiskFigures => {
    const { valueAtRisk, expectedShortfall } = badDebt[k]!
    return {
      level,
      badDebtVarUsd: valueAtRisk,
      badDebtEsUsd: expectedShortfall,
      liquidationsAtRiskUsd: liquidated[k]!.valueAtRisk,
    }
  })
  return {
    ...names,
    expectedBadDebtUsd: badDebt[0]!.mean,
    expectedFirstRoundUsd: mean(columns.firstRoundUsd),
    expectedLiquidatedUsd: liquidated[0]!.mean,
    worstBadDebtUsd: badDebt[0]!.worst,
    risk,
  }
}

function worstFirst(parts: StressPart[]): StressPart[] {
  return parts.sort(
    (a, b) =>
      b.expectedBadDebtUsd - a.expectedBadDebtUsd ||
      b.expectedLiquidatedUsd - a.expectedLiquidatedUsd ||
      (a.id < b.id ? -1 : 1),
  )
}
