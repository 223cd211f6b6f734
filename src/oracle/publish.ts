/** The publisher's process: one at a time for a contract, held by an advisory lock that dies with its session. */
import type { Config } from '../config'
import { openClient } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { logger } from '../log'
import { openOracle, takeTurns } from './process'
import { ORACLE_SETTINGS, publisherTurn, refuseSignersKey } from './publisher'
import { openValues } from './value-source'
import type { ValueSource } from './values'

/**
 * Runs the publisher until `options.signal` aborts, or for good. Waits while another one runs for the contract.
 * @throws PlimsollError with exit code 2 for wrong settings, and when its key is a report signer's; with 1 when it lost
 * its lock
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
  // Without the lock another publisher may be at work already: this one ends at once and stands in line anew.
  const lost = new AbortController()
  lock.on('error', (error) => lost.abort(error))
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
    const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal
    const turn = async () => {
      if (!lost.signal.aborted) await publisherTurn(publisher)
    }
    await takeTurns('oracle:publisher', oracle.url, turn, signal)
    if (lost.signal.aborted) {
      throw new PlimsollError(`the publisher's lock was lost: ${messageOf(lost.signal.reason)}`)
    }
  } finally {
    await lock.end().catch(() => undefined)
    await source.close()
    await oracle.pool.end()
  }
}
