/**
 * Trains `liquidation`. Three candidates of rising complexity: the health factor alone, the distance in standard
 * deviations alone, and all inputs, each a logistic regression whose weights may only have the sign that common sense
 * gives them. Judged by rolling origin: the snapshots of a date are predicted by what could be learnt before it, that
 * is from snapshots whose 30 days were over by then (the embargo), and from other vaults only. The distance is served
 * unless its paired AUC interval against the ratio lies below zero; all inputs only if theirs against it lies above.
 * The raw ratio and the raw structural probability stand beside as baselines that need no fitting.
 */
import { rank } from '../../math/ranks'
import { bootstrapInterval, pickScored, rocAuc } from '../../math/statistics'
import { type Measured, measure, selectRows } from '../learn/evaluate'
import { trainLogistic } from '../learn/logistic'
import { sigmoidCurve } from '../onnx/curve'
import { type LinearModel, linearMargin } from '../onnx/linear'
import type { Trained } from '../publish'
import { liquidationAudit } from './audit'
import { HORIZON_SEC, type Snapshots } from './dataset'
import { liquidationRow } from './features'
import { liquidationSpec } from './spec'

const names = liquidationSpec.inputs.map((input) => input.name)
const WIDTH = names.length
/** Sign that each weight may have, in spec order. */
const signs = [-1, 1, -1, 1, 1]
const L2 = 1
const SEED = 20_262
const VAULT_FOLDS = 5
/** No date is judged before this many positive snapshots could be learnt from. */
const MIN_POSITIVES = 3

/** From simple to complex. */
const candidates: Record<string, string[]> = {
  ratio: ['logHealthFactor'],
  distance: ['distance30d'],
  full: names,
}

/** Trains and evaluates; deterministic, a minute at most. Throws when no date can be judged. */
export function trainLiquidation(
  data: Snapshots,
  { draws = 1000, log = () => undefined }: { draws?: number; log?: (line: string) => void } = {},
): Trained {
  const judged = rollingOrigin(data)
  if (judged.rows.length === 0)
    throw new Error('no snapshot has enough past to be judged; more history is needed')
  const labels = Uint8Array.from(judged.rows, (r) => data.labels[r]!)
  const clusters = judged.rows.map((r) => data.vaults[r]!)
  const options = { clusters, draws, seed: SEED }
  const metrics = Object.fromEntries(
    Object.keys(candidates).map((name) => [name, measure({ scores: judged.scores[name]!, labels }, options)]),
  )
  const structural = Float64Array.from(
    judged.rows,
    (r) => data.rows[r * WIDTH + names.indexOf('firstPassage30d')]!,
  )
  const ratio = Float64Array.from(judged.rows, (r) => -data.rows[r * WIDTH]!)
  const pair = (a: Float64Array, b: Float64Array) => pairedAuc(a, b, { labels, ...options })
  const paired = {
    distanceOverRatio: pair(judged.scores.distance!, judged.scores.ratio!),
    fullOverRatio: pair(judged.scores.full!, judged.scores.ratio!),
    fullOverDistance: pair(judged.scores.full!, judged.scores.distance!),
    structuralOverRatio: pair(structural, ratio),
  }
  const served = choose(paired)
  for (const [name, { auc }] of Object.entries(metrics)) log(`${name}: AUC ${auc.value.toFixed(3)}`)
  log(`served: ${served}`)
  const linear = fitCandidate(data, candidates[served]!, () => true)
  return {
    spec: liquidationSpec,
    body: { kind: 'linear', linear },
    curve: sigmoidCurve({ slope: 1, intercept: 0 }),
    metrics: {
      data: { files: data.files, counts: data.counts, fromSec: data.fromSec, untilSec: data.untilSec },
      features: names,
      split: splitText(judged, data, labels),
      intervals: `95 %, percentile bootstrap by vault, ${draws} draws`,
      seed: SEED,
      options: { l2: L2, signs, vaultFolds: VAULT_FOLDS, candidates },
      served,
      weights: Object.fromEntries(names.map((name, i) => [name, linear.weight[i]!])),
      metrics: metrics[served]!,
      candidates: metrics,
      baselines: {
        collateralRatio: measure({ scores: ratio, labels }, options).auc,
        structural: measure({ scores: structural, labels }, options),
      },
      pairedAuc: paired,
      ...liquidationAudit(data, { rows: judged.rows, scores: judged.scores[served]! }, linear),
    },
    goldenRows: goldenRows(),
  }
}

type Paired = Measured
type Judged = { rows: number[]; scores: Record<string, Float64Array> }

