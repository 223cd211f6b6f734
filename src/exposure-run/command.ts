/** `plimsoll exposure`: the exposure graph of the indexed chains. */
import type { Config } from '../config'
import { commandDatabaseUrl } from '../db/command-url'
import { openPool } from '../db/pool'
import { PlimsollError } from '../errors'
import { chosenChains } from '../features/chosen-chains'
import { readExposure } from '../features/exposure-read'
import { PROTOCOLS } from '../protocols/registry'
import type { ExposureGraph } from '../systemic/exposure/types'

export interface ExposureCommand {
  /** `chain=height`, as typed. */
  blocks: readonly string[]
  protocols?: readonly string[]
  topAccounts: number
}

/** Throws PlimsollError on anything that was asked for wrongly. */
export async function runExposure(config: Config, command: ExposureCommand): Promise<ExposureGraph> {
  const { blocks, protocols, topAccounts } = command
  const unknown = protocols?.find((name) => !(name in PROTOCOLS))
  if (unknown !== undefined)
    throw new PlimsollError(`protocol ${unknown} is not known`, {
      hint: `known: ${Object.keys(PROTOCOLS).join(', ')}`,
      exitCode: 2,
    })
  const pool = openPool(await commandDatabaseUrl(config), { application: 'exposure', max: 1, readOnly: true })
  try {
    const chains = await chosenChains(pool, config, blocks)
    return await readExposure(pool, { chains, protocols, topAccounts })
  } finally {
    await pool.end()
  }
}
