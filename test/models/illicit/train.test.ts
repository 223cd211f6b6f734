import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { type Accounts, readAccounts } from '../../../src/models/illicit/dataset'
import { illicitSpec } from '../../../src/models/illicit/spec'
import { illicitOptions, trainIllicit } from '../../../src/models/illicit/train'
import { modelBytes } from '../../../src/models/publish'
import { modelFolder } from '../../../src/models/registry'
import { dataPath, describeWithData } from '../../support/data'

const width = illicitSpec.inputs.length

/** Made-up accounts: the illicit ones live shorter and receive less. */
function madeUpAccounts(count: number): Accounts {
  const random = seededRandom(31)
  const labels = Uint8Array.from({ length: count }, () => (random() < 0.3 ? 1 : 0))
  const rows = Float32Array.from({ length: count * width }, (_, i) => {
    const illicit = labels[Math.floor(i / width)] === 1
    return Math.exp(random() * 6 - (illicit ? 1 : 0))
  })
  const counts = { read: count, withoutTransactions: 0, repeatedAddresses: 0, repeatedRows: 0 }
  return {
    rows,
    labels,
    counts: { ...counts, contradictingRows: 0, kept: count, illicit: 0 },
    fileSha256: '',
  }
}

it('training gives the same bytes and figures twice, and others for another seed', () => {
  const accounts = madeUpAccounts(600)
  const boost = { ...illicitOptions, rounds: 25 }
  const options = { folds: 3, draws: 20, boost }
  const [first, second] = [trainIllicit(accounts, options), trainIllicit(accounts, options)]
  expect(modelBytes(first)).toEqual(modelBytes(second))
  expect(first.metrics).toEqual(second.metrics)
  const other = trainIllicit(accounts, { ...options, boost: { ...boost, seed: 5 } })
  expect(Buffer.compare(modelBytes(first), modelBytes(other))).not.toBe(0)
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
