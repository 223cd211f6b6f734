/**
 * New and changed alerts as they happen, over one SSE connection for the whole page. The connection is closed while the
 * page is hidden, because a browser allows six to a host and a forgotten tab should not hold one; what was missed is
 * read again through the ordinary queries when the page comes back.
 */
import { useQueryClient } from '@tanstack/react-query'
import { createClient } from 'graphql-sse'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { alertSubscription } from './queries'
import { endpoint } from './request'
import type { AlertRow } from './types'

const keep = 50

export interface LiveAlerts {
  connected: boolean
  /** Alerts received since the page was opened, newest first, one row an id. */
  received: AlertRow[]
}

const Context = createContext<LiveAlerts>({ connected: false, received: [] })

export function useLiveAlerts(): LiveAlerts {
  return useContext(Context)
}

export function LiveAlertsProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(false)
  const [received, setReceived] = useState<AlertRow[]>([])
  const visible = useVisible()

  useEffect(() => {
    if (!visible) return
    return subscribe({
      onConnected: setConnected,
      onAlert: (alert) => {
        setReceived((rows) => [alert, ...rows.filter((row) => row.id !== alert.id)].slice(0, keep))
        for (const key of ['overview', 'alerts']) void queries.invalidateQueries({ queryKey: [key] })
      },
    })
  }, [visible, queries])

  return <Context value={{ connected, received }}>{children}</Context>
}

interface Listener {
  onConnected: (connected: boolean) => void
  onAlert: (alert: AlertRow) => void
}

/**
 * Subscribes until the returned function is called. A lost connection is retried by the client; a server that ends or
 * refuses the stream is asked again here. Both wait longer each time, 15 s at most, and never give up.
 */
function subscribe({ onConnected, onAlert }: Listener): () => void {
  let failures = 0
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let stop: () => void = () => undefined
  const pauseMs = () => Math.min(15_000, 500 * 2 ** Math.min(failures++, 5))
  const client = createClient({
    url: endpoint,
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: () => new Promise((resolve) => setTimeout(resolve, pauseMs())),
    on: { connected: () => onConnected(true), connecting: () => onConnected(false) },
  })
  const again = () => {
    if (stopped) return
    onConnected(false)
    timer = setTimeout(start, pauseMs())
  }
  function start() {
    stop = client.subscribe<{ alerts: AlertRow }>(
      { query: alertSubscription },
      {
        next: ({ data }) => {
          if (data == null) return
          failures = 0
          onAlert(data.alerts)
        },
        error: again,
        complete: again,
      },
    )
  }
  start()
  return () => {
    stopped = true
    clearTimeout(timer)
    stop()
    client.dispose()
  }
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden)
  useEffect(() => {
    const update = () => setVisible(!document.hidden)
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [])
  return visible
}
