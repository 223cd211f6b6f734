/** What an account holds and owes by market, and what it did lately. */
import type { AccountEventRow, PositionRow } from '../data/types'
import { tokens, usd, usdExact } from '../format/number'
import { chainText, shortHex, words } from '../format/text'
import { Tag } from './tags'
import { Ago } from './time'

export function AccountPositions({ rows }: { rows: readonly PositionRow[] }) {
  return (
    <table className="rows" aria-label="Positions of this account">
      <thead>
        <tr>
          <th scope="col">Market</th>
          <th scope="col" className="num">
            Supplied
          </th>
          <th scope="col" className="num">
            Borrowed
          </th>
          <th scope="col">Counts as collateral</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.marketId}>
            <td data-label="Market" title={row.marketId}>
              {chainText(row.symbol)}
            </td>
            <td data-label="Supplied" className="num">
              <Amount
                base={row.supplied}
                decimals={row.decimals}
                usdValue={row.suppliedUsd}
                symbol={row.symbol}
              />
            </td>
            <td data-label="Borrowed" className="num">
              <Amount
                base={row.borrowed}
                decimals={row.decimals}
                usdValue={row.borrowedUsd}
                symbol={row.symbol}
              />
            </td>
            <td data-label="Counts as collateral">
              {row.collateralEnabled ? <Tag tone="watch">Yes</Tag> : <span className="soft">no</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface AmountProps {
  base: string
  decimals: number | null
  usdValue: number | null
  symbol: string | null
}

function Amount({ base, decimals, usdValue, symbol }: AmountProps) {
  if (base === '0') return <span className="soft">none</span>
  return (
    <span title={`${base} base units${usdValue === null ? '' : `, ${usdExact(usdValue)}`}`}>
      {tokens(base, decimals)} {chainText(symbol, 12)}{' '}
      <span className="soft">{usdValue === null ? 'USD unknown' : usd(usdValue)}</span>
    </span>
  )
}

export function AccountEvents({ rows }: { rows: readonly AccountEventRow[] }) {
  return (
    <ol className="feed events" aria-label="Recent events">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two events may agree in every field shown
        <li key={`${row.timestamp}:${index}`}>
          <span className="line">
            <span>
              {words(row.kind)} <span className="soft">as {words(row.role).toLowerCase()}</span>
            </span>
            <Ago time={row.timestamp} />
          </span>
          {row.counterparty !== null && (
            <span className="soft" style={{ fontSize: '0.85rem' }}>
              with <span className="mono">{shortHex(bare(row.counterparty))}</span>
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}

/** The address in `chainId:0x…`. */
function bare(id: string): string {
  return id.slice(id.lastIndexOf(':') + 1)
}
