/** What breaks if ether falls by 30 %: what is liquidated, what nobody repays, and in which markets. */
import { useSystemicRisk } from '../data/use-data'
import { count, percent, usd, usdExact } from '../format/number'
import { chainText } from '../format/text'
import { Empty, Loading, Panel } from './panel'

const SCENARIO = 'eth-30'
const SHOWN_MARKETS = 5

export function PriceFall() {
  const { data, isPending, error } = useSystemicRisk()
  const fall = data?.scenarios.find(({ scenario }) => scenario === SCENARIO)
  return (
    <Panel title="What breaks if ETH falls 30 %" note={data && `of ${usd(data.debtUsd)} of debt`}>
      {fall !== undefined ? (
        <>
          <p>
            <b>{count(Math.round(fall.expectedUnhealthy))}</b> of {count(data!.positions)} positions fall
            below a health of 1:{' '}
            <b title={usdExact(fall.total.expectedLiquidatedUsd)}>{usd(fall.total.expectedLiquidatedUsd)}</b>{' '}
            liquidated,{' '}
            <b title={usdExact(fall.total.expectedBadDebtUsd)}>{usd(fall.total.expectedBadDebtUsd)}</b> of bad
            debt{' '}
            <span className="soft">
              ({percent(data!.debtUsd > 0 ? fall.total.expectedBadDebtUsd / data!.debtUsd : null)} of all debt
              {data!.presentBadDebtUsd > 0 && `, ${usd(data!.presentBadDebtUsd)} of it today already`})
            </span>
          </p>
          <FallingMarkets markets={fall.byMarket} />
          <Unpriced symbols={data!.unpriced.map(({ symbol }) => symbol)} />
        </>
      ) : isPending ? (
        <Loading rows={4} />
      ) : (
        <Empty>{error ? `Not known: ${error.message}` : 'Nothing is lent yet.'}</Empty>
      )}
    </Panel>
  )
}

interface Market {
  id: string
  label: string
  expectedBadDebtUsd: number
  expectedLiquidatedUsd: number
}

function FallingMarkets({ markets }: { markets: readonly Market[] }) {
  const hit = markets
    .filter(({ expectedBadDebtUsd, expectedLiquidatedUsd }) => expectedBadDebtUsd + expectedLiquidatedUsd > 0)
    .slice(0, SHOWN_MARKETS)
  if (hit.length === 0) return <Empty>No market would be liquidated.</Empty>
  return (
    <table className="rows" aria-label="Markets hit hardest">
      <thead>
        <tr>
          <th scope="col">Market</th>
          <th scope="col" className="num">
            Liquidated
          </th>
          <th scope="col" className="num">
            Bad debt
          </th>
        </tr>
      </thead>
      <tbody>
        {hit.map(({ id, label, expectedBadDebtUsd, expectedLiquidatedUsd }) => (
          <tr key={id}>
            <td data-label="Market" title={id}>
              {chainText(label, 60)}
            </td>
            <td data-label="Liquidated" className="num">
              {usd(expectedLiquidatedUsd)}
            </td>
            <td data-label="Bad debt" className="num">
              {usd(expectedBadDebtUsd)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Unpriced({ symbols }: { symbols: readonly string[] }) {
  if (symbols.length === 0) return null
  const named = symbols.slice(0, 3).map(chainText).join(', ')
  const rest = symbols.length > 3 ? ` and ${count(symbols.length - 3)} more` : ''
  return (
    <p className="soft">
      Without a price, and in no figure: {named}
      {rest}.
    </p>
  )
}
