/** How far a chain has been indexed, and how far behind it is. */
import { isoTime } from '../context'
import type { CountedRows, RowCounts } from '../row-counts'

export const CHAIN_SDL = /* GraphQL */ `
  type ChainStatus {
    chainId: Int!
    name: String!
    headHeight: BigInt!
    headTimestamp: DateTime!
    finalizedHeight: BigInt!
    "Seconds between the newest indexed block's time and now; for a replayed capture, its age."
    lagSec: Float!
    "Rows written since indexing began, those of undone blocks included."
    rows: BigInt!
    "False when a market or position of the chain began before its coverage and was not seeded."
    coverageComplete: Boolean!
  }
`

export interface ChainStatus {
  chainId: number
  name: string
  headHeight: string
  headTimestamp: string
  finalizedHeight: string
  lagSec: number
  rows: string
  coverageComplete: boolean
}

type Read = <Row>(name: string, params: readonly unknown[]) => Promise<Row[]>

/** Status of every chain in the database, by name. */
export async function chainStatuses(read: Read, rowCounts: RowCounts): Promise<ChainStatus[]> {
  const chains = await read<Omit<ChainStatus, 'rows'>>('api-chains', [])
  const totals = await rowCounts.totals((name, params) => read<CountedRows>(name, params))
  return chains.map((chain) => ({
    ...chain,
    headTimestamp: isoTime(chain.headTimestamp),
    rows: String(totals.get(chain.chainId) ?? 0),
  }))
}
