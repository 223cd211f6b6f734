/** Alerts as a table; the name is the button that opens the details. */
import { UnstyledButton } from '@mantine/core'
import type { AlertRow } from '../data/types'
import { count, usd, usdExact } from '../format/number'
import { chainText, words } from '../format/text'
import { isRetracted } from './alert-feed'
import { ChainName } from './chains'
import { AccountLink } from './hex'
import { SeverityTag } from './tags'
import { Ago } from './time'

export function AlertsTable({
  rows,
  onOpen,
}: {
  rows: readonly AlertRow[]
  onOpen: (alert: AlertRow) => void
}) {
  return (
    <table className="rows" aria-label="Alerts">
      <thead>
        <tr>
          <th scope="col">Severity</th>
          <th scope="col">Alert</th>
          <th scope="col">Account</th>
          <th scope="col">Chain and block</th>
          <th scope="col">Status</th>
          <th scope="col" className="num">
            USD at risk
          </th>
          <th scope="col" className="num">
            Detected
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((alert) => (
          <tr key={alert.id}>
            <td data-label="Severity">
              <SeverityTag severity={alert.severity} />
            </td>
            <td data-label="Alert">
              <UnstyledButton className="as-link" onClick={() => onOpen(alert)} aria-haspopup="dialog">
                <span className={isRetracted(alert) ? 'struck' : undefined}>{chainText(alert.name, 80)}</span>
              </UnstyledButton>
            </td>
            <td data-label="Account">
              <AccountLink chainId={alert.chainId} address={alert.address} />
            </td>
            <td data-label="Chain and block">
              <span>
                <ChainName chainId={alert.chainId} /> <span className="soft">{count(alert.height)}</span>
              </span>
            </td>
            <td data-label="Status">{words(alert.status)}</td>
            <td data-label="USD at risk" className="num" title={usdExact(alert.usdAtRisk)}>
              {usd(alert.usdAtRisk)}
            </td>
            <td data-label="Detected" className="num">
              <Ago time={alert.detectedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
