/** `plimsoll features`: checks what was asked for, then writes the file and says how it goes. */
import { CHAINS } from '../chains/registry'
import type { ChainSpec } from '../chains/types'
import type { Config } from '../config'
import { openPool, type Pool } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { blockAt } from '../features/blocks'
import { FEATURE_GROUPS } from '../features/registry'
import type { AsOf, FeatureGroup } from '../features/types'
import { readLabels } from '../labels/read'
import { databaseUrl } from './database'
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
  const pool = openPool(await databaseUrl(config), { application: 'features', max: 2, readOnly: true })
  try {
    const stored = await storedChains(pool)
    const { chain, headHeight, finalizedHeight } = chosenChain(config, stored, options.chain)
    const at = await blockOf(pool, chain, { height: options.at, headHeight })
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

interface StoredChain {
  name: string
  headHeight: number
  finalizedHeight: number
}

async function storedChains(pool: Pool): Promise<StoredChain[]> {
  const { rows } = await pool.query<Record<'name' | 'head_height' | 'finalized_height', string>>(
    sql('features-chains'),
  )
  return rows.map((row) => ({
    name: row.name,
    headHeight: Number(row.head_height),
    finalizedHeight: Number(row.finalized_height),
  }))
}

/** The chain asked for; without a name the only one that is stored. Its settings, where PLIMSOLL_CHAINS names it. */
function chosenChain(
  config: Config,
  stored: readonly StoredChain[],
  name: string | undefined,
): { chain: ChainSpec; headHeight: number; finalizedHeight: number } {
  const names = stored.map((chain) => chain.name)
  const wanted = name ?? (names.length === 1 ? names[0]! : undefined)
  const known = names.join(', ') || '(none)'
  if (wanted === undefined) {
    throw new PlimsollError('say which chain with --chain', {
      details: [`the database holds: ${known}`],
      exitCode: 2,
    })
  }
  const spec = config.chains.find((chain) => chain.spec.name === wanted)?.spec ?? CHAINS[wanted]
  if (spec === undefined) {
    const all = Object.keys(CHAINS).join(', ')
    throw new PlimsollError(`no chain is called ${wanted}`, { details: [`known: ${all}`], exitCode: 2 })
  }
  const found = stored.find((chain) => chain.name === wanted)
  if (found !== undefined) return { chain: spec, ...found }
  throw new PlimsollError(`nothing of ${wanted} is indexed`, {
    details: [`the database holds: ${known}`],
    exitCode: 2,
  })
}

async function blockOf(
  pool: Pool,
  chain: ChainSpec,
  { height, headHeight }: { height: number; headHeight: number },
): Promise<AsOf> {
  if (height > headHeight) {
    throw new PlimsollError(
      `block ${height} lies above the newest indexed block of ${chain.name}, ${headHeight}`,
      {
        exitCode: 2,
      },
    )
  }
  const client = await pool.connect()
  try {
    const at = await blockAt(client, chain.id, height)
    if (at !== undefined) return at
    throw new PlimsollError(`no block of ${chain.name} at or below ${height} is stored`, { exitCode: 2 })
  } finally {
    client.release()
  }
}
