/** `plimsoll models list|promote|rollback|card|drift`: what an operator sees and decides. */
import type { Pool } from '../db/pool'
import { PlimsollError } from '../errors'
import { cardTable } from './card'
import { gateReasons, promote, rollback } from './promote'
import { listVersions, pick, registerModels, type Version } from './versions'

const SHOWN_HASH = 12

/** One line a version: name, version, hash, state, since when, by whom and why. Registers what is committed first. */
export async function modelsList(pool: Pool): Promise<string[]> {
  await registerModels(pool)
  const rows = (await listVersions(pool)).map(({ name, version, sha256, state, history }) => {
    const last = history.at(-1)
    return [
      name,
      version,
      sha256.slice(0, SHOWN_HASH),
      state,
      ...(last ? [last.at.slice(0, 16), last.by, last.why] : []),
    ]
  })
  const table = [['model', 'version', 'sha256', 'state', 'since', 'by', 'why'], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

export interface Asked {
  name: string
  which?: string | undefined
  by: string
  why: string
}

/** Moves a version one step on: the only candidate or shadow when none is named. Says what it became. */
export async function modelsPromote(pool: Pool, { name, which, by, why }: Asked): Promise<string> {
  await registerModels(pool)
  const chosen = which ?? onlyWaiting(await listVersions(pool, name), name)
  return said(await promote(pool, { name, which: chosen, by, why }))
}

/** Brings back the version that was active before. Says which it is. */
export async function modelsRollback(pool: Pool, { name, by, why }: Asked): Promise<string> {
  return said(await rollback(pool, { name, by, why }))
}

/** The card of a version, its table as its metrics give it, and what its gates say. */
export async function modelsCard(
  pool: Pool,
  { name, which }: { name: string; which?: string | undefined },
): Promise<string> {
  await registerModels(pool)
  const versions = await listVersions(pool, name)
  const version =
    which === undefined ? versions.find((one) => one.state === 'active') : pick(versions, name, which)
  if (version === undefined) {
    throw new PlimsollError(`no version of a model "${name}" is active`, {
      hint: '`plimsoll models list` shows all',
      exitCode: 2,
    })
  }
  const reasons = await gateReasons(pool, version)
  const gates =
    reasons.length === 0
      ? ['All gates hold.']
      : ['Gates that fail:', ...reasons.map((reason) => `- ${reason}`)]
  const card =
    version.card ??
    `# ${name}\n\nThere is no model card; its table would be:\n\n${cardTable(version.metrics)}\n`
  return [
    card.trimEnd(),
    '',
    `Version ${version.version}, SHA-256 ${version.sha256}, ${version.state}.`,
    ...gates,
  ].join('\n')
}

function onlyWaiting(versions: readonly Version[], name: string): string {
  const waiting = versions.filter(({ state }) => state === 'candidate' || state === 'shadow')
  if (waiting.length === 1) return waiting[0]!.sha256
  throw new PlimsollError(
    waiting.length === 0
      ? `no version of ${name} waits to be promoted`
      : `${waiting.length} versions of ${name} wait; name one`,
    {
      details: versions.map((one) => `${one.version} ${one.sha256.slice(0, SHOWN_HASH)} ${one.state}`),
      exitCode: 2,
    },
  )
}

function said({ name, version, sha256, state }: Version): string {
  return `${name} ${version} (${sha256.slice(0, SHOWN_HASH)}) is ${state} now`
}
