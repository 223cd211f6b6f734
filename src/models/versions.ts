/**
 * Versions of models in the database: candidate → shadow → active → retired, each step with who, when and why.
 *
 * The committed files are registered when a scorer starts. In a fresh database they become active, because somebody has
 * to score and they are what the release was tested with; a file that comes later arrives as a candidate and is promoted
 * by hand. A version's bytes lie in `model_file`, so that any process on any machine can run it and go back to it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { packageRoot } from '../package-root'
import { manifestOf } from './manifest'
import { ModelError } from './model-error'
import type { GoldenRow } from './publish'
import { type LoadedModel, loadModel, modelFolder, models } from './registry'
import type { ModelSpec } from './spec'

export const STATES = ['candidate', 'shadow', 'active', 'retired'] as const
export type State = (typeof STATES)[number]

export interface HistoryEntry {
  at: string
  state: State
  by: string
  why: string
}

export interface Version {
  id: string
  name: string
  version: string
  sha256: string
  state: State
  history: readonly HistoryEntry[]
  spec: ModelSpec
  metrics: Readonly<Record<string, unknown>>
  card: string | null
  golden: { rows: readonly GoldenRow[] }
}

/** Where a model's card lies. */
export function cardFile(name: string): string {
  return join(packageRoot, 'docs', 'models', `${name}.md`)
}

/** Registers the files of `folderOf(name)`, default the committed ones, of these models. Idempotent. @returns new ids */
export async function registerModels(
  pool: Pool,
  options: {
    names?: readonly string[]
    folderOf?: (name: string) => string
    cardOf?: (name: string) => string
  } = {},
): Promise<string[]> {
  const { names = Object.keys(models), folderOf = modelFolder, cardOf = cardFile } = options
  const added: string[] = []
  for (const name of names) {
    const folder = folderOf(name)
    const loaded = loadModel(name, folder)
    const read = (file: string): Record<string, unknown> =>
      JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const card = existsSync(cardOf(name)) ? readFileSync(cardOf(name), 'utf8') : null
    const reference = existsSync(join(folder, 'reference.json')) ? read('reference.json') : null
    const files = { metrics: read('metrics.json'), golden: read('golden.json'), reference, card }
    const id = await inTransaction(pool, (tx) => registerOne(tx, loaded, files))
    if (id !== undefined) added.push(id)
  }
  return added
}

async function registerOne(
  tx: PoolClient,
  { spec, sha256, bytes }: LoadedModel,
  files: Record<'metrics' | 'golden', Record<string, unknown>> & { reference: unknown; card: string | null },
): Promise<string | undefined> {
  const { name, version } = spec
  await tx.query(sql('model-lock'), [name])
  const id = `${name}:${sha256}`
  const others = await tx.query<{ id: string; state: State }>(sql('model-states'), [name])
  const known = others.rows.find((row) => row.id === id)
  const someActive = others.rows.some((row) => row.state === 'active')
  const state: State =
    known && known.state !== 'retired' ? known.state : someActive ? (known?.state ?? 'candidate') : 'active'
  const why =
    state === 'active' ? 'the first of its name in this database' : 'its files came with this release'
  const entry: HistoryEntry = { at: new Date().toISOString(), state, by: 'plimsoll', why }
  await tx.query(sql('model-file-write'), [sha256, Buffer.from(bytes)])
  await tx.query(sql('model-write'), [
    ...[id, name, version, sha256, JSON.stringify(spec), JSON.stringify(files.metrics)],
    ...[
      JSON.stringify({ ...manifestOf(spec, files.metrics), reference: files.reference }),
      JSON.stringify(files.golden),
      files.card,
      state,
    ],
    known?.state === state ? '[]' : JSON.stringify([entry]),
  ])
  return known === undefined ? id : undefined
}

/** Every version, by name, the newest state first. */
export async function listVersions(db: Pool | PoolClient, name?: string): Promise<Version[]> {
  const { rows } = await db.query<Version>(sql('model-list'), [name ?? null])
  return rows
}

/**
 * The version that is meant: by version number or by the beginning of its SHA-256.
 * @throws ModelError unknown-model when there is none, bad-input when there are several
 */
export function pick(versions: readonly Version[], name: string, which: string): Version {
  const found = versions.filter(
    (one) =>
      one.name === name && (one.version === which || (which.length >= 6 && one.sha256.startsWith(which))),
  )
  const told = (list: readonly Version[]) =>
    list.map((one) => `${one.version} (${one.sha256.slice(0, 12)}, ${one.state})`)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new ModelError(
      'bad-input',
      `${name} ${which} is several files, name one by its hash: ${told(found).join(', ')}`,
    )
  }
  const there = versions.filter((one) => one.name === name)
  throw new ModelError(
    'unknown-model',
    there.length === 0
      ? `no version of a model "${name}" is registered; there are: ${[...new Set(versions.map((v) => v.name))].join(', ') || 'none'}`
      : `model ${name} has no version ${which}; there are: ${told(there).join(', ')}`,
  )
}

/** Bytes of a version with the spec it was registered with. @throws ModelError missing-file or hash-mismatch */
export async function readVersion(
  db: Pool | PoolClient,
  { name, sha256, spec }: Pick<Version, 'name' | 'sha256' | 'spec'>,
): Promise<LoadedModel> {
  const { rows } = await db.query<{ bytes: Buffer }>(sql('model-file'), [sha256])
  const bytes = rows[0]?.bytes
  if (bytes === undefined)
    throw new ModelError('missing-file', `model "${name}": no file ${sha256} in model_file`)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) {
    throw new ModelError(
      'hash-mismatch',
      `model "${name}": the stored file has SHA-256 ${found}, not ${sha256}`,
    )
  }
  return { spec, sha256, bytes: new Uint8Array(bytes) }
}
