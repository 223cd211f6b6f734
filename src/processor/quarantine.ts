/**
 * Logs that could not be decoded: one row each, up to a cap per emitter; what exceeds it is only counted, so that a
 * spammer fills neither the disk nor the batch.
 */
import type { Hex } from '../chains/types'
import { copyRows } from '../db/pool'
import type { BatchTx } from './batch'
import type { DecodedBlock } from './decode'
import { QUARANTINE_COLUMNS } from './fact-columns'
import { quarantineRow } from './fact-lines'
import type { Image } from './state-rows'
import { escapeUntrusted } from './text'

/** Rows kept per emitter. */
export const QUARANTINE_CAP = 100

const MAX_REASON_CHARS = 300

export interface EmitterCounts {
  /** Rows of quarantine_emitter after the batch. */
  images: Image[]
  /** For each height, the emitters whose counts it changed, with their rows before it. */
  changes: ReadonlyMap<number, { row: Image; old: Image | null }[]>
}

interface Counts {
  stored: number
  dropped: number
}

async function loadCounts(batch: BatchTx, emitters: readonly Hex[]): Promise<Map<Hex, Counts>> {
  const { rows } = await batch.tx.query<{ emitter: Hex; stored: string; dropped: string }>(
    'SELECT emitter, stored, dropped FROM quarantine_emitter WHERE chain_id = $1 AND emitter = ANY ($2)',
    [batch.chain.id, emitters],
  )
  return new Map(
    rows.map((row) => [row.emitter, { stored: Number(row.stored), dropped: Number(row.dropped) }]),
  )
}

/** Stores or counts the misfits of a batch and works out the emitters' new counts. */
export async function quarantine(batch: BatchTx, decoded: readonly DecodedBlock[]): Promise<EmitterCounts> {
  const chainId = batch.chain.id
  const emitters = new Set(decoded.flatMap((block) => block.misfits.map(({ log }) => log.address)))
  const changes = new Map<number, { row: Image; old: Image | null }[]>()
  if (emitters.size === 0) return { images: [], changes }

  const counts = await loadCounts(batch, [...emitters])
  const image = (emitter: Hex, count: Counts | undefined): Image | null =>
    count ? { id: `${chainId}:${emitter}`, chain_id: chainId, emitter, ...count } : null
  const rows: (readonly unknown[])[] = []
  for (const { ref, misfits } of decoded) {
    const before = new Map<Hex, Image | null>()
    for (const { log, reason } of misfits) {
      const count = counts.get(log.address)
      if (!before.has(log.address)) before.set(log.address, image(log.address, count))
      const stored = count?.stored ?? 0
      const dropped = count?.dropped ?? 0
      if (stored < QUARANTINE_CAP) {
        rows.push(quarantineRow(log, escapeUntrusted(reason, MAX_REASON_CHARS)))
        counts.set(log.address, { stored: stored + 1, dropped })
      } else counts.set(log.address, { stored, dropped: dropped + 1 })
    }
    if (before.size > 0) {
      changes.set(
        ref.height,
        [...before].map(([emitter, old]) => ({ row: { chain_id: chainId, emitter }, old })),
      )
    }
  }
  batch.rowCount += await copyRows(batch.tx, 'quarantine', QUARANTINE_COLUMNS, rows)
  const images = [...counts].map(([emitter, count]) => image(emitter, count)).filter((row) => row !== null)
  return { images, changes }
}
