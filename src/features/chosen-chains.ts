/** Which chains and blocks a command means: all that the database holds at their newest, unless it says otherwise. */
import type { Config } from '../config'
import type { Pool } from '../db/pool'
import { checkHeight, storedChain, storedChains } from '../db/stored-chains'
import { PlimsollError } from '../errors'
import type { BookRequest } from './book-read'

/**
 * Every chain that is stored, at the block asked for or its newest one.
 * @param blocks `chain=height`, as typed
 */
export async function chosenChains(
  pool: Pool,
  config: Pick<Config, 'chains'>,
  blocks: readonly string[],
): Promise<BookRequest[]> {
  const stored = await storedChains(pool, config)
  const asked = new Map(blocks.map(blockOf))
  for (const [name, height] of asked) checkHeight(storedChain(stored, name), height)
  return stored.map(({ chain }) => ({ chain, height: asked.get(chain.name) }))
}

function blockOf(text: string): [string, number] {
  const match = /^([a-z0-9-]+)=(\d{1,15})$/.exec(text)
  if (match !== null) return [match[1]!, Number(match[2])]
  throw new PlimsollError(`${text} is no block: give chain=height, such as ethereum=21000000`, {
    exitCode: 2,
  })
}
