/** The publisher's process: one at a time for a contract, held by an advisory lock that dies with its session. */
import type { Config } from '../config'
import { openClient } from '../db/pool'
import { PlimsollError } from '../errors'
import { logger } from '../log'
import { openOracle, takeTurns } from './process'
import { ORACLE_SETTINGS, publisherTurn, refuseSignersKey } from './publisher'
import { openValues } from './value-source'
import type { ValueSource } from './values'

/**
 * Runs the publisher until `options.signal` aborts, or for good. Waits while another one runs for the contract.
 * @throws PlimsollError with exit code 2 for wrong settings, and when its key is a report signer's
 */
export async function runPublisher(
  config: Config,
  options: { signal?: AbortSignal; values?: ValueSource } = {},
): Promise<void> {
  const key = { source: config.oracle.publisherKey, setting: 'PLIMSOLL_PUBLISHER_KEY', application: 'oracle' }
  const oracle = await openOracle(config, key)
  const lock = openClient(oracle.url, { application: 'oracle-lock' })
  const source = options.values
    ? { values: options.values, close: async () => {} }
    : await openValues(oracle.pool)
  let lost: Error | undefined
  lock.on('error', (error) => {
    lost = error
  })
  try {
    await refuseSignersKey(oracle)
    await lock.connect()
    const { chainId, contract } = oracle.target
    const name = `plimsoll_oracle:${chainId}:${contract}`
    await lock.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
    logger('oracle:publisher').info(
      `publishing to ${contract} on chain ${chainId} as ${oracle.account.address}`,
    )
    const publisher = { ...oracle, values: source.values, settings: ORACLE_SETTINGS }
    const turn = async () => {
      if (lost) throw new PlimsollError(`the publisher's lock was lost: ${lost.message}`)
      await publisherTurn(publisher)
    }
    await takeTurns('oracle:publisher', oracle.url, turn, options.signal)
  } finally {
    await lock.end().catch(() => undefined)
    await source.close()
    await oracle.pool.end()
  }
}
