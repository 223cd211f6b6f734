/** Small books made by hand: two pools, a handful of assets, positions as short rows. */
import type { Book, BookAsset } from '../../src/systemic/book'

export interface MadePosition {
  account: string
  /** Index of the pools. */
  pool: number
  /** [asset, units] */
  collaterals?: readonly (readonly [number, number])[]
  debts?: readonly (readonly [number, number])[]
}

export const ETH = 0
export const USDC = 1
export const WSTETH = 2

const assets: BookAsset[] = [
  { symbol: 'WETH', priceUsd: 2_000 },
  { symbol: 'USDC', priceUsd: 1 },
  { symbol: 'wstETH', priceUsd: 2_400 },
].map(({ symbol, priceUsd }) => ({
  ...{ id: `31337:0x${symbol.toLowerCase()}`, symbol, priceUsd },
  depth: { kind: 'unmoved' as const },
}))

/** Every pool lists every asset; thresholds are 0.8, bonuses 1.05. */
export function madeBook(positions: readonly MadePosition[], pools = 2): Book {
  const markets = Array.from({ length: pools }, (_, pool) =>
    assets.map((_asset, asset) => ({
      ...{ id: `31337:0xpool${pool}:0x${assets[asset]!.symbol.toLowerCase()}`, pool, asset },
      ...{ suppliedUnits: 0, borrowedUnits: 0, ltv: 0.75, threshold: 0.8, bonus: 1.05 },
      ...{ supplyCap: null, borrowCap: null },
    })),
  ).flat()
  const place = (pool: number, asset: number) => pool * assets.length + asset
  const columns = (part: 'collaterals' | 'debts') => {
    const start = [0]
    const [market, units]: [number[], number[]] = [[], []]
    for (const position of positions) {
      for (const [asset, amount] of position[part] ?? []) {
        market.push(place(position.pool, asset))
        units.push(amount)
      }
      start.push(market.length)
    }
    return { start: Int32Array.from(start), market: Int32Array.from(market), units: Float64Array.from(units) }
  }
  const [collateral, debt] = [columns('collaterals'), columns('debts')]
  for (const [k, m] of collateral.market.entries()) markets[m]!.suppliedUnits += collateral.units[k]!
  for (const [k, m] of debt.market.entries()) markets[m]!.borrowedUnits += debt.units[k]!
  return {
    asOf: { '31337': { height: 7, hash: '0x07', timestampSec: 1_700_000_000 } },
    assets,
    pools: Array.from({ length: pools }, (_, pool) => ({
      ...{ id: `31337:0xpool${pool}`, chainId: 31337, protocol: 'aave-v3' },
      close: { closeShare: 0.5, closeHealth: 0.95, smallUsd: 0, leastLeftoverUsd: 0 },
    })),
    markets,
    positions: {
      accountIds: positions.map(({ account }) => `31337:${account}`),
      pool: Int32Array.from(positions, ({ pool }) => pool),
      ...{ collateralStart: collateral.start, collateralMarket: collateral.market },
      ...{ collateralUnits: collateral.units },
      collateralThreshold: new Float64Array(collateral.market.length).fill(0.8),
      collateralBonus: new Float64Array(collateral.market.length).fill(1.05),
      ...{ debtStart: debt.start, debtMarket: debt.market, debtUnits: debt.units },
    },
    unpriced: [],
    withheld: [],
  }
}
