/** The publisher's process: one at a time for a contract, held by an advisory lock that dies with its session. */
import type { Config } from '../config'
import { openClient } from '../db/pool'
import { PlimsollError } from '../errors'
import { logger } from '../log'
import { openOracle, takeTurns } from './process'
import { ORACLE_SETTINGS, publisherTurn, refuseSignersKey } from './publisher'
import { databaseValues } from './value-source'
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
  const log = logger('oracle:publisher')
  const lock = openClient(oracle.url, { application: 'oracle-lock' })
  let lost: Error | undefined
  lock.on('error', (error) => {
    lost = error
  })
  try {
    await lock.connect()
    const name = `plimsoll_oracle:${oracle.target.chainId}:${oracle.target.contract}`
    await lock.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
    log.info(
      `publishing to ${oracle.target.contract} on chain ${oracle.target.chainId} as ${oracle.account.address}`,
    )
    await refuseSignersKey(oracle)
    const publisher = {
      ...oracle,
      values: options.values ?? databaseValues(oracle.pool),
      settings: ORACLE_SETTINGS,
    }
    const turn = async () => {
      if (lost) throw new PlimsollError(`the publisher's lock was lost: ${lost.message}`)
      await publisherTurn(publisher)
    }
    await takeTurns('oracle:publisher', oracle.url, turn, options.signal)
  } finally {
    await lock.end().catch(() => undefined)
    await oracle.pool.end()
  }
}
