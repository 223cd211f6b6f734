/** `plimsoll features`: checks what was asked for, then writes the file and says how it goes. */
import type { Config } from '../config'
import { commandDatabaseUrl } from '../db/command-url'
import { openPool, type Pool } from '../db/pool'
import { checkHeight, type StoredChain, storedChain, storedChains } from '../db/stored-chains'
import { PlimsollError } from '../errors'
import { blockAt } from '../features/blocks'
import { FEATURE_GROUPS } from '../features/registry'
import type { AsOf, FeatureGroup } from '../features/types'
import { readLabels } from '../labels/read'
import { endingOf, exportFeatures } from './features'

const DEFAULT_GROUP = 'account'
const SAY_EVERY_MS = 2_000

export interface FeaturesCommand {
  at: number
  out: string
  chain?: string
  group?: string
}

/** Runs the command, on DB_URL or on the database of a `plimsoll start` that runs. @throws PlimsollError on anything that was asked for wrongly, before the file is begun */
export async function runFeatures(config: Config, options: FeaturesCommand): Promise<void> {
  const group = groupNamed(options.group ?? DEFAULT_GROUP)
  endingOf(options.out)
  const labels = readLabels(config.labels)
  const pool = openPool(await commandDatabaseUrl(config), { application: 'features', max: 2, readOnly: true })
  try {
    const chosen = chosenChain(await storedChains(pool, config), options.chain)
    checkHeight(chosen, options.at)
    const { chain, finalizedHeight } = chosen
    const at = await blockOf(pool, chosen, options.at)
    const isFinal = at.height <= finalizedHeight
    if (!isFinal) say(`block ${at.height} is not final yet (${finalizedHeight} is): a reorg may undo it`)
    let saidMs = Date.now()
    const { rows, withheld } = await exportFeatures({
      ...{ pool, chain, at, group, labels, isFinal },
      outFile: options.out,
      onPage(progress) {
        if (Date.now() - saidMs < SAY_EVERY_MS) return
        saidMs = Date.now()
        say(`${progress.accounts} accounts read, ${progress.rows} rows`)
      },
    })
    for (const [reason, count] of withheld) say(`${count} withheld: ${reason}`)
    console.log(
      `${rows} rows of ${group.name} (schema ${group.version}) at block ${at.height} of ${chain.name}: ${options.out}`,
    )
  } finally {
    await pool.end()
  }
}

/** Progress goes to stderr, so that stdout is the result. */
function say(line: string): void {
  console.error(line)
}

function groupNamed(name: string): FeatureGroup<unknown> {
  const groups = FEATURE_GROUPS as unknown as Readonly<Record<string, FeatureGroup<unknown>>>
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined
  if (group !== undefined) return group
  throw new PlimsollError(`no feature group is called ${name}`, {
    details: [`known: ${Object.keys(groups).join(', ')}`],
    exitCode: 2,
  })
}

/** The chain asked for; without a name the only one that is stored. */
function chosenChain(stored: readonly StoredChain[], name: string | undefined): StoredChain {
  const wanted = name ?? (stored.length === 1 ? stored[0]!.chain.name : undefined)
  if (wanted !== undefined) return storedChain(stored, wanted)
  throw new PlimsollError('say which chain with --chain', {
    details: [`the database holds: ${stored.map(({ chain }) => chain.name).join(', ')}`],
    exitCode: 2,
  })
}

async function blockOf(pool: Pool, { chain }: StoredChain, height: number): Promise<AsOf> {
  const client = await pool.connect()
  try {
    const at = await blockAt(client, chain.id, height)
    if (at !== undefined) return at
    throw new PlimsollError(`no block of ${chain.name} at or below ${height} is stored`, { exitCode: 2 })
  } finally {
    client.release()
  }
}
