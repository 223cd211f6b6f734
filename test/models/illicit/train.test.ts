import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rocAuc, seededRandom } from '../../../src/math/statistics'
import { deriveInputs } from '../../../src/models/derive'
import { gatedForest, partOf } from '../../../src/models/gated'
import { clusterRows } from '../../../src/models/illicit/clusters'
import { coverForest } from '../../../src/models/illicit/cover'
import { type Accounts, readAccounts } from '../../../src/models/illicit/dataset'
import { redefine } from '../../../src/models/illicit/drift'
import { placeOf, tokenGroup, withoutGroup, withoutTokens } from '../../../src/models/illicit/groups'
import { mergeForests } from '../../../src/models/illicit/merge'
import {
  fullOptions,
  fullRows,
  plainOptions,
  plainRows,
  rawTreesOptions,
  trainFull,
  trainPlain,
} from '../../../src/models/illicit/parts'
import { illicitSpec } from '../../../src/models/illicit/spec'
import { foldStumps } from '../../../src/models/illicit/stumps'
import { trainIllicit } from '../../../src/models/illicit/train'
import { weightedAuc } from '../../../src/models/illicit/transfer'
import { trainBoost } from '../../../src/models/learn/boost'
import { forestMargins, leafContributions, leafOf } from '../../../src/models/learn/forest'
import { treeShap } from '../../../src/models/learn/shap'
import { modelBytes } from '../../../src/models/publish'
import { modelFolder } from '../../../src/models/registry'
import { dataPath, describeWithData } from '../../support/data'

const width = illicitSpec.inputs.length
const placesOfTokens = new Set(tokenGroup)

/** Made-up accounts: the illicit ones live shorter and receive less; a third have copies. */
function madeUpAccounts(count: number): Accounts {
  const random = seededRandom(31)
  const labels = Uint8Array.from({ length: count }, () => (random() < 0.3 ? 1 : 0))
  const rows = new Float32Array(count * width)
  for (let r = 0; r < count; r++) {
    const row = illicitSpec.inputs.map(({ derived }) =>
      derived ? Number.NaN : Math.exp(random() * 6 - (labels[r] === 1 ? 1 : 0)),
    )
    deriveInputs(illicitSpec, row)
    rows.set(row, r * width)
  }
  const counts = { read: count, withoutTransactions: 0, repeatedAddresses: 0, repeatedRows: 0 }
  return {
    rows,
    labels,
    weights: Float64Array.from(labels, (_, r) => (r % 3 === 0 ? 0.5 : 1)),
    entities: Int32Array.from(labels, (_, r) => r),
    counts: { ...counts, contradictingRows: 0, kept: count, illicit: 0, entities: count },
    fileSha256: '',
  }
}

const quick = {
  folds: 3,
  draws: 20,
  full: { ...fullOptions, rounds: 20 },
  plain: { ...plainOptions, rounds: 40, minLeafRows: 20 },
  rawTrees: { ...rawTreesOptions, rounds: 10 },
  clusterings: [{ k: 2, seed: 1 }],
}

it('training gives the same bytes and figures twice, and others for another seed', () => {
  const accounts = madeUpAccounts(300)
  const [first, second] = [trainIllicit(accounts, quick), trainIllicit(accounts, quick)]
  expect(modelBytes(first)).toEqual(modelBytes(second))
  expect(first.metrics).toEqual(second.metrics)
  const other = trainIllicit(accounts, { ...quick, full: { ...quick.full, seed: 5 } })
  expect(Buffer.compare(modelBytes(first), modelBytes(other))).not.toBe(0)
})

