/** A titled section of the page, and what it shows while there is nothing else to show. */
import { Skeleton } from '@mantine/core'
import { type ReactNode, useId } from 'react'

interface PanelProps {
  title: string
  note?: ReactNode
  end?: ReactNode
  children: ReactNode
}

export function Panel({ title, note, end, children }: PanelProps) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className="soft">{note}</span>}
        {end !== undefined && <span className="end">{end}</span>}
      </header>
      {children}
    </section>
  )
}

/** Grey lines in the shape of a list, read out as “Loading”. */
export function Loading({ rows = 4, height = 22 }: { rows?: number; height?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => index).map((row) => (
        <Skeleton key={row} height={height} mb={12} width={`${100 - ((row * 7) % 24)}%`} />
      ))}
    </div>
  )
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>
}
