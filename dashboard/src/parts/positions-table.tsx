/** Positions as a table on wide screens and as cards on narrow ones (styles-lists.css does the turning). */
import type { PositionHealthRow } from '../data/types'
import { percent, price, usd, usdExact } from '../format/number'
import { nearestLiquidation } from '../format/risk'
import { chainText } from '../format/text'
import { ChainName } from './chains'
import { AccountLink } from './hex'
import { HealthFactor, ScoreMeter } from './tags'

export function PositionsTable({ rows, label }: { rows: readonly PositionHealthRow[]; label: string }) {
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">Chain</th>
          <th scope="col">Health factor</th>
          <th scope="col" className="num">
            Collateral
          </th>
          <th scope="col" className="num">
            Debt
          </th>
          <th scope="col">Nearest liquidation price</th>
          <th scope="col">Score</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.accountId}:${row.pool}`}>
            <td data-label="Account">
              <AccountLink chainId={row.chainId} address={row.address} />
            </td>
            <td data-label="Chain">
              <ChainName chainId={row.chainId} />
            </td>
            <td data-label="Health factor">
              <HealthFactor value={row.healthFactor} />
            </td>
            <td data-label="Collateral" className="num" title={usdExact(row.collateralUsd)}>
              {usd(row.collateralUsd)}
            </td>
            <td data-label="Debt" className="num" title={usdExact(row.debtUsd)}>
              {usd(row.debtUsd)}
            </td>
            <td data-label="Nearest liquidation price">
              <NearestPrice row={row} />
            </td>
            <td data-label="Score">
              <ScoreMeter value={row.score?.value ?? null} model={row.score?.modelName} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The collateral whose price would first make the position liquidatable. */
export function NearestPrice({ row }: { row: PositionHealthRow }) {
  const nearest = nearestLiquidation(row.liquidationPrices)
  if (nearest === undefined) return <span className="soft">—</span>
  const { distance } = nearest
  const title = `${chainText(nearest.symbol)} now ${price(nearest.price)}, other prices held`
  return (
    <span title={title}>
      {chainText(nearest.symbol, 12)} at {price(nearest.liquidationPrice)}{' '}
      <span className="soft">
        {distance < 0 ? `${percent(-distance)} below now` : `passed by ${percent(distance)}`}
      </span>
    </span>
  )
}
