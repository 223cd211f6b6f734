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

/** Subscribes until the returned function is called; reconnects with growing pauses, capped at 15 s, without end. */
function subscribe({ onConnected, onAlert }: Listener): () => void {
  const client = createClient({
    url: endpoint,
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: (retries) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(15_000, 500 * 2 ** Math.min(retries, 5)))),
    on: {
      connected: () => onConnected(true),
      connecting: (reconnecting) => {
        if (reconnecting) onConnected(false)
      },
    },
  })
  const stop = client.subscribe<{ alerts: AlertRow }>(
    { query: alertSubscription },
    {
      next: ({ data }) => {
        if (data != null) onAlert(data.alerts)
      },
      error: () => onConnected(false),
      complete: () => onConnected(false),
    },
  )
  return () => {
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
