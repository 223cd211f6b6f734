/** Everything one alert says: what, where, how sure, and why. All of it may contain chain text, shown as text only. */
import { Drawer } from '@mantine/core'
import { type ReactNode, useRef } from 'react'
import type { AlertRow } from '../data/types'
import { count, percent, usd, usdExact } from '../format/number'
import { chainText, words } from '../format/text'
import { absolute } from '../format/time'
import { isRetracted } from './alert-feed'
import { ChainName } from './chains'
import { AccountLink, Hash } from './hex'
import { AlertReasons } from './reasons'
import { SeverityTag, Tag } from './tags'
import { Ago } from './time'

export function AlertDrawer({ alert, onClose }: { alert: AlertRow | null; onClose: () => void }) {
  const last = useRef(alert)
  if (alert !== null) last.current = alert
  const shown = alert ?? last.current
  return (
    <Drawer
      opened={alert !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<b>{chainText(shown?.name, 90)}</b>}
      closeButtonProps={{ 'aria-label': 'Close alert' }}
    >
      {shown !== null && <AlertDetails alert={shown} />}
    </Drawer>
  )
}

function AlertDetails({ alert }: { alert: AlertRow }) {
  return (
    <div className="stack">
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
        <SeverityTag severity={alert.severity} />
        <Tag tone="none">{words(alert.status)}</Tag>
        <Tag tone="none">{words(alert.type)}</Tag>
        {alert.stage !== null && <Tag tone="none">{words(alert.stage)}</Tag>}
      </div>
      {isRetracted(alert) && (
        <p className="tone-warning" style={{ margin: 0 }}>
          Retracted: a reorganisation of the chain removed the block that caused it.
        </p>
      )}
      <p className="clip" style={{ margin: 0 }}>
        {chainText(alert.description, 600)}
      </p>
      <AlertFacts alert={alert} />
      <section>
        <h3 className="minor">Reasons</h3>
        <AlertReasons reasons={alert.reasons} />
      </section>
    </div>
  )
}

function AlertFacts({ alert }: { alert: AlertRow }) {
  const others = addressList(alert.addresses).filter((address) => address !== alert.address)
  const facts: [string, ReactNode][] = [
    ['Account', <AccountLink key="account" chainId={alert.chainId} address={alert.address} />],
    ['Chain', <ChainName key="chain" chainId={alert.chainId} />],
    ['Protocol', alert.protocol === null ? 'none' : chainText(alert.protocol)],
    [
      'USD at risk',
      <span key="usd" title={usdExact(alert.usdAtRisk)}>
        {alert.usdAtRisk === null ? 'not estimated' : usd(alert.usdAtRisk)}
      </span>,
    ],
    ['Probability', alert.probability === null ? 'none given' : percent(alert.probability)],
    ['Precision of detector', precisionWords(alert.precision)],
    ['Seen', alert.occurrences === 1 ? 'once' : `${count(alert.occurrences)} times`],
    [
      'Block',
      <span key="block">
        {count(alert.height)}, {words(alert.finality).toLowerCase()}
      </span>,
    ],
    ['Block hash', <Hash key="hash" value={alert.blockHash} what="block hash" />],
    [
      'Transaction',
      alert.txHash === null ? 'none' : <Hash key="tx" value={alert.txHash} what="transaction hash" />,
    ],
    ['Block time', absolute(alert.blockTimestamp)],
    [
      'Detected',
      <span key="detected">
        {absolute(alert.detectedAt)} (<Ago time={alert.detectedAt} />)
      </span>,
    ],
    ['Detector', `${alert.detector} · ${alert.alertId}`],
  ]
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {others.length > 0 && (
        <section>
          <h3 className="minor">Other addresses</h3>
          <ul style={{ margin: 0, paddingLeft: 18 }}>
            {others.slice(0, 30).map((address) => (
              <li key={address}>
                <AccountLink chainId={alert.chainId} address={address} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function addressList(addresses: unknown): string[] {
  if (!Array.isArray(addresses)) return []
  return [
    ...new Set(
      addresses.filter((each): each is string => typeof each === 'string' && /^0x[0-9a-f]{40}$/i.test(each)),
    ),
  ]
}

/** Precision is shown only with its data set and N; anything less is “unmeasured”. */
function precisionWords(precision: unknown): string {
  if (typeof precision !== 'object' || precision === null) return 'unmeasured'
  const { value, n, low, high, dataset } = precision as Record<string, unknown>
  if (typeof value !== 'number' || typeof n !== 'number') return 'unmeasured'
  const interval =
    typeof low === 'number' && typeof high === 'number' ? `, ${percent(low)} to ${percent(high)}` : ''
  return `${percent(value)} (N = ${count(n)}${interval})${typeof dataset === 'string' ? ` on ${chainText(dataset, 60)}` : ''}`
}
