/**
 * The contract of a feature group: a reading half (named SQL, nothing later than block B) and a pure computing half
 * (rows in, Arrow table out). What cannot be computed honestly is withheld, with the reason.
 */
import type { Table } from 'apache-arrow'
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'

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
}

/** One line of src/features/registry.ts. `Input` is what the reading half hands to the computing half. */
export interface FeatureGroup<Input, Output extends FeatureTable = FeatureTable> {
  name: string
  columns: readonly string[]
  read(tx: PoolClient, request: FeatureRequest): Promise<Input>
  compute(input: Input): Output
}