/** Predicts every date's snapshots from other vaults' finished past. */
function rollingOrigin(data: Snapshots): Judged {
  const foldOf = vaultFolds(data.vaults)
  const rows: number[] = []
  const found: Record<string, number[]> = Object.fromEntries(
    Object.keys(candidates).map((name) => [name, []]),
  )
  for (const timeSec of [...new Set(data.timesSec)]) {
    for (let fold = 0; fold < VAULT_FOLDS; fold++) {
      const past = (i: number) => data.timesSec[i]! + HORIZON_SEC <= timeSec && foldOf[i] !== fold
      const positives = data.labels.filter((label, i) => label === 1 && past(i)).length
      if (positives < MIN_POSITIVES) continue
      const judged = [...data.labels.keys()].filter((i) => data.timesSec[i] === timeSec && foldOf[i] === fold)
      rows.push(...judged)
      for (const [name, inputs] of Object.entries(candidates)) {
        const model = fitCandidate(data, inputs, past)
        for (const r of judged) found[name]!.push(sigmoid(linearMargin(model, rowOf(data, r))))
      }
    }
  }
  return {
    rows,
    scores: Object.fromEntries(Object.entries(found).map(([name, list]) => [name, Float64Array.from(list)])),
  }
}

/** A logistic regression on some inputs; the others get weight 0. */
function fitCandidate(
  data: Snapshots,
  inputs: readonly string[],
  keep: (row: number) => boolean,
): LinearModel {
  const train = selectRows(data, WIDTH, keep)
  const columns = inputs.map((name) => names.indexOf(name))
  const narrow = new Float32Array(train.labels.length * columns.length)
  for (let r = 0; r < train.labels.length; r++) {
    columns.forEach((from, to) => {
      narrow[r * columns.length + to] = train.rows[r * WIDTH + from]!
    })
  }
  const small = trainLogistic(
    { rows: narrow, labels: train.labels },
    { featureCount: columns.length, l2: L2, signs: columns.map((c) => signs[c]!) },
  )
  const weight = new Array<number>(WIDTH).fill(0)
  const mean = new Array<number>(WIDTH).fill(0)
  columns.forEach((column, i) => {
    weight[column] = small.weight[i]!
    mean[column] = small.mean[i]!
  })
  return { weight, mean, bias: small.bias }
}

/** Distance by default: its unit carries over to collateral of another volatility, which a bare ratio's does not. */
function choose({
  distanceOverRatio,
  fullOverDistance,
}: {
  distanceOverRatio: Paired
  fullOverDistance: Paired
}): string {
  if (fullOverDistance.low > 0) return 'full'
  return distanceOverRatio.high < 0 ? 'ratio' : 'distance'
}

function pairedAuc(
  a: Float64Array,
  b: Float64Array,
  { labels, ...options }: { labels: Uint8Array; clusters: string[]; draws: number; seed: number },
): Paired {
  const all = Int32Array.from(labels.keys())
  const [first, second] = [a, b].map((scores) => ({ scores, labels, ranked: rank(scores) }))
  const statistic = (rows: Int32Array) => rocAuc(pickScored(first!, rows)) - rocAuc(pickScored(second!, rows))
  return { value: statistic(all), ...bootstrapInterval({ ...options, statistic }) }
}

/** Vault number modulo the folds: all snapshots of a vault share one. */
function vaultFolds(vaults: readonly string[]): Uint8Array {
  return Uint8Array.from(vaults, (vault) => Number(vault) % VAULT_FOLDS)
}

function rowOf(data: Snapshots, row: number): Float32Array {
  return data.rows.subarray(row * WIDTH, (row + 1) * WIDTH)
}

function sigmoid(margin: number): number {
  return 1 / (1 + Math.exp(-margin))
}

function splitText(judged: Judged, data: Snapshots, labels: Uint8Array): string {
  const day = (sec: number) => new Date(sec * 1000).toISOString().slice(0, 10)
  const times = judged.rows.map((r) => data.timesSec[r]!)
  const positive = judged.rows.filter((_, i) => labels[i] === 1)
  const hit = new Set(positive.map((r) => data.vaults[r]!)).size
  return (
    `rolling origin over weekly snapshots ${day(Math.min(...times))} to ${day(Math.max(...times))}, 30-day embargo, ` +
    `${VAULT_FOLDS} vault folds; judged ${judged.rows.length} snapshots of ${new Set(judged.rows.map((r) => data.vaults[r]!)).size} vaults, ` +
    `${positive.length} positive of ${hit} vaults`
  )
}

/** From hopeless to safe, and a position without debt. */
function goldenRows(): number[][] {
  const at = (healthFactor: number, volatility: number) =>
    liquidationRow({ healthFactor, debtValue: 100, collateralValue: 130 * healthFactor, volatility })
  return [
    at(0.95, 0.9),
    at(1, 0.9),
    at(1.05, 0.5),
    at(1.3, 1.2),
    at(2, 0.9),
    at(20, 0.3),
    at(Number.POSITIVE_INFINITY, 1),
  ]
}
