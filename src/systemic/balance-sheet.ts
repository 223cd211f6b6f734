/**
 * Linear DebtRank from balance sheets: what banks are worth after external assets fall, and after claims on each other
 * are revalued by the equity of those who owe them.
 *
 *   E⁰   = Aext − Lext + Σⱼ Lⱼᵢ − Σⱼ Lᵢⱼ                 must be above zero
 *   mech = E⁰ − shock·Aext                                before anyone revalues
 *   h⁰ = min(1, (E⁰ − mech)/E⁰),  W[i][j] = Lᵢⱼ/E⁰ⱼ       impact of i's loss on its lender j
 *   final = mech − Σⱼ Lⱼᵢ·hⱼ                              may be below zero: limited liability is not applied
 *   paid = min(p̄, max(0, final + p̄))                      what the assets so valued pay, outsiders first
 *
 * Bardoscia et al. 2015; the form of Barucca et al., Network Valuation in Financial Systems (2020).
 */
import { type DebtRank, type DebtRankVariant, debtRank } from './debt-rank'
import { badInput, deliver, rowSums, type SparseMatrix } from './network'

export interface BalanceSheets {
  obligations: SparseMatrix
  externalAssets: Float64Array
  externalLiabilities: Float64Array
  /** Share of its external assets that each node loses, 0 … 1. */
  shock: Float64Array
  variant: DebtRankVariant
}

export interface BalanceSheetOutcome extends DebtRank {
  equityBefore: Float64Array
  equityAfterShock: Float64Array
  equityFinal: Float64Array
  paid: Float64Array
}

/** Equity of every node before any shock. */
export function initialEquity(sheets: Omit<BalanceSheets, 'shock' | 'variant'>): Float64Array {
  const { obligations, externalAssets, externalLiabilities } = sheets
  const owed = rowSums(obligations)
  const claims = deliver(
    obligations,
    owed.map(() => 1),
    new Float64Array(owed.length),
  )
  return externalAssets.map((assets, i) => assets - externalLiabilities[i]! + claims[i]! - owed[i]!)
}

/** Shock, distress and what is left. Throws PlimsollError naming a node without equity to lose. */
export function shockBalanceSheets(sheets: BalanceSheets): BalanceSheetOutcome {
  const { obligations, externalAssets, shock, variant } = sheets
  const equityBefore = initialEquity(sheets)
  const broke = equityBefore.findIndex((equity) => equity <= 0)
  if (broke >= 0)
    throw badInput(`node ${broke} has equity ${equityBefore[broke]} before the shock: it must be above zero`)
  const loss = externalAssets.map((assets, i) => assets * shock[i]!)
  const initial = loss.map((lost, i) => Math.min(1, lost / equityBefore[i]!))
  const whole = equityBefore.reduce((sum, equity) => sum + equity, 0)
  const rank = debtRank({
    impact: impactOf(obligations, equityBefore, variant),
    value: equityBefore.map((equity) => equity / whole),
    initial,
    variant,
  })
  const owed = rowSums(obligations)
  const writtenOff = deliver(obligations, rank.distress, new Float64Array(owed.length))
  const equityAfterShock = equityBefore.map((equity, i) => equity - loss[i]!)
  const equityFinal = equityAfterShock.map((equity, i) => equity - writtenOff[i]!)
  const paid = equityFinal.map((equity, i) => Math.min(owed[i]!, Math.max(0, equity + owed[i]!)))
  return { ...rank, equityBefore, equityAfterShock, equityFinal, paid }
}

function impactOf(obligations: SparseMatrix, equity: Float64Array, variant: DebtRankVariant): SparseMatrix {
  const { column } = obligations
  const value = obligations.value.map((owed, at) => {
    const impact = owed / equity[column[at]!]!
    return variant === 2012 ? Math.min(1, impact) : impact
  })
  return { ...obligations, value }
}
