/**
 * Rows of an ilk: its own (parameters, last price), its collateral's, and DAI's as lent against it; and one of the vat for
 * what all ilks share.
 *
 * Collateral (`ink`) is a wad whatever the token's decimals, so the gem's liquidity index turns wads into its base units:
 * 10^(9 + decimals). Debt (`art`) is normalised: times the ilk's rate, DAI's borrow index, it is DAI.
 */
import { RAY } from '../../math/fixed-point'
import type { MarketState, StateView } from '../types'
import type { IlkSeed } from './events'

/** The ilk's own row. */
export function ilkRow(seed: IlkSeed, state: StateView): MarketState {
  return (
    state.market(seed.poolId) ?? {
      ...rowOf(seed, seed.poolId),
      kind: 'pool',
      asset: seed.gem,
      state: {
        liquidityIndexRay: '0',
        borrowIndexRay: '0',
        gem: seed.gem,
        dai: seed.dai,
        decimals: seed.decimals,
        priceFeed: seed.ilk,
        spotRay: '0',
        matRay: '0',
        /** As of the last poke: what the spot price was made of. */
        pokedWad: '0',
        pokedMatRay: '0',
        pokedParRay: RAY.toString(),
        chopWad: '0',
        dutyRay: RAY.toString(),
      },
    }
  )
}

/** The collateral's row. */
export function gemRow(seed: IlkSeed, state: StateView): MarketState {
  const id = `${seed.poolId}:${seed.gem}`
  const liquidityIndexRay = (seed.decimals === null ? RAY : 10n ** BigInt(9 + seed.decimals)).toString()
  return (
    state.market(id) ?? {
      ...rowOf(seed, id),
      asset: seed.gem,
      state: {
        liquidityIndexRay,
        borrowIndexRay: RAY.toString(),
        role: 'gem',
        decimals: seed.decimals,
        priceFeed: seed.ilk,
      },
    }
  )
}

/** DAI's row in the ilk. `totalArt` is the vat's Art, all normalised debt. */
export function daiRow(seed: IlkSeed, state: StateView): MarketState {
  const id = `${seed.poolId}:${seed.dai}`
  return (
    state.market(id) ?? {
      ...rowOf(seed, id),
      asset: seed.dai,
      state: {
        liquidityIndexRay: '0',
        borrowIndexRay: RAY.toString(),
        role: 'dai',
        decimals: 18,
        priceFeed: null,
        totalArt: '0',
      },
    }
  )
}

/** The vat's row. */
export function vatRow(seed: IlkSeed, state: StateView): MarketState {
  return (
    state.market(seed.vatId) ?? {
      ...rowOf(seed, seed.vatId),
      kind: 'pool',
      pool: seed.vat,
      asset: seed.dai,
      state: { liquidityIndexRay: '0', borrowIndexRay: '0', parRay: RAY.toString() },
    }
  )
}

function rowOf(seed: IlkSeed, id: string): Omit<MarketState, 'asset' | 'state'> {
  const { ilk: pool, complete } = seed
  return { id, protocol: 'maker', kind: 'reserve', pool, revision: 0, asset1: null, complete }
}
