/** Files of a version of `credit` that a test makes: a linear model with weights of its own, figures and a card. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cardTable } from '../../src/models/card'
import { creditSpec } from '../../src/models/credit/spec'
import { sigmoidCurve } from '../../src/models/onnx/curve'
import { publishModel, type Trained } from '../../src/models/publish'

export interface Made {
  folder: string
  cardPath: string
  sha256: string
}

const names = creditSpec.inputs.map((input) => input.name)

/** What a trainer would give. The same arguments give the same files. */
export function madeModel({ weight, auc = 0.9 }: { weight: number; auc?: number }): Trained {
  const rows = Float32Array.from({ length: 200 * names.length }, (_, i) => ((i * 37) % 101) / 50)
  const horizon = sigmoidCurve({ slope: 1, intercept: 0 })
  return {
    spec: creditSpec,
    body: {
      kind: 'linear',
      linear: { weight: names.map((_, i) => (i === 0 ? -weight : 0)), mean: names.map(() => 0), bias: -1 },
    },
    curve: horizon,
    further: { p1d: horizon, p7d: horizon, p30d: horizon },
    metrics: {
      data: { files: { made: 'a'.repeat(64) }, counts: { rows: 200 } },
      features: names,
      split: 'made for a test, no split',
      intervals: 'made for a test',
      seed: 1,
      metrics: {
        auc: { value: auc, low: auc - 0.01, high: auc + 0.01 },
        ece: { value: 0.01, low: 0.005, high: 0.02 },
      },
    },
    trainingRows: rows,
    goldenRows: [0.1, 0.5, 1, 2, 4, 8].map((x) => names.map(() => x)),
  }
}

/** Writes the files into a folder of their own, with a card whose table is that of the figures. */
export function makeVersion(options: { weight: number; auc?: number }): Made {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-version-'))
  const sha256 = publishModel(madeModel(options), folder)
  const cardPath = join(folder, 'card.md')
  const metrics = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'))
  writeFileSync(cardPath, `# Made\n\n${cardTable(metrics)}\n\n## Limits\n`)
  return { folder, cardPath, sha256 }
}
