/**
 * Trains `novelty` and says how good it is. Labels have no part in training: the model is fitted on all accounts; every
 * figure comes from a second fit on four fifths of them, judged on the last fifth, which nothing was fitted on.
 *
 * What can be measured without knowing who is unusual: whether planted anomalies stand out (held-out accounts, changed
 * in three ways that leave their kind as it was), whether other seeds rank accounts alike, and whether the share that the
 * value claims holds for accounts that were not trained on. Beside it, how it relates to the labels: that is no target.
 */
import { rankCorrelation } from '../../math/rank-correlation'
import { averagePrecision, rocAuc, seededRandom } from '../../math/statistics'
import { measure } from '../learn/evaluate'
import type { Trained } from '../publish'
import { type Judged, noveltyAudit, plantedScores } from './audit'
import { addNovelty, type NoveltyParts, noveltyScores } from './body'
import type { Activities } from './dataset'
import { fitNovelty, type NoveltyOptions, noveltyOptions, takeRows } from './fit'
import { KINDS, kindOf } from './kinds'
import { PLANTS, plantAnomalies } from './plant'
import { scaleRows } from './scale'
import { noveltySpec } from './spec'

const names = noveltySpec.inputs.map((input) => input.name)
const WIDTH = names.length
const HELD_OUT = 0.2

export type NoveltyTraining = {
  options?: NoveltyOptions
  /** Fits with other seeds, for stability. */
  seeds?: number
  draws?: number
  log?: (line: string) => void
}

/** Trains and evaluates; the same accounts and options give the same file on one kind of CPU. */
export async function trainNovelty(accounts: Activities, training: NoveltyTraining = {}): Promise<Trained> {
  const { options = noveltyOptions, seeds = 5, draws = 500, log = () => undefined } = training
  const { parts, epoch } = await fitNovelty(accounts.rows, options)
  log(`fitted on ${accounts.counts.kept} accounts, ${epoch} epochs`)
  const { train, held } = split(accounts, options.seed)
  const judged = (await fitNovelty(train.rows, options)).parts
  const planted = plantAll(judged, held.rows, options.seed)
  const others: NoveltyParts[] = []
  for (let s = 1; s < seeds; s++) {
    others.push((await fitNovelty(train.rows, { ...options, seed: options.seed + 1000 * s })).parts)
    log(`fitted with seed ${options.seed + 1000 * s}`)
  }
  const { seed, ...hyperparameters } = options
  return {
    spec: noveltySpec,
    body: {
      kind: 'graph',
      bias: 0,
      add: (graph, features) => addNovelty(graph, features, parts),
      reference(row) {
        const { margins, values } = noveltyScores(parts, row)
        return { margin: margins[0]!, value: values[0]! }
      },
    },
    metrics: {
      data: {
        file: 'accounts/ethereum-fraud-accounts.csv.gz, without its labels',
        sha256: accounts.fileSha256,
        counts: accounts.counts,
      },
      features: names,
      split:
        'figures: fitted on 80 % of the accounts, judged on the other 20 %, drawn by seed; file: fitted on all',
      intervals: `95 %, percentile bootstrap over accounts, ${draws} draws`,
      seed,
      options: { ...hyperparameters, epochsUsed: epoch },
      kinds: Object.fromEntries(KINDS.map((kind, k) => [kind, countKind(accounts.rows, k)])),
      ...plantedFigures(judged, planted, { seed, draws }),
      ...stabilityFigures([judged, ...others], held.rows),
      rankOnHeldOut: rankFigures(judged, held.rows),
      labels: labelFigures(judged, held),
      ...noveltyAudit(planted),
    },
    goldenRows: goldenRows(accounts.rows),
  }
}

/** Accounts drawn by seed into a training part and a held-out fifth. */
function split({ rows, flags }: Activities, seed: number) {
  const random = seededRandom(seed + 7)
  const isHeld = Uint8Array.from(flags, () => (random() < HELD_OUT ? 1 : 0))
  const part = (side: 0 | 1) => {
    const numbers = [...flags.keys()].filter((r) => isHeld[r] === side)
    return { rows: takeRows(rows, numbers), flags: Uint8Array.from(numbers, (r) => flags[r]!) }
  }
  return { train: part(0), held: part(1) }
}

function countKind(rows: Float32Array, kind: number): number {
  let count = 0
  for (let start = 0; start < rows.length; start += WIDTH) if (kindOf(rows, start) === kind) count++
  return count
}

type Planted = Judged & { rows: Float32Array[] }

/** Held-out accounts as they are and with each anomaly planted, scored. */
function plantAll(parts: NoveltyParts, held: Float32Array, seed: number): Planted {
  const rows = PLANTS.map((plant) => plantAnomalies(held, { plant, seed }))
  return {
    held,
    rows,
    honest: noveltyScores(parts, held),
    planted: rows.map((changed) => noveltyScores(parts, changed).values),
  }
}

