/**
 * Rows written for each chain, summed from the batch log.
 *
 * The log only grows, so each sum continues where the last one stopped instead of reading the log again.
 */
export interface RowCounts {
  /** @param read runs a query of (chainIds, afterSeqs) → {chainId, seq, rows} */
  totals(read: (name: string, params: unknown[]) => Promise<CountedRows[]>): Promise<Map<number, number>>
}

export interface CountedRows {
  chainId: number
  /** Last batch counted. */
  seq: number
  rows: number
}

export function createRowCounts(): RowCounts {
  const counted = new Map<number, { seq: number; rows: number }>()
  return {
    async totals(read) {
      const chains = [...counted.keys()]
      const before = new Map(counted)
      const fresh = await read('api-row-counts', [chains, chains.map((id) => before.get(id)!.seq)])
      for (const { chainId, seq, rows } of fresh) {
        const base = before.get(chainId)?.rows ?? 0
        // Two readers may overlap: the one that saw further wins.
        if (seq > (counted.get(chainId)?.seq ?? -1)) counted.set(chainId, { seq, rows: base + rows })
      }
      return new Map([...counted].map(([chainId, { rows }]) => [chainId, rows]))
    },
  }
}
