/** Which chains and blocks a command means: all that the database holds at their newest, unless it says otherwise. */
import { CHAINS } from '../chains/registry'
import type { Config } from '../config'
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import type { BookRequest } from './book-read'

/** Every chain that is stored, at the block asked for or its newest one. */
export async function chosenChains(
  pool: Pool,
  config: Pick<Config, 'chains'>,
  blocks: readonly string[],
): Promise<BookRequest[]> {
  const { rows } = await pool.query<Record<'name' | 'head_height', string>>(sql('features-chains'))
  const asked = new Map(blocks.map(blockOf))
  for (const [name, height] of asked) {
    const row = rows.find((one) => one.name === name)
    if (row === undefined)
      throw new PlimsollError(`nothing of ${name} is indexed`, {
        details: [`the database holds: ${rows.map((one) => one.name).join(', ') || '(none)'}`],
        exitCode: 2,
      })
    if (height > Number(row.head_height))
      throw new PlimsollError(
        `block ${height} lies above the newest indexed block of ${name}, ${row.head_height}`,
        { exitCode: 2 },
      )
  }
  const known = rows.flatMap(({ name, head_height }) => {
    const chain = config.chains.find(({ spec }) => spec.name === name)?.spec ?? CHAINS[name]
    return chain === undefined || Number(head_height) < 0 ? [] : [{ chain, height: asked.get(name) }]
  })
  if (known.length > 0) return known
  throw new PlimsollError('nothing is indexed yet', {
    hint: 'start with `plimsoll start`',
    exitCode: 2,
  })
}

function blockOf(text: string): [string, number] {
  const match = /^([a-z0-9-]+)=(\d{1,15})$/.exec(text)
  if (match !== null) return [match[1]!, Number(match[2])]
  throw new PlimsollError(`${text} is no block: give chain=height, such as ethereum=21000000`, {
    exitCode: 2,
  })
}
