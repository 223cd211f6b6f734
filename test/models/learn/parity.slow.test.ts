/** Our learners beside scikit-learn's and XGBoost's on the same rows; skips, saying why, where those are not installed. */
import { expect, it } from 'vitest'
import { rankCorrelation } from '../../../src/math/rank-correlation'
import { rocAuc } from '../../../src/math/statistics'
import { trainBoost } from '../../../src/models/learn/boost'
import { stratifiedFolds } from '../../../src/models/learn/evaluate'
import { forestMargins } from '../../../src/models/learn/forest'
import { trainIsolation } from '../../../src/models/learn/isolation'
import { readActivities } from '../../../src/models/novelty/dataset'
import { takeRows } from '../../../src/models/novelty/fit'
import { fitScales, scaleRows } from '../../../src/models/novelty/scale'
import { noveltySpec } from '../../../src/models/novelty/spec'
import { dataPath, describeWithData } from '../../support/data'
import { pythonWith, referenceScores } from '../../support/reference-learners'

const file = 'accounts/ethereum-fraud-accounts.csv.gz'
const featureCount = noveltySpec.inputs.length

describeWithData('learners on the labelled accounts', [file], () => {
  const { rows, flags } = readActivities(dataPath(file)!)
  const folds = stratifiedFolds(flags, 5, 1)
  const part = (held: boolean) => {
    const numbers = [...flags.keys()].filter((r) => (folds[r] === 0) === held)
    return { rows: takeRows(rows, numbers), labels: Uint8Array.from(numbers, (r) => flags[r]!) }
  }
  const [train, test] = [part(false), part(true)]
  const boost = { rounds: 200, maxDepth: 6, minLeafRows: 20, lambda: 1, learningRate: 0.1 }

  it.for(['sklearn', 'xgboost'] as const)(
    'boosting is no more than 0.002 of AUC below %s',
    (library, context) => {
      const python = pythonWith(library)
      if (python === undefined)
        return context.skip(`no Python with ${library}; Debian: apt install python3-${library}`)
      const own = trainBoost(train, { ...boost, featureCount, rowShare: 1, featureShare: 1, seed: 1 }).forest
      const job = {
        ...boost,
        task: 'boost',
        library,
        featureCount,
        train: train.rows,
        labels: train.labels,
        test: test.rows,
      }
      const theirs = rocAuc({ scores: referenceScores(python, job), labels: test.labels })
      const ours = rocAuc({ scores: forestMargins(own, test.rows), labels: test.labels })
      console.log(`AUC ours ${ours.toFixed(4)}, ${library} ${theirs.toFixed(4)}`)
      expect(ours).toBeGreaterThan(theirs - 0.002)
    },
  )

  it('isolation-forest scores rank rows as scikit-learn’s do: correlation above 0.97', (context) => {
    const python = pythonWith('sklearn')
    if (python === undefined)
      return context.skip('no Python with sklearn; Debian: apt install python3-sklearn')
    const options = { trees: 300, sampleRows: 256 }
    const scaled = scaleRows(fitScales(rows), rows)
    const own = trainIsolation(scaled, { ...options, featureCount, seed: 1 })
    const theirs = referenceScores(python, {
      ...options,
      task: 'isolation',
      featureCount,
      train: scaled,
      test: scaled,
    })
    const rho = rankCorrelation(forestMargins(own.forest, scaled), theirs)
    console.log(`isolation forest: rank correlation ${rho.toFixed(4)} with scikit-learn`)
    expect(rho).toBeGreaterThan(0.97)
  })
})
