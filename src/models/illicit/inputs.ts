/**
 * Raw inputs of `illicit` from an account's own transactions: `plainInputs` in the native coin, `tokenInputs` in ERC-20
 * tokens. `aliases` are the headers of the public labelled set. Definitions shared by all stand in spec.ts.
 */
import type { FeatureInput } from '../spec'

export const plainInputs: readonly FeatureInput[] = [
  {
    name: 'avgSentGapMin',
    unit: 'minutes',
    description:
      '(time of last sent − time of first sent) / number of sent; 0 with fewer than two sent. The divisor is n, not n − 1.',
    aliases: ['Avg min between sent tnx'],
  },
  {
    name: 'avgReceivedGapMin',
    unit: 'minutes',
    description:
      '(time of last received − time of first received) / number of received; 0 with fewer than two.',
    aliases: ['Avg min between received tnx'],
  },
  {
    name: 'spanMin',
    unit: 'minutes',
    description:
      'time of the last minus time of the first transaction of any kind (sent, received, created).',
    aliases: ['Time Diff between first and last (Mins)'],
  },
  {
    name: 'sentCount',
    unit: 'count',
    description: 'number of sent transactions (contract creations excluded).',
    aliases: ['Sent tnx'],
  },
  {
    name: 'receivedCount',
    unit: 'count',
    description: 'number of received transactions.',
    aliases: ['Received Tnx'],
  },
  {
    name: 'createdCount',
    unit: 'count',
    description: 'number of contract-creating transactions.',
    aliases: ['Number of Created Contracts'],
  },
  {
    name: 'uniqueSendersCount',
    unit: 'count',
    description: 'distinct `from` addresses among received.',
    aliases: ['Unique Received From Addresses'],
  },
  {
    name: 'uniqueRecipientsCount',
    unit: 'count',
    description: 'distinct `to` addresses among sent.',
    aliases: ['Unique Sent To Addresses'],
  },
  {
    name: 'minReceivedEth',
    unit: 'ether',
    description: 'smallest value among received (zero values count).',
    aliases: ['min value received'],
  },
  {
    name: 'maxReceivedEth',
    unit: 'ether',
    description: 'largest value among received.',
    aliases: ['max value received'],
  },
  {
    name: 'avgReceivedEth',
    unit: 'ether',
    description: 'totalReceivedEth / receivedCount.',
    aliases: ['avg val received'],
  },
  {
    name: 'minSentEth',
    unit: 'ether',
    description: 'smallest value among sent (zero values count).',
    aliases: ['min val sent'],
  },
  {
    name: 'maxSentEth',
    unit: 'ether',
    description: 'largest value among sent.',
    aliases: ['max val sent'],
  },
  {
    name: 'avgSentEth',
    unit: 'ether',
    description: 'totalSentEth / sentCount.',
    aliases: ['avg val sent'],
  },
  {
    name: 'transactionCount',
    unit: 'count',
    description: 'sentCount + receivedCount + createdCount.',
    aliases: ['total transactions (including tnx to create contract'],
    derived: ['+', ['+', 'sentCount', 'receivedCount'], ['or', 'createdCount', 0]],
  },
  {
    name: 'totalSentEth',
    unit: 'ether',
    description: 'sum of values of sent; fees are not included.',
    aliases: ['total Ether sent'],
  },
  {
    name: 'totalReceivedEth',
    unit: 'ether',
    description: 'sum of values of received.',
    aliases: ['total ether received'],
  },
  {
    name: 'netEth',
    unit: 'ether',
    description: 'totalReceivedEth − totalSentEth, subtracted before rounding to float32; may be negative.',
    derived: ['-', 'totalReceivedEth', 'totalSentEth'],
  },
]

/** Over ERC-20 transfers of any token; amounts in each token's own units, added across tokens as the set does. */
export const tokenInputs: readonly FeatureInput[] = [
  {
    name: 'tokenTransferCount',
    unit: 'count',
    description:
      'number of ERC-20 transfers to or from the account. Missing: the model answers from the plain inputs alone.',
    aliases: ['Total ERC20 tnxs'],
  },
  {
    name: 'tokenReceived',
    unit: 'token',
    description: 'sum of amounts received.',
    aliases: ['ERC20 total Ether received'],
  },
  {
    name: 'tokenSent',
    unit: 'token',
    description: 'sum of amounts sent.',
    aliases: ['ERC20 total ether sent'],
  },
  {
    name: 'tokenUniqueSendersCount',
    unit: 'count',
    description: 'distinct addresses that tokens came from.',
    aliases: ['ERC20 uniq rec addr'],
  },
  {
    name: 'tokenUniqueContractsCount',
    unit: 'count',
    description: 'distinct token contracts that transfers to the account came from.',
    aliases: ['ERC20 uniq rec contract addr'],
  },
  {
    name: 'tokenMinReceived',
    unit: 'token',
    description: 'smallest amount received.',
    aliases: ['ERC20 min val rec'],
  },
  {
    name: 'tokenMaxReceived',
    unit: 'token',
    description: 'largest amount received.',
    aliases: ['ERC20 max val rec'],
  },
  {
    name: 'tokenAvgReceived',
    unit: 'token',
    description: 'mean amount received.',
    aliases: ['ERC20 avg val rec'],
  },
  {
    name: 'tokenNamesReceivedCount',
    unit: 'count',
    description: 'distinct names of tokens received.',
    aliases: ['ERC20 uniq rec token name'],
  },
]
