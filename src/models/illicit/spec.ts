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
import { fineInputs, shareInputs } from './derived-inputs'
import { plainInputs, tokenInputs } from './inputs'

/** The public labelled file: its name of the id, and its columns that no account model reads. */
export const publicFile = {
  idAliases: ['Address'],
  ignored: [
    // The row number has no name in the public file; Arrow and pandas give it these.
    ...['', 'null', 'Unnamed: 0', '__index_level_0__'],
    'Index',
    'FLAG',
    'min value sent to contract',
    'max val sent to contract',
    'avg value sent to contract',
    'total ether sent contracts',
    'total ether balance',
    'ERC20 total Ether sent contract',
    'ERC20 uniq sent addr',
    'ERC20 min val sent',
    'ERC20 max val sent',
    'ERC20 avg val sent',
    'ERC20 uniq sent token name',
    'ERC20 uniq sent addr.1',
    'ERC20 avg time between sent tnx',
    'ERC20 avg time between rec tnx',
    'ERC20 avg time between rec 2 tnx',
    'ERC20 avg time between contract tnx',
    'ERC20 min val sent contract',
    'ERC20 max val sent contract',
    'ERC20 avg val sent contract',
    'ERC20 most sent token type',
    'ERC20_most_rec_token_type',
  ],
} as const

export const illicitSpec: ModelSpec = {
  name: 'illicit',
  version: '2.0.0',
  group: 'account',
  inputs: [...plainInputs, ...tokenInputs, ...shareInputs, ...fineInputs],
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
  files: publicFile,
}
