/**
 * `illicit`: how much an account's life in plain native-coin transactions looks like the accounts that people have
 * reported as fraudulent. Learnt from labelled Ethereum accounts; every input can be computed from Transaction rows.
 *
 * Definitions shared by all inputs. Rows are the account's top-level transactions up to and including block B, whether
 * they succeeded or not (as explorers list them); internal transfers are not seen. `sent`: from = account and to is not
 * null. `received`: to = account. `created`: from = account and to is null. A transaction to oneself is both sent and
 * received. Values are in native coin (wei / 1e18), as stated in the transaction. Times are block timestamps. A
 * direction without transactions gives 0, not NaN. If more than 10,000 transactions exist, the first 10,000 count,
 * because the training data were collected under that cap.
 */
import type { ModelSpec } from '../spec'

export const illicitSpec: ModelSpec = {
  name: 'illicit',
  version: '1.0.0',
  group: 'account',
  inputs: [
    {
      name: 'avgSentGapMin',
      unit: 'minutes',
      description:
        '(time of last sent − time of first sent) / number of sent; 0 with fewer than two sent. The divisor is n, not n − 1.',
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
      description:
        'time of the last minus time of the first transaction of any kind (sent, received, created).',
    },
    {
      name: 'sentCount',
      unit: 'count',
      description: 'number of sent transactions (contract creations excluded).',
    },
    { name: 'receivedCount', unit: 'count', description: 'number of received transactions.' },
    { name: 'createdCount', unit: 'count', description: 'number of contract-creating transactions.' },
    { name: 'uniqueSendersCount', unit: 'count', description: 'distinct `from` addresses among received.' },
    { name: 'uniqueRecipientsCount', unit: 'count', description: 'distinct `to` addresses among sent.' },
    {
      name: 'minReceivedEth',
      unit: 'ether',
      description: 'smallest value among received (zero values count).',
    },
    { name: 'maxReceivedEth', unit: 'ether', description: 'largest value among received.' },
    { name: 'avgReceivedEth', unit: 'ether', description: 'totalReceivedEth / receivedCount.' },
    { name: 'minSentEth', unit: 'ether', description: 'smallest value among sent (zero values count).' },
    { name: 'maxSentEth', unit: 'ether', description: 'largest value among sent.' },
    { name: 'avgSentEth', unit: 'ether', description: 'totalSentEth / sentCount.' },
    { name: 'transactionCount', unit: 'count', description: 'sentCount + receivedCount + createdCount.' },
    { name: 'totalSentEth', unit: 'ether', description: 'sum of values of sent; fees are not included.' },
    { name: 'totalReceivedEth', unit: 'ether', description: 'sum of values of received.' },
    {
      name: 'netEth',
      unit: 'ether',
      description: 'totalReceivedEth − totalSentEth, subtracted before rounding to float32; may be negative.',
    },
  ],
  output: {
    name: 'illicit',
    description: 'probability of the reported-fraud class, calibrated to its share in the training data',
    range: [0, 1],
  },
  direction: 'higher is riskier',
  exactness: 'bits',
  minimum: [
    {
      feature: 'transactionCount',
      atLeast: 1,
      because:
        'in the training data every account without transactions is illicit, an artefact of its collection',
    },
  ],
  missing: 'own branch',
  reasonsMethod: 'saabas',
}
