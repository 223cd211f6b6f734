/** `positionHealth`: lending positions by health factor, lowest first, a page at a time. */
import { type ApiContext, readRows } from '../context'
import type { Topic } from '../schema'
import { HEALTH_SDL, type HealthRow, healthRow, type StoredHealth } from './health-row'

/** Most rows of one page of a topic field. */
export const MAX_ROWS = 500

export interface HealthFilter {
  chainId: number | null
  accountId: string | null
  maxHealthFactor: number | null
  limit: number
  offset: number
}

/** Reads one page; `total` counts what matches without the page's limits. */
export async function readHealth(
  context: ApiContext,
  { chainId, accountId, maxHealthFactor, limit, offset }: HealthFilter,
): Promise<{ total: number; rows: HealthRow[] }> {
  const params = [chainId, accountId, maxHealthFactor, Math.min(limit, MAX_ROWS), offset]
  const stored = await readRows<StoredHealth>(context, 'api-position-health', params)
  if (stored.length > 0 || offset === 0) return { total: stored[0]?.total ?? 0, rows: stored.map(healthRow) }
  const first = await readRows<StoredHealth>(context, 'api-position-health', [...params.slice(0, 3), 1, 0])
  return { total: first[0]?.total ?? 0, rows: [] }
}

interface Args {
  chainId?: number | null
  maxHealthFactor?: number | null
  limit: number
  offset: number
}

export const positionHealthTopic: Topic = {
  typeDefs: /* GraphQL */ `
    ${HEALTH_SDL}
    type PositionHealthPage {
      "Positions that match, on all pages."
      total: Int!
      rows: [PositionHealthRow!]!
    }
    extend type Query {
      "Lending positions, lowest health factor first, those without debt last. maxHealthFactor keeps what lies below it. At most ${MAX_ROWS} rows a page."
      positionHealth(chainId: Int, maxHealthFactor: Float, limit: Int! = 50, offset: Int! = 0): PositionHealthPage!
    }
  `,
  resolvers: {
    Query: {
      positionHealth: (_source, { chainId, maxHealthFactor, limit, offset }: Args, context) =>
        readHealth(context, {
          chainId: chainId ?? null,
          accountId: null,
          maxHealthFactor: maxHealthFactor ?? null,
          limit,
          offset,
        }),
    },
  },
}
