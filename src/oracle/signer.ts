/** A signer's process: one key, its own reading of the chain and of the state. */
import type { Config } from '../config'
import { logger } from '../log'
import { openOracle, takeTurns } from './process'
import { ORACLE_SETTINGS } from './publisher'
import { signerTurn } from './sign'
import { openValues } from './value-source'
import type { ValueSource } from './values'

/**
 * Runs one signer until `options.signal` aborts, or for good.
 * @throws PlimsollError with exit code 2 for wrong settings
 */
export async function runSigner(
  config: Config,
  options: { signal?: AbortSignal; values?: ValueSource } = {},
): Promise<void> {
  const key = { source: config.oracle.signerKey, setting: 'PLIMSOLL_SIGNER_KEY', application: 'signer' }
  const oracle = await openOracle(config, key)
  logger('oracle:signer').info(`signing for ${oracle.target.contract} as ${oracle.account.address}`)
  const source = options.values
    ? { values: options.values, close: async () => {} }
    : await openValues(oracle.pool)
  const signer = { ...oracle, values: source.values, settings: ORACLE_SETTINGS }
  try {
    await takeTurns('oracle:signer', oracle.url, () => signerTurn(signer), options.signal)
  } finally {
    await source.close()
    await oracle.pool.end()
  }
}
