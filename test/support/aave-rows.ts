/** Market and position rows of an Aave pool made by hand, for tests of the pure computation. */
import type { Hex } from '../../src/chains/types'
import type { AccountDataInput } from '../../src/protocols/aave-v3/risk'
import { initialState } from '../../src/protocols/aave-v3/state'
import type { MarketState, PositionState } from '../../src/protocols/types'

export const POOL: Hex = `0x${'90'.repeat(20)}`
export const ACCOUNT: Hex = `0x${'ac'.repeat(20)}`

export interface ReserveRow {
  decimals: number
  price: bigint
  ltvBps?: number
  thresholdBps?: number
  bonusBps?: number
  liquidityIndexRay?: bigint
  borrowIndexRay?: bigint
  supply?: bigint
  debt?: bigint
  collateral?: boolean
}

/** Input for one account at the time of the last update, from one row a reserve. */
export function accountInput(revision: number, rows: readonly ReserveRow[]): AccountDataInput {
  const markets = new Map<string, MarketState>()
  const prices = new Map<Hex, bigint>()
  const positions: PositionState[] = rows.map((row, index) => {
    const asset: Hex = `0x${(index + 1).toString(16).padStart(40, '0')}`
    const id = `1:${POOL}:${asset}`
    const market = initialState({
      id,
      protocol: 'aave-v3',
      base: null,
      pool: POOL,
      asset,
      revision,
      decimals: row.decimals,
      complete: true,
    })
    const state = {
      ...market.state,
      listed: true,
      ltvBps: row.ltvBps ?? 0,
      liquidationThresholdBps: row.thresholdBps ?? 0,
      liquidationBonusBps: row.bonusBps ?? 10_500,
      liquidityIndexRay: String(row.liquidityIndexRay ?? 10n ** 27n),
      borrowIndexRay: String(row.borrowIndexRay ?? 10n ** 27n),
      lastUpdateSec: 1_000,
    }
    markets.set(id, { ...market, state })
    prices.set(asset, row.price)
    return {
      account: ACCOUNT,
      marketId: id,
      protocol: 'aave-v3',
      pool: POOL,
      scaledSupply: row.supply ?? 0n,
      scaledDebt: row.debt ?? 0n,
      collateralEnabled: row.collateral ?? (row.supply ?? 0n) > 0n,
      complete: true,
    }
  })
  return { revision, positions, markets, prices, timestampSec: 1_000 }
}
