/** What the decoder hands to the fold. Private to this folder; the processor only carries it. */
import type { Hex } from '../../chains/types'
import type { LogRef } from '../types'
import type { AssetConfig, CometConfig } from './config'

/** What a fold needs to create a comet's rows. */
export interface CometSeed {
  /** Id of the comet's own row; a market's is this, a colon and its asset. */
  poolId: string
  pool: Hex
  base: Hex
  /** What its price feeds are in; null for US dollars. */
  quote: Hex | null
  /** Whether everything since the comet's birth is covered. */
  complete: boolean
}

interface Base {
  readonly protocol: 'compound-v3'
  readonly ref: LogRef
  readonly comet: CometSeed
}

export type CompoundV3Event = Base &
  /** Base asset in (positive) or out; a Transfer of the supply that it made or ended may follow. */
  (
    | { readonly name: 'moved'; account: Hex; delta: bigint }
    /** Supply made (`minted`) or ended, at its present value. */
    | { readonly name: 'transferred'; account: Hex; amount: bigint; minted: boolean }
    | { readonly name: 'absorbed'; account: Hex }
    /** `reserves`: what the comet itself gains of the asset. */
    | { readonly name: 'collateral'; account: Hex; asset: Hex; delta: bigint; reserves: bigint }
    | { readonly name: 'bought'; asset: Hex; amount: bigint }
    | { readonly name: 'paused'; flags: Readonly<Record<string, boolean>> }
    | { readonly name: 'configuration'; config: CometConfig }
    | { readonly name: 'baseField'; field: string; value: string }
    | { readonly name: 'assetField'; asset: Hex; change: Partial<AssetConfig> }
    | { readonly name: 'deployed'; implementation: Hex }
    | { readonly name: 'upgraded'; implementation: Hex }
  )

type Without<T> = T extends unknown ? Omit<T, 'protocol' | 'ref'> : never
export type NewEvent = Without<CompoundV3Event>
