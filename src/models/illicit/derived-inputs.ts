/**
 * Inputs of `illicit` that follow from its raw ones. Shares and ratios do not change with units and hardly with what a
 * collector counts, so they carry over to accounts gathered by others; those in `fineInputs` fit one collection more
 * closely and serve only where token columns come with the row.
 */
import type { FeatureInput } from '../spec'

export const shareInputs: readonly FeatureInput[] = [
  {
    name: 'uniqueSendersPerReceived',
    unit: '1',
    description: 'share of received transactions that came from a new sender. −1 when the divisor is 0.',
    derived: ['/', 'uniqueSendersCount', 'receivedCount'],
  },
  {
    name: 'uniqueRecipientsPerSent',
    unit: '1',
    description: 'share of sent transactions that went to a new recipient. −1 when the divisor is 0.',
    derived: ['/', 'uniqueRecipientsCount', 'sentCount'],
  },
  {
    name: 'receivedShare',
    unit: '1',
    description: 'received among sent and received transactions. −1 when the divisor is 0.',
    derived: ['/', 'receivedCount', ['+', 'sentCount', 'receivedCount']],
  },
  {
    name: 'sendersShare',
    unit: '1',
    description: 'senders among senders and recipients. −1 when the divisor is 0.',
    derived: ['/', 'uniqueSendersCount', ['+', 'uniqueSendersCount', 'uniqueRecipientsCount']],
  },
  {
    name: 'sentPerReceivedEth',
    unit: '1',
    description: 'ether sent for each ether received. −1 when the divisor is 0.',
    derived: ['/', 'totalSentEth', 'totalReceivedEth'],
  },
  {
    name: 'minPerAvgReceived',
    unit: '1',
    description: 'smallest over mean value received. −1 when the divisor is 0.',
    derived: ['/', 'minReceivedEth', 'avgReceivedEth'],
  },
  {
    name: 'avgPerMaxReceived',
    unit: '1',
    description: 'mean over largest value received. −1 when the divisor is 0.',
    derived: ['/', 'avgReceivedEth', 'maxReceivedEth'],
  },
  {
    name: 'maxPerTotalSent',
    unit: '1',
    description: 'largest over total value sent. −1 when the divisor is 0.',
    derived: ['/', 'maxSentEth', 'totalSentEth'],
  },
  {
    name: 'avgSentPerAvgReceived',
    unit: '1',
    description: 'mean value sent over mean value received. −1 when the divisor is 0.',
    derived: ['/', 'avgSentEth', 'avgReceivedEth'],
  },
  {
    name: 'receivedGapShare',
    unit: '1',
    description: 'share of the span between first and last received. −1 when the divisor is 0.',
    derived: ['/', ['*', 'avgReceivedGapMin', 'receivedCount'], 'spanMin'],
  },
  {
    name: 'sentGapShare',
    unit: '1',
    description: 'share of the span between first and last sent. −1 when the divisor is 0.',
    derived: ['/', ['*', 'avgSentGapMin', 'sentCount'], 'spanMin'],
  },
  {
    name: 'spanPerTransactionMin',
    unit: 'minutes',
    description: 'span over number of transactions. −1 when the divisor is 0.',
    derived: ['/', 'spanMin', 'transactionCount'],
  },
]

export const fineInputs: readonly FeatureInput[] = [
  {
    name: 'netPerSentEth',
    unit: 'ether',
    description: 'netEth for each sent transaction. −1 when the divisor is 0.',
    derived: ['/', 'netEth', 'sentCount'],
  },
  {
    name: 'notReceivingMin',
    unit: 'minutes',
    description: 'span outside the time between first and last received.',
    derived: ['-', 'spanMin', ['*', 'avgReceivedGapMin', 'receivedCount']],
  },
  {
    name: 'notSendingMin',
    unit: 'minutes',
    description: 'span outside the time between first and last sent.',
    derived: ['-', 'spanMin', ['*', 'avgSentGapMin', 'sentCount']],
  },
  {
    name: 'avgDifferenceEth',
    unit: 'ether',
    description: 'mean value received − mean value sent.',
    derived: ['-', 'avgReceivedEth', 'avgSentEth'],
  },
  {
    name: 'minDifferenceEth',
    unit: 'ether',
    description: 'smallest value received − smallest value sent.',
    derived: ['-', 'minReceivedEth', 'minSentEth'],
  },
  {
    name: 'maxDifferenceEth',
    unit: 'ether',
    description: 'largest value received − largest value sent.',
    derived: ['-', 'maxReceivedEth', 'maxSentEth'],
  },
  {
    name: 'otherReceivedEth',
    unit: 'ether',
    description: 'total received − largest value received.',
    derived: ['-', 'totalReceivedEth', 'maxReceivedEth'],
  },
  {
    name: 'avgOtherReceivedEth',
    unit: 'ether',
    description: 'mean of received values but the largest. −1 when the divisor is 0.',
    derived: ['/', ['-', 'totalReceivedEth', 'maxReceivedEth'], ['-', 'receivedCount', 1]],
  },
  {
    name: 'minReceivedDecimals',
    unit: 'count',
    description: 'decimals of the smallest value received in ether, rounded to 6: how round the amount is.',
    derived: ['decimals', 'minReceivedEth', 6],
  },
  {
    name: 'maxReceivedDecimals',
    unit: 'count',
    description: 'decimals of the largest value received in ether, rounded to 6: how round the amount is.',
    derived: ['decimals', 'maxReceivedEth', 6],
  },
  {
    name: 'minSentDecimals',
    unit: 'count',
    description: 'decimals of the smallest value sent in ether, rounded to 6: how round the amount is.',
    derived: ['decimals', 'minSentEth', 6],
  },
  {
    name: 'maxSentDecimals',
    unit: 'count',
    description: 'decimals of the largest value sent in ether, rounded to 6: how round the amount is.',
    derived: ['decimals', 'maxSentEth', 6],
  },
  {
    name: 'totalReceivedDecimals',
    unit: 'count',
    description: 'decimals of the total received in ether, rounded to 6: how round the amount is.',
    derived: ['decimals', 'totalReceivedEth', 6],
  },
]
