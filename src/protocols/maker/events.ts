/** What Maker's decoder hands to its fold. Private to this folder; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState } from '../types'

/** What a fold needs to create an ilk's rows. */
export interface IlkSeed {
  /** Id of the ilk's own row; the gem's is this, a colon and the gem, DAI's likewise. */
  poolId: string
  ilk: Hex
  /** The vat where no listed join tells what token the ilk takes. */
  gem: Hex
  dai: Hex
  vat: Hex
  /** Id of the row that holds what all ilks share. */
  vatId: string
  /** Of the gem; null where it is not known. */
  decimals: number | null
  /** Whether the gem is known and everything since the vat's birth is covered. */
  complete: boolean
}

interface Base {
  readonly protocol: 'maker'
  readonly ref: LogRef
  readonly ilk: IlkSeed
}

export type MakerEvent = Base &
  (
    | { readonly name: 'init' }
    /** Collateral (wad) and normalised debt (wad) of an urn change. */
    | { readonly name: 'vault'; urn: Hex; dink: bigint; dart: bigint }
    | { readonly name: 'fold'; rateDeltaRay: bigint }
    | { readonly name: 'configured'; changes: MarketState['state'] }
    | { readonly name: 'poke'; valueWad: bigint; spotRay: bigint }
    /** What a DAI is to be worth, for all ilks; the seed is of none. */
    | { readonly name: 'par'; parRay: string }
  )

type Without<T> = T extends unknown ? Omit<T, 'protocol' | 'ref'> : never
export type NewEvent = Without<MakerEvent>
