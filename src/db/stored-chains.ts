/** The chains that a database holds, for commands: each as PLIMSOLL_CHAINS sets it, else as this release knows it. */
import { CHAINS } from '../chains/registry'
import type { ChainSpec } from '../chains/types'
import type { Config } from '../config'
import { PlimsollError } from '../errors'
import type { Pool } from './pool'
import { sql } from './query'

export interface StoredChain {
  chain: ChainSpec
  /** Newest indexed block, and the newest that no reorg can undo. */
  headHeight: number
  finalizedHeight: number
}

/**
 * All that hold a block, by name; a chain that this release does not know is left out.
 * @throws PlimsollError with exit code 2 where there is none
 */
export async function storedChains(pool: Pool, { chains }: Pick<Config, 'chains'>): Promise<StoredChain[]> {
  const { rows } = await pool.query<Record<'name' | 'head_height' | 'finalized_height', string>>(
    sql('features-chains'),
  )
  const stored = rows.flatMap(({ name, head_height, finalized_height }) => {
    const chain = chains.find(({ spec }) => spec.name === name)?.spec ?? CHAINS[name]
    const headHeight = Number(head_height)
    return chain === undefined || headHeight < 0
      ? []
      : [{ chain, headHeight, finalizedHeight: Number(finalized_height) }]
  })
  if (stored.length > 0) return stored
  throw new PlimsollError('nothing is indexed yet', {
    hint: 'start with `plimsoll start`; `stress` and `recommend` also take a book of your own, with --in',
    exitCode: 2,
  })
}

/** The one of that name. @throws PlimsollError with exit code 2 where it is not among them */
export function storedChain(stored: readonly StoredChain[], name: string): StoredChain {
  const found = stored.find(({ chain }) => chain.name === name)
  if (found !== undefined) return found
  if (!Object.hasOwn(CHAINS, name))
    throw new PlimsollError(`no chain is called ${name}`, {
      details: [`known: ${Object.keys(CHAINS).join(', ')}`],
      exitCode: 2,
    })
  throw new PlimsollError(`nothing of ${name} is indexed`, {
    details: [`the database holds: ${stored.map(({ chain }) => chain.name).join(', ')}`],
    exitCode: 2,
  })
}

/** @throws PlimsollError with exit code 2 where the height lies above the newest indexed block */
export function checkHeight({ chain, headHeight }: StoredChain, height: number): void {
  if (height <= headHeight) return
  throw new PlimsollError(
    `block ${height} lies above the newest indexed block of ${chain.name}, ${headHeight}`,
    { exitCode: 2 },
  )
}
