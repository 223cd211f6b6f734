/** What Morpho's decoder hands to its fold. Private to this folder; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState } from '../types'

/** A change of one account's row, in shares of the loan asset or base units of the collateral. */
export interface Move {
  account: Hex
  marketId: string
  supply: bigint
  debt: bigint
}

/** Changes of a market's totals; assets in base units of the loan token. */
export interface Flow {
  supplyAssets: bigint
  supplyShares: bigint
  borrowAssets: bigint
  borrowShares: bigint
  /** Debt that nobody will repay: taken from what is borrowed and from what is supplied. */
  badDebtAssets: bigint
}

/** Shares that a fee made, for whom Morpho's own row names at that point of the fold: one of `candidates`. */
export interface Fee {
  shares: bigint
  contractRowId: string
  candidates: readonly Hex[]
}

interface Base {
  readonly protocol: 'morpho-blue'
  readonly ref: LogRef
}

export type MorphoEvent = Base &
  (
    | { readonly name: 'created'; rows: readonly MarketState[] }
    /** `marketId` is the loan asset's row; without a flow only collateral moves. */
    | {
        readonly name: 'moved'
        marketId: string
        flow: Flow | null
        moves: readonly Move[]
        fee: Fee | null
      }
    | { readonly name: 'set'; marketId: string; fields: MarketState['state'] }
    /** `seed` is Morpho's own row as it begins. */
    | { readonly name: 'feeRecipient'; marketId: string; recipient: Hex; seed: MarketState }
  )
