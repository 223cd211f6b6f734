/**
 * `novelty`: how unusual an account's life in plain native-coin transactions is among accounts of its kind of activity.
 * Learnt from unlabelled accounts. It is no claim of guilt: the richest honest account is unusual, and a fraud that does
 * what everybody does is not. Detectors use it as a multiplier, never as a trigger.
 *
 * The inputs are the account group's (src/features/account.ts; definitions at the head of src/models/illicit/spec.ts).
 */
import type { ModelSpec } from '../spec'

export const noveltySpec: ModelSpec = {
  name: 'novelty',
  version: '1.0.0',
  group: 'account',
  inputs: [
    {
      name: 'avgSentGapMin',
      unit: 'minutes',
      description: '(time of last sent − time of first sent) / number of sent; 0 with fewer than two sent.',
    },
    {
      name: 'avgReceivedGapMin',
      unit: 'minutes',
      description:
        '(time of last received − time of first received) / number of received; 0 with fewer than two.',
    },
    {
      name: 'spanMin',
      unit: 'minutes',
      description: 'time of the last minus time of the first transaction.',
    },
    {
      name: 'sentCount',
      unit: 'count',
      description: 'number of sent transactions, contract creations excluded.',
    },
    { name: 'receivedCount', unit: 'count', description: 'number of received transactions.' },
    { name: 'createdCount', unit: 'count', description: 'number of contract-creating transactions.' },
    { name: 'uniqueSendersCount', unit: 'count', description: 'distinct `from` addresses among received.' },
    { name: 'uniqueRecipientsCount', unit: 'count', description: 'distinct `to` addresses among sent.' },
    { name: 'minReceivedEth', unit: 'ether', description: 'smallest value among received.' },
    { name: 'maxReceivedEth', unit: 'ether', description: 'largest value among received.' },
    { name: 'avgReceivedEth', unit: 'ether', description: 'totalReceivedEth / receivedCount.' },
    { name: 'minSentEth', unit: 'ether', description: 'smallest value among sent.' },
    { name: 'maxSentEth', unit: 'ether', description: 'largest value among sent.' },
    { name: 'avgSentEth', unit: 'ether', description: 'totalSentEth / sentCount.' },
    { name: 'transactionCount', unit: 'count', description: 'sentCount + receivedCount + createdCount.' },
    { name: 'totalSentEth', unit: 'ether', description: 'sum of values of sent; fees are not included.' },
    { name: 'totalReceivedEth', unit: 'ether', description: 'sum of values of received.' },
    { name: 'netEth', unit: 'ether', description: 'totalReceivedEth − totalSentEth; may be negative.' },
  ],
  output: {
    name: 'novelty',
    description: 'share of the training accounts of the same kind of activity that are less unusual',
    range: [0, 1],
  },
  direction: 'higher is riskier',
  exactness: 'bits',
  minimum: [
    {
      feature: 'transactionCount',
      atLeast: 1,
      because: 'an account without transactions has no kind of activity, hence no peers',
    },
  ],
  missing: 'no score',
  reasonsMethod: 'isolation+reconstruction',
}
