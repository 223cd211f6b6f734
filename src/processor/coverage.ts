/** What has been seen: unbroken ranges of blocks for each protocol and version of its decoder. */
import type { PoolClient } from '../db/pool'
import type { Protocol } from '../protocols/types'
import type { BlockRange } from './block'

interface Span {
  from: number
  to: number
}

export interface Coverage {
  /** Parts of this batch's heights that were asked for, ascending. */
  spans: readonly Span[]
  /** First block of the unbroken coverage that `height` belongs to. */
  from(protocol: string, height: number): number
  /** Writes the coverage with this batch's blocks. */
  extend(tx: PoolClient): Promise<void>
  /** Heights at which coverage begins anew although earlier blocks were seen. */
  gaps: readonly number[]
}

function intersect(ranges: readonly BlockRange[], batch: Span): Span[] {
  return ranges
    .map(({ from, to }) => ({ from: Math.max(from, batch.from), to: Math.min(to ?? batch.to, batch.to) }))
    .filter((span) => span.from <= span.to)
    .sort((a, b) => a.from - b.from)
}

/** Reads a chain's coverage and works out how a batch of heights extends it. */
export async function planCoverage(
  tx: PoolClient,
  options: { chainId: number; protocols: readonly Protocol[]; ranges: readonly BlockRange[]; batch: Span },
): Promise<Coverage> {
  const { chainId, protocols } = options
  const spans = intersect(options.ranges, options.batch)
  const rows = await tx.query<{ protocol: string; decoder_version: number; f: string; t: string }>(
    'SELECT protocol, decoder_version, from_height AS f, to_height AS t FROM coverage WHERE chain_id = $1',
    [chainId],
  )
  const planned = new Map<string, Span[]>()
  const gaps = new Set<number>()
  for (const protocol of protocols) {
    const own = rows.rows
      .filter((row) => row.protocol === protocol.name && row.decoder_version === protocol.decoderVersion)
      .map((row) => ({ from: Number(row.f), to: Number(row.t) }))
      .sort((a, b) => a.from - b.from)
    for (const span of spans) {
      const last = own.at(-1)
      if (last && span.from <= last.to + 1) last.to = Math.max(last.to, span.to)
      else {
        if (last) gaps.add(span.from)
        own.push({ ...span })
      }
    }
    planned.set(protocol.name, own)
  }

  return {
    spans,
    gaps: [...gaps],
    from(protocol, height) {
      const span = planned.get(protocol)?.find((s) => s.from <= height && height <= s.to)
      return span?.from ?? height
    },
    async extend(tx) {
      const values = protocols.flatMap((protocol) =>
        (planned.get(protocol.name) ?? [])
          .filter((span) => spans.some((added) => added.from <= span.to && span.from <= added.to))
          .map((span) => ({ name: protocol.name, version: protocol.decoderVersion, ...span })),
      )
      if (values.length === 0) return
      await tx.query(
        `INSERT INTO coverage (id, chain_id, protocol, decoder_version, from_height, to_height)
         SELECT $1::bigint || ':' || p || ':' || v || ':' || f, $1, p, v, f, t
         FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS c (p, v, f, t)
         ON CONFLICT (chain_id, protocol, decoder_version, from_height) DO UPDATE SET to_height = EXCLUDED.to_height`,
        [
          chainId,
          values.map((v) => v.name),
          values.map((v) => v.version),
          values.map((v) => v.from),
          values.map((v) => v.to),
        ],
      )
    },
  }
}
