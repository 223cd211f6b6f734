/** What the decoder hands to the fold. Private to this folder; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState } from '../types'

/** What a fold needs to create the row of a cToken or of the comptroller (asset = pool). */
export interface MarketSeed {
  id: string
  poolId: string
  pool: Hex
  /** The comptroller itself in its own row. */
  cToken: Hex
  /** The underlying token; the cToken where no chain file names it. */
  asset: Hex
  decimals: number | null
  /** Whether everything since the birth of cToken and comptroller is covered. */
  complete: boolean
}

interface Base {
  readonly protocol: 'compound-v2'
  readonly ref: LogRef
  readonly market: MarketSeed
}

export type CompoundV2Event = Base &
  (
    | { readonly name: 'accrued'; cash: bigint | null; interest: bigint; index: bigint; borrows: bigint }
    | { readonly name: 'minted'; amount: bigint; tokens: bigint }
    | { readonly name: 'redeemed'; amount: bigint; tokens: bigint }
    | { readonly name: 'transferred'; from: Hex; to: Hex; tokens: bigint }
    /** Borrowed or repaid: `principal` is the account's debt, `borrows` everyone's, after it. */
    | { readonly name: 'debt'; account: Hex; cashDelta: bigint; principal: bigint; borrows: bigint }
    /** `seized`: reserves that a liquidation took in cTokens, which it burnt. */
    | { readonly name: 'reserves'; cashDelta: bigint; reserves: bigint; seized: boolean }
    | { readonly name: 'configured'; changes: MarketState['state'] }
    | { readonly name: 'listed' }
    | { readonly name: 'oracle'; oracle: Hex }
    | { readonly name: 'membership'; account: Hex; entered: boolean }
  )

type Without<T> = T extends unknown ? Omit<T, 'protocol' | 'ref'> : never
export type NewEvent = Without<CompoundV2Event>
