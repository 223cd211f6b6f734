/**
 * `novelty`: how unusual an account's life in plain native-coin transactions is among accounts of its kind of activity.
 * Learnt from unlabelled accounts. It is no claim of guilt: the richest honest account is unusual, and a fraud that does
 * what everybody does is not. Detectors use it as a multiplier, never as a trigger.
 *
 * The inputs are the native-coin columns of `illicit`; definitions that all of them share are at the head of
 * src/models/illicit/spec.ts.
 */
import { plainInputs, tokenInputs } from '../illicit/inputs'
import { publicFile } from '../illicit/spec'
import type { ModelSpec } from '../spec'

export const noveltySpec: ModelSpec = {
  name: 'novelty',
  version: '1.0.0',
  group: 'account',
  inputs: plainInputs,
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
  files: {
    ...publicFile,
    ignored: [...publicFile.ignored, ...tokenInputs.flatMap(({ name, aliases = [] }) => [name, ...aliases])],
  },
}
