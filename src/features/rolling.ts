/**
 * A group's features of a whole chain, kept up to date block by block: only accounts that took part in new blocks are
 * computed again, by the group's own two halves, so the result is that of a batch computation to the byte.
 *
 * Sound for groups whose rows change with their account's own blocks and with nothing else (FeatureGroup.touched). After a
 * reorg the accounts of the blocks that went away must be computed again as well, and the database has forgotten who they
 * were; so who took part is remembered for the newest steps. A reorg deeper than that, or coverage that now begins
 * elsewhere, makes everything new.
 */
import type { Table } from 'apache-arrow'
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { LabelBook } from '../labels/book'
import { readCoverageFrom } from './coverage-read'
import { featureTable, subjectsOf } from './table'
import type { AsOf, FeatureGroup, FeatureTable, Withheld } from './types'

/** Steps whose accounts are remembered. A scoring round is a step. */
const STEPS = 64
/** Accounts of one reading. */
const PAGE = 5_000

interface Step {
  height: number
  hash: Hex
  touched: readonly string[]
}

export interface RollingFeatures {
  group: FeatureGroup<unknown>
  chain: ChainSpec
  labels: LabelBook | undefined
  /** The newest block whose state the rows describe; undefined before the first step. */
  at: AsOf | undefined
  /** Where coverage began at that block. */
  coverageFrom: number | null
  rows: Map<string, Float32Array>
  withheld: Map<string, Withheld>
  /** Oldest first. */
  steps: Step[]
}

export interface Advance {
  /** Accounts that were computed. */
  computed: number
  /** Everything was computed, because nothing that was known could be trusted. */
  anew: boolean
}

/** Nothing yet; the first `advance` computes all accounts. @throws Error for a group whose rows change otherwise */
export function rollingFeatures(
  group: FeatureGroup<unknown>,
  chain: ChainSpec,
  labels?: LabelBook,
): RollingFeatures {
  if (group.touched === undefined)
    throw new Error(`rows of ${group.name} change without their accounts’ doing`)
  return {
    ...{ group, chain, labels, at: undefined, coverageFrom: null },
    ...{ rows: new Map(), withheld: new Map(), steps: [] },
  }
}

/**
 * Brings the rows to block `at`, which may be on another fork than before. Rejects when the database fails; the rows are
 * then in no state to be used before an `advance` has succeeded.
 */
export async function advance(rolling: RollingFeatures, tx: PoolClient, at: AsOf): Promise<Advance> {
  const coverageFrom = await readCoverageFrom(tx, at)
  const kept = await newestKept(rolling, tx, at)
  rolling.at = undefined
  const anew = kept === undefined || coverageFrom !== rolling.coverageFrom
  const stale = new Set<string>()
  if (anew) {
    rolling.rows.clear()
    rolling.withheld.clear()
    rolling.steps = []
    for await (const page of seenAccounts(tx, at)) await compute(rolling, tx, at, page)
  } else {
    const undone = rolling.steps.splice(rolling.steps.indexOf(kept) + 1)
    const range = { chainId: at.chainId, fromHeight: kept.height, toHeight: at.height }
    const touched = (await rolling.group.touched?.(tx, range)) ?? []
    for (const id of [...undone.flatMap((step) => step.touched), ...touched]) stale.add(id)
    const ids = [...stale]
    for (let i = 0; i < ids.length; i += PAGE) await compute(rolling, tx, at, ids.slice(i, i + PAGE))
    if (at.height > kept.height) rolling.steps.push({ height: at.height, hash: at.hash, touched })
  }
  if (rolling.steps.length === 0) rolling.steps.push({ height: at.height, hash: at.hash, touched: [] })
  rolling.steps.splice(0, Math.max(0, rolling.steps.length - STEPS))
  Object.assign(rolling, { at, coverageFrom })
  return { computed: anew ? rolling.rows.size : stale.size, anew }
}

/** The newest step at or below a block whose own block is still there; undefined when none is. */
async function newestKept(
  { at: before, steps }: RollingFeatures,
  tx: PoolClient,
  at: AsOf,
): Promise<Step | undefined> {
  if (before === undefined || steps.length === 0) return undefined
  const heights = steps.map((step) => step.height)
  const { rows } = await tx.query<{ height: string; hash: Hex }>(sql('features-block-hashes'), [
    at.chainId,
    heights,
  ])
  const hashes = new Map(rows.map((row) => [Number(row.height), row.hash]))
  return steps.findLast((step) => step.height <= at.height && hashes.get(step.height) === step.hash)
}

async function* seenAccounts(tx: PoolClient, at: AsOf): AsyncGenerator<string[]> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const params: unknown[] = [at.chainId, at.height, after, PAGE]
    const { rows }: { rows: { id: string }[] } = await tx.query(sql('features-accounts-page'), params)
    if (rows.length > 0) yield rows.map(({ id }) => id)
    after = rows.length < PAGE ? undefined : rows.at(-1)?.id
  }
}

async function compute(
  { group, chain, labels, rows, withheld }: RollingFeatures,
  tx: PoolClient,
  at: AsOf,
  accountIds: readonly string[],
): Promise<void> {
  const features = group.compute(await group.read(tx, { chain, at, accountIds, labels }))
  for (const id of accountIds) {
    rows.delete(id)
    withheld.delete(id)
  }
  for (const one of features.withheld) withheld.set(one.subjectId, one)
  const columns = group.columns.map((name) => valuesOf(features.table, name))
  for (const [i, id] of subjectsOf(features).entries()) {
    rows.set(
      id,
      Float32Array.from(columns, (column) => column[i]!),
    )
  }
}

function valuesOf(table: Table, name: string): Float32Array {
  return table.getChild(name)?.toArray() as Float32Array
}

/** All rows as the group's own table. @throws Error before the first step, or after one that failed */
export function rollingTable({ group, at, rows, withheld }: RollingFeatures): FeatureTable {
  if (at === undefined) throw new Error(`features of ${group.name} have not been brought to a block`)
  const list = [...rows].map(([subjectId, row]) => ({ subjectId, values: [...row] }))
  return featureTable(group.name, group.columns, list, [...withheld.values()])
}
