/** A time as `4 s ago`, ticking, with the absolute time in UTC on hover. One timer serves the whole page. */
import { useSyncExternalStore } from 'react'
import { absolute, ago } from '../format/time'

let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs)
}

export function Ago({ time }: { time: string }) {
  const now = useNow()
  return (
    <time className="soft" dateTime={time} title={absolute(time)}>
      {ago(time, now)}
    </time>
  )
}
