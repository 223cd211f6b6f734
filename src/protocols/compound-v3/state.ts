/**
 * Rows of a comet: its own (configuration, switches), one for the base asset, one for each collateral.
 *
 * The base asset's indexes are derived: a comet announces none, but every one of its base events accrues first, with
 * curves that the configurator announced and totals that follow from the events, so they can be reckoned as the comet
 * does. Two things leave no log: when the comet was initialised (taken to be when its proxy got its first configured
 * implementation), and accruals by `accrueAccount` between two events, which compound instead of growing linearly. The
 * first errs by the base borrow rate over that delay (3e-8 of all debt a minute at 1.5 %), the second by less than
 * (rate · gap)² / 2 a gap: 1e-10 for an hour at 10 %.
 */
import { RAY } from '../../math/fixed-point'
import type { MarketState, StateView } from '../types'
import type { AssetConfig, CometConfig } from './config'
import type { CometSeed } from './events'

export const baseIdOf = (comet: CometSeed): string => `${comet.poolId}:${comet.base}`
export const assetIdOf = (comet: CometSeed, asset: string): string => `${comet.poolId}:${asset}`

/** The comet's own row. */
export function poolRow(comet: CometSeed, state: StateView): MarketState {
  return (
    state.market(comet.poolId) ?? {
      ...rowOf(comet, comet.poolId),
      kind: 'pool',
      asset: comet.pool,
      state: {
        liquidityIndexRay: '0',
        borrowIndexRay: '0',
        quote: comet.quote,
        pendingConfig: null,
        deployments: '[]',
      },
    }
  )
}

/** The base asset's row. */
export function baseRow(comet: CometSeed, state: StateView): MarketState {
  const id = baseIdOf(comet)
  return (
    state.market(id) ?? {
      ...rowOf(comet, id),
      asset: comet.base,
      state: {
        liquidityIndexRay: RAY.toString(),
        borrowIndexRay: RAY.toString(),
        role: 'base',
        configured: false,
        lastAccrualSec: 0,
        totalSupplyBase: '0',
        totalBorrowBase: '0',
        priceFeed: null,
        /** Transaction and log index of the last base event, and what the log after it may be. */
        expected: null,
      },
    }
  )
}

/** A collateral's row. Collateral earns nothing, so its balance is its scaled supply. */
export function assetRow(comet: CometSeed, asset: AssetConfig['asset'], state: StateView): MarketState {
  const id = assetIdOf(comet, asset)
  return (
    state.market(id) ?? {
      ...rowOf(comet, id),
      asset,
      state: {
        liquidityIndexRay: RAY.toString(),
        borrowIndexRay: RAY.toString(),
        role: 'collateral',
        configured: false,
        priceFeed: null,
        totalSupplyAsset: '0',
        reserves: '0',
      },
    }
  )
}

function rowOf(comet: CometSeed, id: string): Omit<MarketState, 'asset' | 'state'> {
  const { pool, complete } = comet
  return { id, protocol: 'compound-v3', kind: 'reserve', pool, revision: 0, asset1: null, complete }
}

/** Writes a configuration that has come into force. Assets it no longer names keep their row and lose `configured`. */
export function writeConfig(
  comet: CometSeed,
  config: CometConfig,
  decimals: number | null,
  state: StateView,
): void {
  const { baseToken, basePriceFeed, assets, ...rates } = config
  const base = baseRow(comet, state)
  const fits = baseToken === comet.base
  state.setMarket({
    ...base,
    complete: base.complete && fits,
    state: { ...base.state, ...rates, decimals, priceFeed: basePriceFeed, configured: true },
  })
  const pool = poolRow(comet, state)
  const before = String(pool.state.assets ?? '')
    .split(',')
    .filter(Boolean)
  const named = assets.map(({ asset }) => asset)
  state.setMarket({ ...pool, state: { ...pool.state, assets: named.join() } })
  for (const gone of before) {
    const row = state.market(assetIdOf(comet, gone))
    if (row !== undefined && !named.some((asset) => asset === gone))
      state.setMarket({ ...row, state: { ...row.state, configured: false } })
  }
  for (const { asset, ...fields } of assets) {
    const row = assetRow(comet, asset, state)
    state.setMarket({ ...row, state: { ...row.state, ...fields, configured: true } })
  }
}
