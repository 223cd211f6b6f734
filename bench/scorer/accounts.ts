/** A batch of made accounts for the scorer's bench. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { featureTable } from '../../src/features/table'
import { seededRandom } from '../../src/math/statistics'
import { modelFolder } from '../../src/models/registry'
import type { ModelRuntime } from '../../src/models/session'
import { ACCOUNT_MODEL } from '../../src/scorer/round'
import type { ScoreBatch } from '../../src/scorer/score-batch'

/** Accounts between the golden rows, which are quantiles of real ones: every number drawn between two of its column. */
export function makeBatch(
  runtime: ModelRuntime,
  { accounts, seed, chainId }: { accounts: number; seed: number; chainId: number },
): ScoreBatch {
  const model = runtime.models[ACCOUNT_MODEL]!
  const names = model.spec.inputs.map((input) => input.name)
  const golden: { rows: { features: (number | null)[] }[] } = JSON.parse(
    readFileSync(join(modelFolder(ACCOUNT_MODEL), 'golden.json'), 'utf8'),
  )
  const columns = names.map((_, c) => golden.rows.flatMap((row) => row.features[c] ?? []))
  const random = seededRandom(seed)
  const features = new Float32Array(accounts * names.length)
  for (let i = 0; i < features.length; i++) {
    const column = columns[i % names.length]!
    const [a, b] = [
      column[Math.floor(random() * column.length)]!,
      column[Math.floor(random() * column.length)]!,
    ]
    features[i] = a + (b - a) * random()
  }
  const atLeast = names.indexOf('transactionCount')
  for (let row = 0; row < accounts; row++) {
    const at = row * names.length + atLeast
    features[at] = Math.max(1, features[at]!)
  }
  const subjectIds = Array.from(
    { length: accounts },
    (_, i) => `${chainId}:0x${(BigInt(i) * 0x1357_9bdf_0246_8acen).toString(16).padStart(40, '0')}`,
  ).sort()
  const at = {
    chainId,
    height: 1000,
    hash: `0x${'ab'.repeat(32)}` as const,
    timestampSec: 1_700_000_000,
  }
  const table = featureTable('account', names, [], [])
  return { model, kind: 'account', at, table, subjectIds, accountIds: subjectIds, features }
}
