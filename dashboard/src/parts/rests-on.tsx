/** What the money rests on: how much of what is locked is really there, and whose failure takes most with it. */
import type { SystemicRisk } from '../data/types'
import { useSystemicRisk } from '../data/use-data'
import { percent, usd, usdExact } from '../format/number'
import { chainText } from '../format/text'
import { Empty, Loading, Panel } from './panel'

const SHOWN = 5

export function RestsOn() {
  const { data, isPending, error } = useSystemicRisk()
  return (
    <Panel title="What it all rests on" note="share of all wealth that goes with each">
      {data !== undefined ? (
        <>
          <p>
            <b title={usdExact(data.exposure.redeemableUsd)}>{usd(data.exposure.redeemableUsd)}</b> redeemable
            of <b title={usdExact(data.exposure.valueLockedUsd)}>{usd(data.exposure.valueLockedUsd)}</b>{' '}
            locked <span className="soft">(the rest is lent out or counted twice)</span>
          </p>
          <Important nodes={data.important.slice(0, SHOWN)} />
        </>
      ) : isPending ? (
        <Loading rows={4} />
      ) : (
        <Empty>{error ? `Not known: ${error.message}` : 'Nothing is lent yet.'}</Empty>
      )}
    </Panel>
  )
}

function Important({ nodes }: { nodes: SystemicRisk['important'] }) {
  if (nodes.length === 0) return <Empty>No failure would cost anybody else.</Empty>
  return (
    <table className="rows" aria-label="Whose failure costs most">
      <thead>
        <tr>
          <th scope="col">What fails</th>
          <th scope="col" className="num">
            Lost with it
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ id, kind, label, debtRank }) => (
          <tr key={id}>
            <td data-label="What fails" title={id}>
              {chainText(label, 60)} <span className="soft">{kind}</span>
            </td>
            <td data-label="Lost with it" className="num">
              {percent(debtRank)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
