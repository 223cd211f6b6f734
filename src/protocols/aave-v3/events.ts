/** What the decoders of Aave V2 and V3 hand to their common fold; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState } from '../types'

export type AaveProtocol = 'aave-v2' | 'aave-v3'

/** What a fold needs to create the market when it meets it for the first time. */
export interface MarketSeed {
  id: string
  protocol: AaveProtocol
  pool: Hex
  asset: Hex
  revision: number
  /** From the chain file; null until the reserve's aToken tells. No value can be computed without it. */
  decimals: number | null
  /** The token that the pool's oracle reckons in, where the chain file names one. */
  base: Hex | null
  /** Whether everything since the pool's birth is covered and its arithmetic is known. */
  complete: boolean
}

interface Base {
  readonly protocol: AaveProtocol
  readonly ref: LogRef
  readonly market: MarketSeed
}

export type Side = 'supply' | 'debt'

export type AaveEvent = Base &
  (
    | { readonly name: 'reserveInitialized'; aToken: Hex; stableDebtToken: Hex; variableDebtToken: Hex }
    /** Told by the aToken, before the reserve is announced. */
    | { readonly name: 'tokenInitialized'; decimals: number }
    | { readonly name: 'configured'; changes: MarketState['state'] }
    /** Needs no initialised reserve: the oracle may name its sources first. */
    | { readonly name: 'priceSource'; source: Hex }
    | { readonly name: 'reserveData'; changes: MarketState['state'] }
    /** Collateral was seized as aTokens: by some revisions' rules interest accrues, and nobody announces it. */
    | { readonly name: 'seizedAsATokens' }
    /** `deltaBase` is the change of the balance beyond accrued interest, in base units of the asset. */
    | { readonly name: 'scaledChange'; side: Side; account: Hex; deltaBase: bigint; indexRay: bigint }
    | { readonly name: 'scaledTransfer'; from: Hex; to: Hex; scaled: bigint }
    | { readonly name: 'collateral'; account: Hex; enabled: boolean }
    /** A running total of the reserve grows or shrinks. */
    | { readonly name: 'tallied'; field: 'deficit' | 'mintedToTreasury'; delta: bigint }
    /** Debt at a stable rate is not modelled; the position becomes incomplete. */
    | { readonly name: 'stableDebt'; account: Hex }
    /** The pool, or a reserve's token, runs other code from here on, of a revision that events do not tell. */
    | { readonly name: 'upgraded' }
    | { readonly name: 'userEMode'; account: Hex; category: number }
  )
