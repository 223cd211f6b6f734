/** The cohorts by which `illicit` is audited, and what its card draws: both from out-of-fold probabilities. */
import type { Scored } from '../../math/statistics'
import { type Cohorts, cohortAudit, levelsOf } from '../cohorts'
import { type Curves, curvesOf } from '../curves'
import { gatedForest } from '../gated'
import type { Forest } from '../learn/forest'
import { treeShap } from '../learn/shap'
import type { Accounts } from './dataset'
import { names, placeOf, WIDTH, withoutTokens } from './groups'

/** Accounts whose Shapley values make the importance of inputs; they come in the order of a hash, so any will do. */
const EXPLAINED_ROWS = 500

/** Chain, life span, activity and size of every account. */
function cohortsOf({ rows, labels }: Accounts): Cohorts {
  const column = (name: string) => Float64Array.from(labels, (_, r) => rows[r * WIDTH + placeOf(name)]!)
  return {
    chain: Array.from(labels, () => 'ethereum'),
    ageMin: levelsOf(column('spanMin'), [60, 1440, 43_200, 525_600]),
    transactions: levelsOf(column('transactionCount'), [3, 10, 100, 1000]),
    receivedEth: levelsOf(column('totalReceivedEth'), [0.1, 1, 10, 100]),
  }
}

/** Bias audit of both parts; `full` and `plain` are out-of-fold probabilities. */
export function illicitCohorts(accounts: Accounts, parts: { full: Scored; plain: Scored }) {
  const cohorts = cohortsOf(accounts)
  return { full: cohortAudit(parts.full, cohorts), plain: cohortAudit(parts.plain, cohorts) }
}

/** Curves of both parts. `forest` is the one that is served, with covers. */
export function illicitCurves(
  { rows }: Accounts,
  parts: { full: Scored; plain: Scored },
  forest: Forest,
): { curves: Curves; plainCurves: Curves } {
  const trees = forest.trees.map((tree) => ({ ...tree, cover: tree.cover! }))
  const gated = gatedForest({ ...forest, trees })
  if (gated === undefined) throw new Error('the forest of illicit has no gate')
  const some = rows.slice(0, EXPLAINED_ROWS * WIDTH)
  const contributions = (part: typeof gated.present, of: Float32Array) =>
    Array.from({ length: of.length / WIDTH }, (_, r) =>
      Array.from(treeShap(part, of.subarray(r * WIDTH, (r + 1) * WIDTH)).contributions),
    ).flat()
  const curves = (scored: Scored, found: number[]) =>
    curvesOf({ scored, features: names, contributions: found })
  return {
    curves: curves(parts.full, contributions(gated.present, some)),
    plainCurves: curves(parts.plain, contributions(gated.missing, withoutTokens(some))),
  }
}
