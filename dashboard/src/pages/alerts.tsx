/** Every alert, retracted ones too, by severity and chain; a row opens its details. */
import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { type AlertRow, SEVERITIES, type Severity } from '../data/types'
import { useAlerts } from '../data/use-data'
import { count } from '../format/number'
import { chainText, words } from '../format/text'
import { AlertDrawer } from '../parts/alert-drawer'
import { AlertsTable } from '../parts/alerts-table'
import { ConnectionNotice } from '../parts/notices'
import { Pager, pageOf } from '../parts/pager'
import { Empty, Loading, Panel } from '../parts/panel'
import { href, navigate } from '../route'
import { ChainSelect } from './positions'

const pageRows = 25

export function AlertsPage({ query }: { query: URLSearchParams }) {
  const chain = query.get('chain')
  const severity = SEVERITIES.find((each) => each === query.get('severity')) ?? null
  const page = pageOf(query)
  const [open, setOpen] = useState<AlertRow | null>(null)
  const alerts = useAlerts({
    severity,
    chainId: chain !== null && /^\d{1,10}$/.test(chain) ? Number(chain) : null,
    limit: pageRows,
    offset: (page - 1) * pageRows,
  })
  const go = (change: Record<string, string | number | null>) =>
    navigate(href(['alerts'], { chain, severity, page: null, ...change }), { replace: true })
  const { data } = alerts
  return (
    <>
      <ConnectionNotice query={alerts} />
      <Panel title="Alerts" note={data === undefined ? undefined : `${count(data.total)}, newest first`}>
        <div className="filters">
          <SegmentedControl
            aria-label="Severity"
            size="sm"
            value={severity ?? ''}
            onChange={(next) => go({ severity: next as Severity | '' })}
            data={[
              { value: '', label: 'All' },
              ...SEVERITIES.map((each) => ({ value: each, label: words(each) })),
            ]}
          />
          <ChainSelect value={chain} onChange={(next) => go({ chain: next })} />
        </div>
        {data === undefined ? (
          alerts.isPending && <Loading rows={10} />
        ) : data.rows.length === 0 ? (
          <Empty>
            {severity === null && chain === null
              ? 'No alerts. They appear here the moment a detector raises one.'
              : `No ${severity === null ? '' : `${chainText(severity)} `}alerts match these filters.`}
          </Empty>
        ) : (
          <AlertsTable rows={data.rows} onOpen={setOpen} />
        )}
        {data !== undefined && (
          <Pager page={page} pageRows={pageRows} total={data.total} onChange={(next) => go({ page: next })} />
        )}
      </Panel>
      <AlertDrawer alert={open} onClose={() => setOpen(null)} />
    </>
  )
}
