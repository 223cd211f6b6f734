/** What Aave's decoder hands to its fold. Private to this folder; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState } from '../types'

/** What a fold needs to create the market when it meets it for the first time. */
export interface MarketSeed {
  id: string
  pool: Hex
  asset: Hex
  revision: number
  /** From the chain file; null makes the market incomplete, since no value can be computed without it. */
  decimals: number | null
  /** Whether everything since the pool's birth is covered and its arithmetic is known. */
  complete: boolean
}

interface Base {
  readonly protocol: 'aave-v3'
  readonly ref: LogRef
  readonly market: MarketSeed
}

export type Side = 'supply' | 'debt'

export type AaveEvent = Base &
  (
    | { readonly name: 'reserveInitialized'; aToken: Hex; stableDebtToken: Hex; variableDebtToken: Hex }
    | { readonly name: 'configured'; changes: MarketState['state'] }
    /** Needs no initialised reserve: the oracle may name its sources first. */
    | { readonly name: 'priceSource'; source: Hex }
    | { readonly name: 'reserveData'; changes: MarketState['state'] }
    /** `deltaBase` is the change of the balance beyond accrued interest, in base units of the asset. */
    | { readonly name: 'scaledChange'; side: Side; account: Hex; deltaBase: bigint; indexRay: bigint }
    | { readonly name: 'scaledTransfer'; from: Hex; to: Hex; scaled: bigint }
    | { readonly name: 'collateral'; account: Hex; enabled: boolean }
    /** Debt at a stable rate is not modelled: the position becomes incomplete. */
    | { readonly name: 'stableDebt'; account: Hex }
    /** The pool runs other code from here on, of a revision that events do not tell. */
    | { readonly name: 'upgraded' }
    | { readonly name: 'userEMode'; account: Hex; category: number }
  )
