/** Alerts newest first: those the overview knew, joined by those that arrived since, which slide in. */
import { useState } from 'react'
import { useLiveAlerts } from '../data/live-alerts'
import type { AlertRow } from '../data/types'
import { chainText, shortHex } from '../format/text'
import { AlertDrawer } from './alert-drawer'
import { ChainName } from './chains'
import { Empty } from './panel'
import { SeverityTag, Tag } from './tags'
import { Ago } from './time'

const shown = 20

export function AlertFeed({ initial }: { initial: readonly AlertRow[] }) {
  const { received } = useLiveAlerts()
  const [open, setOpen] = useState<AlertRow | null>(null)
  const arrived = new Set(received.map((alert) => alert.id))
  const rows = merge(initial, received)
  return (
    <>
      {rows.length === 0 && <Empty>No alerts. New ones appear here the moment a detector raises them.</Empty>}
      <ol className="feed" aria-label="Alerts, newest first" aria-live="polite" aria-relevant="additions">
        {rows.map((alert) => (
          <li key={alert.id} className={arrived.has(alert.id) ? 'new' : undefined} data-alert={alert.id}>
            <button type="button" onClick={() => setOpen(alert)}>
              <span className="line">
                <SeverityTag severity={alert.severity} />
                {isRetracted(alert) && <Tag tone="none">Retracted</Tag>}
                <Ago time={alert.detectedAt} />
              </span>
              <span className={isRetracted(alert) ? 'struck' : undefined}>{chainText(alert.name, 90)}</span>
              <span className="soft" style={{ display: 'block', fontSize: '0.85rem' }}>
                <ChainName chainId={alert.chainId} /> ·{' '}
                <span className="mono">{shortHex(alert.address)}</span>
                {alert.occurrences > 1 && ` · seen ${alert.occurrences} times`}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <AlertDrawer alert={open} onClose={() => setOpen(null)} />
    </>
  )
}

export function isRetracted(alert: AlertRow): boolean {
  return alert.status === 'retracted' || alert.retractedAt !== null
}

/** A retraction always wins; else the overview, read after each arrival, is the newer of two versions. */
function merge(initial: readonly AlertRow[], received: readonly AlertRow[]): AlertRow[] {
  const byId = new Map(received.map((alert) => [alert.id, alert]))
  for (const alert of initial) {
    const known = byId.get(alert.id)
    if (known === undefined || !isRetracted(known)) byId.set(alert.id, alert)
  }
  return [...byId.values()]
    .sort((a, b) => Date.parse(b.detectedAt) - Date.parse(a.detectedAt) || a.id.localeCompare(b.id))
    .slice(0, shown)
}
