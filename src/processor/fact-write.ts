/**
 * Facts, transactions and blocks on their way into the database: lines for COPY, gathered block by block so that decoded
 * facts need not be kept. The first table that fills a chunk is sent while the rest is still being decoded, so that the
 * server works meanwhile; the others follow at the end.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { type CopyBuffer, createCopyBuffer } from '../db/copy-buffer'
import { type CopyStream, copyBuffer, mergeBuffer, openCopy, type PoolClient } from '../db/pool'
import type { FactTable, RawTransaction } from '../protocols/types'
import type { SourceBlock } from './block'
import type { DecodedBlock } from './decode'
import { FACT_COLUMNS, TRANSACTION_COLUMNS } from './fact-columns'
import { factLine, partiesOf, partiesOfTransaction, placeOf, transactionLine } from './fact-lines'
import {
  type Identities,
  insertAccounts,
  insertAssets,
  type Known,
  meetAccount,
  meetAssets,
  noIdentities,
} from './identities'

const BLOCK_COLUMNS = ['id', 'chain_id', 'height', 'hash', 'parent_hash', 'timestamp']

export interface FactWriter {
  /** Accounts and assets met so far. */
  met: Identities
  /** Takes what a block adds. Blocks come in order. */
  add(source: SourceBlock, decoded: DecodedBlock): void
  /** Sends on what has become full. The connection is busy from then on until `flush`. */
  pump(tx: PoolClient): Promise<void>
  /** Ends what `pump` began; the connection is free again. */
  flush(): Promise<void>
  /** Gives up what `pump` began. */
  abort(): void
  /**
   * Writes everything else.
   * @param replaces blocks, transactions, accounts and assets may have rows already, perhaps of later blocks
   * @returns rows written, those of `pump` included
   */
  write(tx: PoolClient, replaces: boolean): Promise<number>
}

/** A writer for one attempt at a batch. */
export function createFactWriter(chain: ChainSpec, known: Known): FactWriter {
  const met = noIdentities(chain, known)
  const tables = new Map<FactTable, CopyBuffer>()
  const transactions = createCopyBuffer()
  const blocks = createCopyBuffer()
  let early: { table: FactTable; buffer: CopyBuffer; stream: CopyStream } | undefined

  function tableOf(name: FactTable): CopyBuffer {
    let buffer = tables.get(name)
    if (buffer === undefined) {
      buffer = createCopyBuffer()
      tables.set(name, buffer)
    }
    return buffer
  }

  return {
    met,
    add(source, { ref, facts, assets }) {
      const place = placeOf(ref)
      const meet = (parties: readonly Hex[]): void => {
        for (const account of parties) meetAccount(met, account, ref, place.time)
      }
      const carrying = new Set<number>()
      for (const entry of facts) {
        tableOf(entry.fact.table).push(factLine(place, entry))
        meet(partiesOf(entry.fact))
        carrying.add(entry.log.txIndex)
      }
      meetAssets(met, assets, ref)
      const isWanted = (tx: RawTransaction): boolean =>
        chain.transactions === 'all' || (chain.transactions === 'watched' && carrying.has(tx.txIndex))
      for (const tx of source.transactions) {
        if (!isWanted(tx)) continue
        transactions.push(transactionLine(place, tx))
        meet(partiesOfTransaction(tx))
      }
      if (chain.blocks === 'all' || carrying.size > 0) {
        const parent = chain.blocks === 'all' ? ref.parentHash : '\\N'
        blocks.push(`${place.id}\t${place.where}\t${ref.hash}\t${parent}\t${place.time}`)
      }
    },
    async pump(tx) {
      if (early !== undefined) return early.stream.write(early.buffer.takeFull())
      for (const [table, buffer] of tables) {
        const chunks = buffer.takeFull()
        if (chunks.length === 0) continue
        early = { table, buffer, stream: openCopy(tx, table, FACT_COLUMNS[table]) }
        return early.stream.write(chunks)
      }
    },
    async flush() {
      if (early !== undefined) await early.stream.end(early.buffer.rest())
    },
    abort: () => early?.stream.abort(),
    async write(tx, replaces) {
      const copy = replaces ? mergeBuffer : copyBuffer
      let rowCount = early?.buffer.rowCount() ?? 0
      rowCount += await copy(tx, 'block', BLOCK_COLUMNS, blocks)
      rowCount += await copy(tx, 'transaction', TRANSACTION_COLUMNS, transactions)
      for (const [table, buffer] of tables) {
        if (table !== early?.table) rowCount += await copyBuffer(tx, table, FACT_COLUMNS[table], buffer)
      }
      rowCount += await insertAccounts(tx, chain.id, { accounts: met.accounts, replaces })
      return rowCount + (await insertAssets(tx, chain, { assets: met.assets, replaces }))
    },
  }
}
