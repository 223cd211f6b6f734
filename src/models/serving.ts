/**
 * The models that score now: the active version of each, from the database, with shadows beside them. All processes use
 * this, so that a promotion reaches the scorer and every signer without a restart; a runtime that is replaced is closed
 * when nobody uses it any more.
 */
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { ModelError } from './model-error'
import { models } from './registry'
import { type ExecutionProvider, type ModelRuntime, openModels } from './session'
import type { ModelSpec } from './spec'
import { readVersion, registerModels } from './versions'

export interface ServedModels {
  /** Active versions, by model name. */
  runtime: ModelRuntime
  /** Shadow versions, by model name; undefined when there are none. */
  shadows: ModelRuntime | undefined
}

export interface Serving {
  /** Runs `work` with the models of this moment; they stay open until it is done. */
  use<T>(work: (served: ServedModels) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Row {
  name: string
  version: string
  sha256: string
  state: 'active' | 'shadow'
  spec: ModelSpec
}

interface Held extends ServedModels {
  key: string
  users: number
  replaced: boolean
}

export interface ServingOptions {
  /** Default: every registered model. */
  names?: readonly string[]
  providers?: readonly ExecutionProvider[]
  threads?: number
  /** Whether shadows are opened as well. */
  shadows?: boolean
}

/**
 * Registers what is committed and opens what is active. Looks again before each use.
 * @throws ModelError as `openModels` does; PlimsollError when an active version needs inputs that this release lacks
 */
export async function openServing(pool: Pool, options: ServingOptions = {}): Promise<Serving> {
  await registerModels(pool, { names: namesOf(options) })
  let held = await openHeld(pool, options)
  let opening: Promise<void> | undefined

  async function refresh(): Promise<void> {
    if (keyOf(await wantedRows(pool, options)) === held.key) return
    const next = await openHeld(pool, options)
    const before = held
    held = next
    before.replaced = true
    if (before.users === 0) await closeHeld(before)
  }

  return {
    async use(work) {
      opening ??= refresh().finally(() => {
        opening = undefined
      })
      await opening
      const mine = held
      mine.users++
      try {
        return await work(mine)
      } finally {
        mine.users--
        if (mine.replaced && mine.users === 0) await closeHeld(mine)
      }
    },
    close: () => closeHeld(held),
  }
}

function namesOf({ names }: ServingOptions): readonly string[] {
  return names ?? Object.keys(models)
}

async function wantedRows(pool: Pool, options: ServingOptions): Promise<Row[]> {
  const { rows } = await pool.query<Row>(sql('model-serving'))
  const names = namesOf(options)
  return rows.filter(
    (row) => names.includes(row.name) && (row.state === 'active' || options.shadows === true),
  )
}

async function openHeld(pool: Pool, options: ServingOptions): Promise<Held> {
  const rows = await wantedRows(pool, options)
  for (const name of namesOf(options)) {
    if (!rows.some((row) => row.name === name && row.state === 'active')) {
      throw new ModelError('unknown-model', `no version of model "${name}" is active`)
    }
  }
  for (const row of rows) checkInputs(row)
  const openThose = async (state: Row['state']) => {
    const loaded = await Promise.all(
      rows.filter((row) => row.state === state).map((row) => readVersion(pool, row)),
    )
    const { providers, threads } = options
    return openModels({ loaded, ...(providers && { providers }), ...(threads && { threads }) })
  }
  const runtime = await openThose('active')
  const shadows = rows.some((row) => row.state === 'shadow') ? await openThose('shadow') : undefined
  return { key: keyOf(rows), runtime, shadows, users: 0, replaced: false }
}

async function closeHeld({ runtime, shadows }: Held): Promise<void> {
  await Promise.all([runtime.close(), shadows?.close()])
}

function keyOf(rows: readonly Row[]): string {
  return rows.map(({ name, sha256, state }) => `${name}:${sha256}:${state}`).join(' ')
}

function checkInputs({ name, version, spec, state }: Row): void {
  const known = new Set(models[name]?.inputs.map((input) => input.name))
  const missing = spec.inputs.map((input) => input.name).filter((input) => !known.has(input))
  if (missing.length === 0) return
  throw new PlimsollError(
    `the ${state} version ${version} of model ${name} needs inputs that this release does not compute`,
    {
      details: missing,
      hint: `see \`plimsoll models list\`, then \`plimsoll models promote ${name} <version>\``,
    },
  )
}
