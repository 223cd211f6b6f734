/**
 * Features of everything a chain knows at a block, into one file: account by account in pages, so that memory is bounded
 * by a page whatever the chain's size, and in one snapshot of the database, so that all rows describe the same block.
 *
 * The file appears under its name when it is whole; what was begun is `.part` beside it, and removed when it fails.
 */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { messageOf, PlimsollError } from '../errors'
import { blockAt } from '../features/blocks'
import type { AsOf, FeatureGroup, FeatureTable } from '../features/types'
import type { LabelBook } from '../labels/book'
import { writeArrow } from './arrow'
import { writeParquet } from './parquet'

/** Accounts of a page. */
const PAGE = 5_000

export interface ExportOptions {
  pool: Pool
  chain: ChainSpec
  at: AsOf
  group: FeatureGroup<unknown>
  /** Ends in .arrow or .parquet. */
  outFile: string
  labels?: LabelBook | undefined
  /** The block cannot be undone any more. */
  isFinal: boolean
  pageAccounts?: number
  onPage?: (progress: ExportResult) => void
}

export interface ExportResult {
  accounts: number
  rows: number
  /** Subjects without features, by reason. */
  withheld: ReadonlyMap<string, number>
}

const WRITERS = { '.arrow': writeArrow, '.parquet': writeParquet } as const

type Ending = keyof typeof WRITERS

/** @throws PlimsollError on a name that ends in neither .arrow nor .parquet */
export function endingOf(outFile: string): Ending {
  const ending = Object.keys(WRITERS).find((known) => outFile.endsWith(known))
  if (ending !== undefined) return ending as Ending
  throw new PlimsollError(`${outFile} ends in neither .arrow nor .parquet`, { exitCode: 2 })
}

/** Writes the file. @throws PlimsollError when it cannot be written; rejects when the database fails */
export async function exportFeatures(options: ExportOptions): Promise<ExportResult> {
  const { pool, outFile } = options
  const write = WRITERS[endingOf(outFile)]
  const part = `${outFile}.part`
  makeWritable(part, outFile)
  try {
    const result = await inTransaction(pool, async (tx) => {
      const still = await blockAt(tx, options.at.chainId, options.at.height)
      if (still?.hash !== options.at.hash) {
        throw new PlimsollError(`block ${options.at.height} was undone before its features were read`)
      }
      const progress = { accounts: 0, rows: 0, withheld: new Map<string, number>() }
      await write(part, tablesOf(tx, options, progress), metadataOf(options))
      return progress
    })
    renameSync(part, outFile)
    return result
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** A path that cannot be written to is found out before anything is computed. */
function makeWritable(part: string, outFile: string): void {
  try {
    closeSync(openSync(part, 'w'))
  } catch (cause) {
    throw new PlimsollError(`${outFile} cannot be written: ${messageOf(cause)}`, { cause, exitCode: 2 })
  }
}

/** What a reader must know of a file: by these keys, in Arrow's schema and in Parquet's footer. */
function metadataOf({ chain, at, group, isFinal, labels }: ExportOptions): Map<string, string> {
  return new Map([
    ['plimsoll.group', group.name],
    ['plimsoll.schemaVersion', String(group.version)],
    ['plimsoll.chainId', String(chain.id)],
    ['plimsoll.height', String(at.height)],
    ['plimsoll.blockHash', at.hash],
    ['plimsoll.timestampSec', String(at.timestampSec)],
    ['plimsoll.final', String(isFinal)],
    ['plimsoll.labels', String(labels !== undefined)],
  ])
}

async function* tablesOf(
  tx: PoolClient,
  options: ExportOptions,
  progress: { accounts: number; rows: number; withheld: Map<string, number> },
): AsyncGenerator<FeatureTable> {
  const { chain, at, group, labels, onPage } = options
  for await (const accountIds of pagesOf(tx, options)) {
    const features = group.compute(await group.read(tx, { chain, at, accountIds, labels }))
    progress.accounts += accountIds?.length ?? 0
    progress.rows += features.table.numRows
    for (const { reason } of features.withheld) {
      progress.withheld.set(reason, (progress.withheld.get(reason) ?? 0) + 1)
    }
    onPage?.(progress)
    yield features
  }
}

/** Pages of account ids, at least one; undefined once for a group that is not about accounts. */
async function* pagesOf(
  tx: PoolClient,
  { at, group, pageAccounts = PAGE }: ExportOptions,
): AsyncGenerator<string[] | undefined> {
  if (group.subject === 'market') {
    yield undefined
    return
  }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const params: unknown[] = [at.chainId, at.height, after, pageAccounts]
    const { rows }: { rows: { id: string }[] } = await tx.query(sql('features-accounts-page'), params)
    if (rows.length > 0 || after === '') yield rows.map(({ id }) => id)
    after = rows.length < pageAccounts ? undefined : rows.at(-1)?.id
  }
}
