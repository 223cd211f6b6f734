/** One path told round by round: which markets liquidate, what that does to prices, and who follows. */
import { type Book, bookPrices } from '../book'
import { traceSpiral } from '../spiral'
import type { SpiralPlan } from '../spiral-plan'
import { marketLabel } from './parts'
import type { ContagionStep } from './types'

/** Rounds that are told; the last ones of a long spiral are alike. */
const MOST_ROUNDS = 50

/** Rounds of the path from these prices. The last one also has what is left over and never sold. */
export function contagionOf(book: Book, plan: SpiralPlan, prices: Float64Array): ContagionStep[] {
  const start = bookPrices(book)
  const steps: ContagionStep[] = []
  const writtenOff = new Float64Array(book.markets.length)
  let before = prices
  const rounds = traceSpiral(plan, prices)
  for (let next = rounds.next(); ; next = rounds.next()) {
    if (next.done) {
      const { badDebtUsd, rounds: count } = next.value
      const left = badDebtUsd.map((usd, m) => usd - writtenOff[m]!)
      if (left.some((usd) => usd > 0.005))
        steps.push(stepOf(book, { round: count + 1, liquidatedUsd: left.map(() => 0), badDebtUsd: left }))
      return steps
    }
    const { round, liquidatedUsd, writtenOffUsd, prices: after } = next.value
    writtenOffUsd.forEach((usd, m) => {
      writtenOff[m]! += usd
    })
    if (steps.length >= MOST_ROUNDS) continue
    const moved = book.assets.flatMap(({ id, symbol }, a) =>
      after[a] === before[a] ? [] : [{ assetId: id, symbol, multiplier: after[a]! / start[a]! }],
    )
    steps.push({ ...stepOf(book, { round, liquidatedUsd, badDebtUsd: writtenOffUsd }), prices: moved })
    before = after
  }
}

function stepOf(
  book: Book,
  of: { round: number; liquidatedUsd: Float64Array; badDebtUsd: Float64Array },
): ContagionStep {
  const markets = book.markets.flatMap(({ id }, m) => {
    const [liquidatedUsd, badDebtUsd] = [of.liquidatedUsd[m]!, of.badDebtUsd[m]!]
    return liquidatedUsd > 0 || badDebtUsd > 0
      ? [{ id, label: marketLabel(book, m), liquidatedUsd, badDebtUsd }]
      : []
  })
  markets.sort(
    (a, b) => b.liquidatedUsd - a.liquidatedUsd || b.badDebtUsd - a.badDebtUsd || (a.id < b.id ? -1 : 1),
  )
  return { round: of.round, markets, prices: [] }
}
