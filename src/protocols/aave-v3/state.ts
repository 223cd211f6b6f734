/** A reserve's or pool's row before its first event. */
import { RAY } from '../../math/fixed-point'
import type { MarketState } from '../types'
import type { MarketSeed } from './events'

/**
 * The state of a reserve that has just been initialised: indexes of one ray, nothing enabled. For the pool itself
 * (asset = pool) only indexes of zero, so that a user's choice of e-mode, kept there, is worth nothing in any sum.
 */
export function initialState(seed: MarketSeed): MarketState {
  const isPool = seed.asset === seed.pool
  const reserve = {
    liquidityIndexRay: RAY.toString(),
    borrowIndexRay: RAY.toString(),
    listed: false,
    aToken: null,
    stableDebtToken: null,
    variableDebtToken: null,
    priceFeed: null,
    baseAsset: seed.base,
    decimals: seed.decimals,
    liquidityRateRay: '0',
    variableBorrowRateRay: '0',
    lastUpdateSec: 0,
    ltvBps: 0,
    liquidationThresholdBps: 0,
    liquidationBonusBps: 0,
    liquidationProtocolFeeBps: 0,
    reserveFactorBps: 0,
    borrowCap: '0',
    supplyCap: '0',
    debtCeiling: '0',
    isolationModeTotalDebt: '0',
    deficit: '0',
    mintedToTreasury: '0',
    eModeCategory: 0,
    active: true,
    frozen: false,
    paused: false,
    borrowingEnabled: false,
    flashLoanEnabled: false,
  }
  return {
    id: seed.id,
    protocol: seed.protocol,
    kind: isPool ? 'pool' : 'reserve',
    pool: seed.pool,
    revision: seed.revision,
    asset: seed.asset,
    asset1: null,
    state: isPool ? { liquidityIndexRay: '0', borrowIndexRay: '0', baseAsset: seed.base } : reserve,
    complete: seed.complete,
  }
}
