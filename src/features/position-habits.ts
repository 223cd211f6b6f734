/** When owners acted on their positions: what `credit` knows of a position's age and of where its owner last left it. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { FeatureRequest } from './types'

/** First and last action of the owner, seconds since the epoch. */
export interface Habit {
  firstSec: number
  lastSec: number
}

/** Habits by subject id, `${chainId}:${account}:${pool}`; a position without known actions has none. */
export type Habits = ReadonlyMap<string, Habit>

interface HabitRow {
  account_id: string
  pool: string
  first_sec: string
  last_sec: string
}

/** Reads nothing that is later than `request.at`. */
export async function readHabits(
  tx: PoolClient,
  { at, accountIds }: Pick<FeatureRequest, 'at' | 'accountIds'>,
): Promise<Habits> {
  const { rows } = await tx.query<HabitRow>(sql('features-position-habits'), [
    at.chainId,
    at.height,
    accountIds ?? null,
  ])
  return new Map(
    rows.map((row) => [
      `${row.account_id}:${row.pool}`,
      { firstSec: Number(row.first_sec), lastSec: Number(row.last_sec) },
    ]),
  )
}