/** AUC of telling planted rows from the held-out rows as they are, all plants together and each alone. */
function plantedFigures(
  parts: NoveltyParts,
  { held, rows, honest, planted }: Planted,
  { seed, draws }: { seed: number; draws: number },
) {
  const everyone = Int32Array.from(honest.values.keys())
  const all = plantedScores({ honest: honest.values, planted }, everyone)
  // A plant and the account that it was made of are one entity.
  const clusters = Int32Array.from({ length: all.labels.length }, (_, i) => i % everyone.length)
  const { auc, ap } = measure(all, { clusters, draws, seed })
  const aucs = (score: (rows: Float32Array) => Float64Array) => {
    const plain = score(held)
    return Object.fromEntries(
      PLANTS.map((plant, p) => [
        plant,
        rocAuc(plantedScores({ honest: plain, planted: [score(rows[p]!)] }, everyone)),
      ]),
    )
  }
  return {
    metrics: { auc, ap },
    planted: aucs((some) => noveltyScores(parts, some).values),
    baselines: {
      isolationAlone: aucs((some) => partMargins(parts, some, 'isolation')),
      reconstructionAlone: aucs((some) => partMargins(parts, some, 'reconstruction')),
      largestDeviation: aucs((some) => largestDeviation(parts, some)),
    },
  }
}

/** The margin as it would be with one of the two views alone. */
function partMargins(
  parts: NoveltyParts,
  rows: Float32Array,
  view: 'isolation' | 'reconstruction',
): Float64Array {
  const other = view === 'isolation' ? 'reconstruction' : 'isolation'
  return noveltyScores({ ...parts, weights: parts.weights.map((w) => ({ ...w, [other]: 0 })) }, rows).margins
}

/** The one-feature baseline: how far the most extreme column lies from its mean, in standard deviations. */
function largestDeviation(parts: NoveltyParts, rows: Float32Array): Float64Array {
  const scaled = scaleRows(parts.scales, rows)
  return Float64Array.from({ length: rows.length / WIDTH }, (_, r) =>
    scaled.subarray(r * WIDTH, (r + 1) * WIDTH).reduce<number>((most, z) => Math.max(most, Math.abs(z)), 0),
  )
}

/** Rank correlation of values on held-out accounts between every two seeds. */
function stabilityFigures(fits: readonly NoveltyParts[], held: Float32Array) {
  const values = fits.map((parts) => noveltyScores(parts, held).values)
  const pairs = values.flatMap((a, i) => values.slice(i + 1).map((b) => rankCorrelation(a, b)))
  const mean = pairs.reduce((sum, rho) => sum + rho, 0) / pairs.length
  return { seedRankCorrelation: { seeds: fits.length, mean, lowest: Math.min(...pairs) } }
}

/** Does "more unusual than 95 % of its peers" hold for one held-out account in twenty? */
function rankFigures(parts: NoveltyParts, held: Float32Array) {
  const { values } = noveltyScores(parts, held)
  const above = (level: number) => values.filter((value) => value > level).length / values.length
  return {
    accounts: values.length,
    shareAbove50: above(0.5),
    shareAbove90: above(0.9),
    shareAbove95: above(0.95),
  }
}

/** How novelty and reported fraud go together among held-out accounts. */
function labelFigures(parts: NoveltyParts, { rows, flags }: { rows: Float32Array; flags: Uint8Array }) {
  const { values, kinds } = noveltyScores(parts, rows)
  const share = (keep: (r: number) => boolean) => {
    const kept = [...flags.keys()].filter(keep)
    return kept.reduce((sum, r) => sum + flags[r]!, 0) / kept.length
  }
  return {
    auc: rocAuc({ scores: values, labels: flags }),
    ap: averagePrecision({ scores: values, labels: flags }),
    reportedShare: share(() => true),
    reportedShareAmongMostUnusual5: share((r) => values[r]! > 0.95),
    aucByKind: Object.fromEntries(
      KINDS.map((kind, k) => {
        const members = [...flags.keys()].filter((r) => kinds[r] === k)
        const labels = Uint8Array.from(members, (r) => flags[r]!)
        return [kind, rocAuc({ scores: members.map((r) => values[r]!), labels })]
      }),
    ),
  }
}

/** Column quantiles of each kind, then edge cases: one transaction and nothing else, and a missing value. */
function goldenRows(rows: Float32Array): number[][] {
  const golden = KINDS.flatMap((_, kind) => {
    const members = Array.from({ length: rows.length / WIDTH }, (_, r) => r * WIDTH).filter(
      (start) => kindOf(rows, start) === kind,
    )
    return [0.1, 0.5, 0.9].map((share) =>
      names.map((_, f) => {
        const column = members.map((start) => rows[start + f]!).sort((a, b) => a - b)
        return column[Math.floor(share * (column.length - 1))]!
      }),
    )
  })
  const single = names.map<number>((name) =>
    name === 'transactionCount' || name === 'receivedCount' ? 1 : 0,
  )
  golden.push(single, single.with(names.indexOf('spanMin'), Number.NaN))
  return golden
}