describe('the two parts of the model', () => {
  const accounts = madeUpAccounts(800)
  const full = { forest: trainFull(accounts, quick.full), slope: 1.1, intercept: 0.2 }
  const plain = { forest: trainPlain(accounts, quick.plain), slope: 0.9, intercept: -0.3 }
  const merged = mergeForests({ gate: placeOf('tokenTransferCount'), full, plain, rows: accounts.rows })

  it('answer as one: full where token columns are there, plain where they are not', () => {
    for (const [part, rows] of [
      [full, accounts.rows],
      [plain, withoutTokens(accounts.rows)],
    ] as const) {
      const alone = forestMargins(part.forest, rows)
      forestMargins(merged, rows).forEach((margin, i) => {
        expect(margin).toBeCloseTo(alone[i]! * part.slope + part.intercept, 4)
      })
    }
  })

  it('do not count the absence of tokens for or against an account', () => {
    const gate = placeOf('tokenTransferCount')
    const rows = withoutTokens(accounts.rows)
    const tables = merged.trees.map((tree) => leafContributions(tree, width))
    for (let r = 0; r < 50; r++) {
      merged.trees.forEach((tree, t) => {
        expect(tables[t]!.get(leafOf(tree, rows, r * width))![gate]).toBe(0)
      })
    }
  })

  describe('explained exactly', () => {
    const [fullPart, plainPart] = [fullRows(accounts, quick.full), plainRows(accounts, quick.plain)]
    const forest = coverForest(merged, [fullPart, plainPart])
    const trees = forest.trees.map((tree) => ({ ...tree, cover: tree.cover! }))
    const gated = gatedForest({ ...forest, trees })!
    const explain = (row: Float32Array) => treeShap(partOf(gated, row), row)

    it('add up to the margin within 1e-9, with tokens and without', () => {
      for (const rows of [accounts.rows, withoutTokens(accounts.rows)]) {
        const margins = forestMargins(merged, rows)
        for (let r = 0; r < 60; r++) {
          const { bias, contributions } = explain(rows.slice(r * width, (r + 1) * width))
          expect(Math.abs(contributions.reduce((sum, c) => sum + c, bias) - margins[r]!)).toBeLessThan(1e-9)
        }
      }
    })

    it('expect of nobody in particular what they say on average of what they learnt from', () => {
      for (const { rows, weights } of [fullPart, plainPart]) {
        const margins = forestMargins(merged, rows)
        const total = weights!.reduce((sum, weight) => sum + weight, 0)
        const mean = margins.reduce((sum, margin, r) => sum + margin * weights![r]!, 0) / total
        expect(explain(rows.slice(0, width)).bias).toBeCloseTo(mean, 4)
      }
    })

    it('do not count the absence of tokens for or against an account', () => {
      const rows = withoutTokens(accounts.rows)
      for (let r = 0; r < 60; r++) {
        const { contributions } = explain(rows.slice(r * width, (r + 1) * width))
        for (const place of tokenGroup) expect(contributions[place]).toBe(0)
      }
    })
  })

  it('never reads outside its columns in the plain part', () => {
    const allowed = new Set(plainOptions.usable)
    for (const tree of plain.forest.trees) {
      for (const feature of tree.feature) if (feature >= 0) expect(allowed.has(feature)).toBe(true)
    }
  })

  it('fold into one tree a feature without a change', () => {
    const options = { ...quick.plain, rounds: 60, seed: 3 }
    const stumps = trainBoost({ rows: accounts.rows, labels: accounts.labels }, options).forest
    const folded = foldStumps(stumps)
    expect(folded.trees.length).toBeLessThan(stumps.trees.length / 2)
    const rows = withoutGroup(accounts.rows, 'received')
    for (const some of [accounts.rows, rows]) {
      const before = forestMargins(stumps, some)
      forestMargins(folded, some).forEach((margin, i) => {
        expect(margin).toBeCloseTo(before[i]!, 5)
      })
    }
    expect(() => foldStumps(full.forest)).toThrow('not one split')
  })
})

it('an AUC with weights counts a row of weight 2 as two rows', () => {
  const scores = Float64Array.of(1, 2, 2, 3, 4, 2)
  const labels = Uint8Array.of(0, 1, 0, 0, 1, 0)
  const weights = Float64Array.of(1, 1, 2, 1, 1, 0)
  const doubled = { scores: [1, 2, 2, 2, 3, 4], labels: [0, 1, 0, 0, 0, 1] }
  expect(weightedAuc(scores, labels, weights, [0, 1, 2, 3, 4, 5])).toBeCloseTo(rocAuc(doubled), 12)
})

it('another collector changes what it defines and derives shares from that', () => {
  const { rows } = madeUpAccounts(50)
  const seen = new Set<number>()
  for (let seed = 0; seed < 8; seed++) {
    const there = redefine(rows, seed)
    expect(redefine(rows, seed)).toEqual(there)
    there.forEach((x, i) => {
      const place = i % width
      if (placesOfTokens.has(place)) expect(x).toBeNaN()
      else if (x !== rows[i]) seen.add(place)
    })
  }
  for (const name of [
    'sentCount',
    'avgSentGapMin',
    'spanMin',
    'totalSentEth',
    'netEth',
    'uniqueSendersPerReceived',
  ]) {
    expect(seen.has(placeOf(name)), name).toBe(true)
  }
})

it('clusters find groups that lie apart, the same ones for the same seed', () => {
  const rows = Float32Array.from({ length: 300 }, (_, i) => (i < 150 ? 1 : 1000) * (1 + (i % 7) / 10))
  const options = { rows, width: 1, members: [...rows.keys()], columns: [0], k: 2, seed: 4 }
  const found = clusterRows(options)
  expect(new Set(found.subarray(0, 150)).size).toBe(1)
  expect(found[0]).not.toBe(found[299])
  expect(clusterRows(options)).toEqual(found)
})

describeWithData('the labelled accounts', ['accounts/ethereum-fraud-accounts.csv.gz'], () => {
  it('are cleaned as metrics.json records', () => {
    const accounts = readAccounts(dataPath('accounts/ethereum-fraud-accounts.csv.gz')!)
    const metrics = JSON.parse(readFileSync(join(modelFolder('illicit'), 'metrics.json'), 'utf8'))
    expect(accounts.counts).toEqual(metrics.data.counts)
    expect(accounts.fileSha256).toBe(metrics.data.sha256)
    const count = illicitSpec.inputs.findIndex((input) => input.name === 'transactionCount')
    const seen = new Set<string>()
    for (let r = 0; r < accounts.labels.length; r++) {
      const row = accounts.rows.subarray(r * width, (r + 1) * width)
      expect(row[count]).toBeGreaterThan(0)
      seen.add(row.join())
    }
    expect(seen.size).toBe(accounts.labels.length)
  })
})
