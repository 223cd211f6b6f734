/**
 * Moving a version one step on, candidate → shadow → active, or back to the one that was active before. Nothing moves on
 * without its model card and with a failing gate; going back asks nothing, because that version has been active.
 */
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { PlimsollError } from '../errors'
import { failingGates } from './gates'
import { ModelError } from './model-error'
import { openModels } from './session'
import { listVersions, pick, readVersion, type State, type Version } from './versions'

export interface Decision {
  name: string
  by: string
  why: string
}

const NEXT: Readonly<Record<State, State | undefined>> = {
  candidate: 'shadow',
  shadow: 'active',
  active: undefined,
  retired: 'shadow',
}

/**
 * Moves a version on; whoever held its new place gives way: the active one retires, the shadow becomes a candidate.
 * @param which version number, or the beginning of the SHA-256
 * @throws PlimsollError with the reasons when a gate fails or there is no step to take; ModelError as `pick` does
 */
export async function promote(
  pool: Pool,
  { which, ...decision }: Decision & { which: string },
): Promise<Version> {
  const version = pick(await listVersions(pool), decision.name, which)
  const next = NEXT[version.state]
  if (next === undefined)
    throw new PlimsollError(`${titleOf(version)} is ${version.state} already`, { exitCode: 2 })
  const reasons = await gateReasons(pool, version)
  if (reasons.length > 0) {
    throw new PlimsollError(`${titleOf(version)} is not promoted from ${version.state} to ${next}`, {
      details: reasons,
      hint: 'train it again, or mend its card with `plimsoll models card`; the gates are in src/models/gates.ts',
    })
  }
  return inTransaction(pool, async (tx) => {
    const now = await locked(tx, decision.name, version)
    if (now.state !== version.state)
      throw new PlimsollError(`${titleOf(version)} has become ${now.state} meanwhile`)
    await giveWay(tx, { ...decision, state: next, to: version })
    return move(tx, version, { ...decision, state: next })
  })
}

/**
 * Makes the version active again that was so before the present one, which retires.
 * @throws PlimsollError when there is none, ModelError when its file is missing or damaged
 */
export async function rollback(pool: Pool, decision: Decision): Promise<Version> {
  return inTransaction(pool, async (tx) => {
    await tx.query(sql('model-lock'), [decision.name])
    const versions = await listVersions(tx, decision.name)
    if (versions.length === 0)
      throw new ModelError('unknown-model', `no version of a model "${decision.name}" is registered`)
    const lastActive = (one: Version) =>
      one.history.filter(({ state }) => state === 'active').at(-1)?.at ?? ''
    const before = versions
      .filter((one) => one.state !== 'active' && lastActive(one) !== '')
      .sort((a, b) => (lastActive(a) < lastActive(b) ? 1 : -1))[0]
    if (before === undefined) {
      throw new PlimsollError(`no version of ${decision.name} was active before the present one`, {
        exitCode: 2,
      })
    }
    await readVersion(tx, before)
    await giveWay(tx, { ...decision, state: 'active', to: before })
    return move(tx, before, { ...decision, state: 'active' })
  })
}

/** Why a version may not be promoted; its file is run over the golden rows. */
export async function gateReasons(pool: Pool, version: Version): Promise<string[]> {
  const { name, spec, golden } = version
  let loaded: Awaited<ReturnType<typeof readVersion>>
  try {
    loaded = await readVersion(pool, version)
  } catch (error) {
    if (error instanceof ModelError) return [error.message]
    throw error
  }
  const rows = golden.rows ?? []
  const width = spec.inputs.length
  const fitting = rows.length > 0 && rows.every((row) => row.features.length === width)
  const runtime = await openModels({ loaded: [loaded] })
  try {
    const computed = fitting
      ? await runtime.score(
          name,
          Float64Array.from(rows.flatMap((row) => row.features.map((x) => x ?? Number.NaN))),
          rows.length,
        )
      : { values: [], margins: [] }
    return failingGates({ ...version, bytes: loaded.bytes, golden: { rows: fitting ? rows : [] }, computed })
  } finally {
    await runtime.close()
  }
}

async function locked(tx: PoolClient, name: string, { id }: Version): Promise<Version> {
  await tx.query(sql('model-lock'), [name])
  const now = (await listVersions(tx, name)).find((one) => one.id === id)
  if (now === undefined) throw new PlimsollError(`model version ${id} is gone`)
  return now
}

async function giveWay(
  tx: PoolClient,
  { name, by, state, to }: Decision & { state: State; to: Version },
): Promise<void> {
  for (const one of await listVersions(tx, name)) {
    if (one.state !== state || one.id === to.id) continue
    const after: State = state === 'active' ? 'retired' : 'candidate'
    await move(tx, one, { by, state: after, why: `${titleOf(to)} became ${state}` })
  }
}

async function move(
  tx: PoolClient,
  version: Version,
  { state, by, why }: { state: State; by: string; why: string },
): Promise<Version> {
  const entry = { at: new Date().toISOString(), state, by, why }
  await tx.query(sql('model-move'), [version.id, state, JSON.stringify([entry])])
  return { ...version, state, history: [...version.history, entry] }
}

function titleOf({ name, version, sha256 }: Version): string {
  return `${name} ${version} (${sha256.slice(0, 12)})`
}
