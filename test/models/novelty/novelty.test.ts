import { beforeAll, describe, expect, it } from 'vitest'
import { accountColumns } from '../../../src/features/account'
import { rocAuc, seededRandom } from '../../../src/math/statistics'
import { noveltyScores } from '../../../src/models/novelty/body'
import type { Activities } from '../../../src/models/novelty/dataset'
import { fitNovelty, noveltyOptions } from '../../../src/models/novelty/fit'
import { KINDS, kindOf } from '../../../src/models/novelty/kinds'
import { PLANTS, plantAnomalies } from '../../../src/models/novelty/plant'
import { noveltySpec } from '../../../src/models/novelty/spec'
import { trainNovelty } from '../../../src/models/novelty/train'
import { modelBytes } from '../../../src/models/publish'

const names = noveltySpec.inputs.map((input) => input.name)
const WIDTH = names.length
const at = (name: string) => names.indexOf(name)

/** Made-up lives: a few sizes, amounts and rhythms that hang together. */
function madeUp(count: number, seed = 31): Activities {
  const random = seededRandom(seed)
  const rows = new Float32Array(count * WIDTH)
  for (let r = 0; r < count; r++) {
    const size = Math.exp(random() * 5)
    const [sent, received] = [
      Math.ceil(size * 10 ** (random() * 2 - 1)),
      Math.ceil(size * 10 ** (random() * 2 - 1)),
    ]
    const created = random() < 0.2 ? 1 + Math.floor(random() * 4) : 0
    const [avgOut, avgIn] = [Math.exp(random() * 3), Math.exp(random() * 3)]
    const gap = Math.exp(random() * 6)
    const life: Record<string, number> = {
      avgSentGapMin: gap,
      avgReceivedGapMin: gap * (1 + random()),
      spanMin: gap * (sent + received),
      sentCount: sent,
      receivedCount: received,
      createdCount: created,
      uniqueSendersCount: Math.ceil(received * random()),
      uniqueRecipientsCount: Math.ceil(sent * random()),
      minReceivedEth: avgIn / 10,
      maxReceivedEth: avgIn * 5,
      avgReceivedEth: avgIn,
      minSentEth: avgOut / 10,
      maxSentEth: avgOut * 5,
      avgSentEth: avgOut,
      transactionCount: sent + received + created,
      totalSentEth: avgOut * sent,
      totalReceivedEth: avgIn * received,
      netEth: avgIn * received - avgOut * sent,
    }
    rows.set(
      names.map((name) => life[name]!),
      r * WIDTH,
    )
  }
  const counts = {
    read: count,
    withoutTransactions: 0,
    repeatedAddresses: 0,
    repeatedRows: 0,
    incompleteRows: 0,
  }
  const flags = Uint8Array.from({ length: count }, () => (random() < 0.3 ? 1 : 0))
  return { rows, flags, counts: { ...counts, kept: count }, fileSha256: '' }
}

const options = { ...noveltyOptions, trees: 12, epochs: 12 }

describe('kinds', () => {
  const row = (sent: number, received: number, created = 0) => {
    const values = new Float32Array(WIDTH)
    values[at('sentCount')] = sent
    values[at('receivedCount')] = received
    values[at('createdCount')] = created
    return KINDS[kindOf(values)]
  }
  it('follow the rule at its edges', () => {
    expect([row(1, 4), row(1, 3), row(4, 1), row(3, 1)]).toEqual(['receiving', 'mixed', 'sending', 'mixed'])
    expect([row(0, 1), row(1, 0), row(0, 0, 1), row(9, 9, 1)]).toEqual([
      'receiving',
      'sending',
      'creating',
      'creating',
    ])
    expect([row(0, 0), row(Number.NaN, 1)]).toEqual(['receiving', 'mixed'])
  })
})

describe('a fitted novelty model', () => {
  const { rows } = madeUp(1500)
  const fresh = madeUp(600, 77).rows
  let parts: Awaited<ReturnType<typeof fitNovelty>>['parts']
  beforeAll(async () => {
    parts = (await fitNovelty(rows, options)).parts
  })

  it('takes inputs that the account group has', () => {
    for (const name of names) expect(accountColumns).toContain(name)
  })

  it('finds each kind of planted anomaly among accounts that it was not fitted on', () => {
    const honest = noveltyScores(parts, fresh).values
    for (const plant of PLANTS) {
      const planted = noveltyScores(parts, plantAnomalies(fresh, { plant, seed: 1 })).values
      const labels = new Uint8Array(1200).fill(1, 600)
      expect(rocAuc({ scores: [...honest, ...planted], labels })).toBeGreaterThan(0.55)
    }
  })

  it('plants without moving an account to other peers', () => {
    for (const plant of PLANTS) {
      const planted = plantAnomalies(fresh, { plant, seed: 1 })
      for (let start = 0; start < fresh.length; start += WIDTH)
        expect(kindOf(planted, start)).toBe(kindOf(fresh, start))
      expect(planted).not.toEqual(fresh)
    }
  })

  it('says what share of its own kind is less unusual', () => {
    const { values, margins, kinds } = noveltyScores(parts, rows)
    for (let r = 0; r < 200; r++) {
      const peers = margins.filter((_, other) => kinds[other] === kinds[r])
      const share = peers.filter((margin) => margin < margins[r]!).length / peers.length
      expect(Math.abs(values[r]! - share)).toBeLessThan(0.03)
    }
  })

  it('gives contributions that add up to the margin exactly', () => {
    const { margins, contributions } = noveltyScores(parts, fresh)
    margins.forEach((margin, r) => {
      expect(contributions.subarray(r * WIDTH, (r + 1) * WIDTH).reduce((sum, c) => sum + c, 0)).toBe(margin)
    })
  })

  it('never read a label: other labels give the same file', async () => {
    const accounts = madeUp(900)
    const training = { options: { ...options, epochs: 3 }, seeds: 1, draws: 10 }
    const first = await trainNovelty(accounts, training)
    const other = await trainNovelty({ ...accounts, flags: accounts.flags.map((flag) => 1 - flag) }, training)
    expect(modelBytes(other)).toEqual(modelBytes(first))
    const labelAuc = (metrics: Record<string, unknown>) => (metrics.labels as { auc: number }).auc
    expect(labelAuc(other.metrics)).toBeCloseTo(1 - labelAuc(first.metrics), 9)
  })

  it('refuses a kind without peers', async () => {
    await expect(fitNovelty(madeUp(60).rows, { ...options, epochs: 1 })).rejects.toThrow('too few for peers')
  })
})
