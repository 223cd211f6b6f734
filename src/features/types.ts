/**
 * The contract of a feature group: a reading half (named SQL, nothing later than block B) and a pure computing half
 * (rows in, Arrow table out). What cannot be computed honestly is withheld, with the reason.
 */
import type { Table } from 'apache-arrow'
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { LabelBook } from '../labels/book'

/** The block that features describe: state at its end. */
export interface AsOf {
  chainId: number
  height: number
  hash: Hex
  timestampSec: number
}

/** A subject that gets no features, and therefore no score, alert or oracle value. */
export interface Withheld {
  subjectId: string
  reason: string
}

/** Column 0 of `table` is `subjectId` (utf8); then one float32 column for each of `columns`, ascending by subject. */
export interface FeatureTable {
  group: string
  columns: readonly string[]
  table: Table
  withheld: readonly Withheld[]
}

/** What a group is asked for. */
export interface FeatureRequest {
  chain: ChainSpec
  at: AsOf
  /** Only these subjects' accounts; undefined: everything the group knows at that block. */
  accountIds?: readonly string[] | undefined
  /** Who is known to be flagged, a mixer or sanctioned; undefined: columns that need it are missing. */
  labels?: LabelBook | undefined
}

/** What a column means; docs/features.md is made of these. */
export interface FeatureColumn {
  name: string
  /** Unit in words: `count`, `minutes`, `ether`, `1` (a pure number). */
  unit: string
  description: string
  /** When it is NaN, or 0 for want of anything. */
  missing: string
}

/** One line of src/features/registry.ts. `Input` is what the reading half hands to the computing half. */
export interface FeatureGroup<Input, Output extends FeatureTable = FeatureTable> {
  name: string
  /**
   * Version of the schema that exports carry. Raise it with every change of a column's name, order, unit, definition or
   * missing-value rule; a reader that knows version n may take n and nothing else.
   */
  version: number
  /** One sentence: what a row is and what it describes. */
  about: string
  /** `chain:address`, `chain:account:pool` or a market's id. */
  subject: 'account' | 'position' | 'market'
  columns: readonly string[]
  schema: readonly FeatureColumn[]
  read(tx: PoolClient, request: FeatureRequest): Promise<Input>
  compute(input: Input): Output
  /**
   * Accounts whose rows may change with blocks (fromHeight, toHeight]; only where no other row can. A group that has it is
   * kept up to date by computing those again (src/features/rolling.ts).
   */
  touched?(
    tx: PoolClient,
    range: { chainId: number; fromHeight: number; toHeight: number },
  ): Promise<string[]>
}
