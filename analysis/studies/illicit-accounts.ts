/** Ranks accounts within groups of like activity, so that the score is not just a measure of how busy an account is. */
import type { DataFrame } from 'danfojs-node'
import { rankBins, readFrame, rowsOf } from '../frames'
import type { Study } from '../study'

const ACTIVITY = ['least active', 'less active', 'more active', 'most active']
const SCORE_BINS = 5

export function illicitAccounts(): Study {
  const accounts = readFrame('illicit-accounts')
  const counts = accounts.column('transactionCount').values as number[]
  const activity = rankBins(counts, ACTIVITY.length)
  const score = accounts.column('score').values as number[]
  accounts.addColumn('activity', activity, { inplace: true })
  accounts.addColumn('scoreBin', rankBins(score, SCORE_BINS), { inplace: true })
  const grouped = accounts.groupby(['activity', 'scoreBin']).agg({ label: ['mean', 'count'], score: 'mean' })
  const table = tableOf(grouped)
  return {
    name: 'illicit-accounts',
    question: 'Does the illicit score still rank accounts within groups of like activity?',
    table,
    plot: {
      title: 'Reported accounts by score, within quarters of activity (out of fold)',
      width: 420,
      height: 280,
      background: 'white',
      data: { values: [...table] },
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'scoreFifth',
          type: 'ordinal',
          title: 'fifth of all accounts by score (1 is the lowest)',
        },
        y: { field: 'reportedShare', type: 'quantitative', title: 'share reported', axis: { format: '%' } },
        color: { field: 'activity', type: 'nominal', sort: ACTIVITY, title: 'transactions' },
      },
    },
  }
}

function tableOf(grouped: DataFrame): Study['table'] {
  return rowsOf(grouped)
    .map((row) => ({
      activityRank: Number(row.activity),
      activity: ACTIVITY[Number(row.activity)]!,
      scoreFifth: Number(row.scoreBin) + 1,
      accounts: Number(row.label_count),
      meanScore: Number(row.score_mean),
      reportedShare: Number(row.label_mean),
    }))
    .sort((a, b) => a.activityRank - b.activityRank || a.scoreFifth - b.scoreFifth)
    .map(({ activityRank: _, ...row }) => row)
}
