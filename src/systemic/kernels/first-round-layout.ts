/** Positions as first-round.ts reads them: pairs, and all others row by row. */
import type { SpiralPlan } from '../spiral-plan'
import { isPair, type Pairs, pairsOf } from './first-round-pairs'
import { type Rows, rowsOf } from './first-round-rows'

export interface FirstRoundPlan {
  plan: SpiralPlan
  pairs: Pairs
  rows: Rows
  /** Weigh everybody in every scenario. */
  all: boolean
}

/** Lays the plan's positions out for `firstRound`; with `all` so that it weighs each, for checks and benches. */
export function firstRoundPlan(plan: SpiralPlan, { all = false }: { all?: boolean } = {}): FirstRoundPlan {
  const { order, health } = plan.groups
  const pairs: number[] = []
  const rows: { position: number; health: number }[] = []
  order.forEach((position, place) => {
    if (!all && isPair(plan, position)) pairs.push(position)
    else rows.push({ position, health: health[place]! })
  })
  return { plan, pairs: pairsOf(plan, pairs), rows: rowsOf(plan, rows), all }
}
