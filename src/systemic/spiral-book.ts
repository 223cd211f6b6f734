/** The liquidation spiral's plan of a lending book: markets of the results are the book's markets, in their order. */
import { type Book, bookPrices } from './book'
import { planParts, type SpiralPlan } from './spiral-plan'

/** Throws PlimsollError on a book without positions, or on an amount, threshold or bonus that cannot be. */
export function planOfBook(
  book: Book,
  conditions: { gasUsd: number; exit: 'oracle' | 'pool'; maxRounds?: number },
): SpiralPlan {
  const { positions, markets } = book
  const assetOf = (market: number) => markets[market]!.asset
  return planParts({
    ...conditions,
    assets: book.assets.map(({ symbol, depth }) => ({ name: symbol, depth })),
    markets: markets.map(({ id }) => id),
    closeRules: book.pools.map(({ close }) => close),
    nearPrices: bookPrices(book),
    positions: {
      closeRule: positions.pool,
      collateralStart: positions.collateralStart,
      collateralAsset: positions.collateralMarket.map(assetOf),
      collateralUnits: positions.collateralUnits,
      collateralThreshold: positions.collateralThreshold,
      collateralBonus: positions.collateralBonus,
      debtStart: positions.debtStart,
      debtAsset: positions.debtMarket.map(assetOf),
      debtMarket: positions.debtMarket,
      debtUnits: positions.debtUnits,
    },
  })
}
