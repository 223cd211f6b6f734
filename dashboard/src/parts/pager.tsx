/** Page numbers under a list, with what is shown in words. */
import { Pagination } from '@mantine/core'
import { count } from '../format/number'

interface PagerProps {
  page: number
  pageRows: number
  total: number
  onChange: (page: number) => void
}

/** The page an address names, from 1; anything else is the first. */
export function pageOf(query: URLSearchParams): number {
  const page = Number(query.get('page') ?? '1')
  return Number.isInteger(page) && page >= 1 && page <= 10_000 ? page : 1
}

export function Pager({ page, pageRows, total, onChange }: PagerProps) {
  if (total <= pageRows && page === 1) return null
  const last = Math.max(1, Math.ceil(total / pageRows))
  const from = Math.min((page - 1) * pageRows + 1, total)
  return (
    <div className="filters" style={{ margin: '14px 0 0' }}>
      <Pagination
        total={last}
        value={Math.min(page, last)}
        onChange={onChange}
        size="sm"
        getControlProps={(control) => ({ 'aria-label': `${control} page` })}
        getItemProps={(item) => ({ 'aria-label': `Page ${item}` })}
      />
      <span className="soft">
        {count(from)} to {count(Math.min(page * pageRows, total))} of {count(total)}
      </span>
    </div>
  )
}
