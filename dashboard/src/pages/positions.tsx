/** Every position, lowest health factor first, by chain and by band; filters live in the address. */
import { SegmentedControl, Select } from '@mantine/core'
import { usePositions } from '../data/use-data'
import { count } from '../format/number'
import { chainText } from '../format/text'
import { useChains } from '../parts/chains'
import { ConnectionNotice } from '../parts/notices'
import { Pager, pageOf } from '../parts/pager'
import { Empty, Loading, Panel } from '../parts/panel'
import { PositionsTable } from '../parts/positions-table'
import { href, navigate } from '../route'

const pageRows = 25
const bands = [
  { value: '', label: 'All' },
  { value: '1.5', label: 'Under 1.5' },
  { value: '1.1', label: 'At risk, under 1.1' },
  { value: '1', label: 'Liquidatable, under 1' },
]

export function PositionsPage({ query }: { query: URLSearchParams }) {
  const chain = query.get('chain')
  const band = bands.find((each) => each.value === query.get('hf'))?.value ?? ''
  const page = pageOf(query)
  const positions = usePositions({
    chainId: chain !== null && /^\d{1,10}$/.test(chain) ? Number(chain) : null,
    maxHealthFactor: band === '' ? null : Number(band),
    limit: pageRows,
    offset: (page - 1) * pageRows,
  })
  const go = (change: Record<string, string | number | null>) =>
    navigate(href(['positions'], { chain, hf: band, page: null, ...change }), { replace: true })
  const { data } = positions
  return (
    <>
      <ConnectionNotice query={positions} />
      <Panel
        title="Positions"
        note={data === undefined ? undefined : `${count(data.total)}, lowest health factor first`}
      >
        <div className="filters">
          <SegmentedControl
            aria-label="Health factor"
            size="sm"
            data={bands}
            value={band}
            onChange={(hf) => go({ hf })}
          />
          <ChainSelect value={chain} onChange={(next) => go({ chain: next })} />
        </div>
        {data === undefined ? (
          positions.isPending && <Loading rows={10} />
        ) : data.rows.length === 0 ? (
          <Empty>
            {band === '' && chain === null
              ? 'No lending positions yet: they appear when somebody supplies or borrows.'
              : 'No position matches these filters.'}
          </Empty>
        ) : (
          <PositionsTable rows={data.rows} label="Positions" />
        )}
        {data !== undefined && (
          <Pager page={page} pageRows={pageRows} total={data.total} onChange={(next) => go({ page: next })} />
        )}
      </Panel>
    </>
  )
}

export function ChainSelect({
  value,
  onChange,
}: {
  value: string | null
  onChange: (chain: string | null) => void
}) {
  const chains = useChains()
  return (
    <Select
      aria-label="Chain"
      placeholder="All chains"
      clearable
      w={190}
      value={value}
      onChange={onChange}
      data={chains.map((chain) => ({ value: String(chain.chainId), label: chainText(chain.name) }))}
    />
  )
}
