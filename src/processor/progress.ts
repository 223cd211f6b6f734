/** Says how far long work is: share done, rate, time left. At most one line every few seconds, and one at the end. */
import { logger } from '../log'

const INTERVAL_MS = 5_000

export interface Progress {
  /** @param height last block done @param rows rows written for it */
  advance(height: number, rows: number): void
  done(): void
}

/** `12,345,678` */
const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

/** `2 h 5 min`, `40 s` */
export function durationText(sec: number): string {
  if (!Number.isFinite(sec)) return 'unknown'
  if (sec < 90) return `${Math.max(0, Math.round(sec))} s`
  const minutes = Math.round(sec / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Progress over blocks [from, to], logged under `name`. */
export function blockProgress(
  name: string,
  { from, to }: { from: number; to: number },
  now: () => number = Date.now,
): Progress {
  const startedAt = now()
  let saidAt = startedAt
  let last = from - 1
  let rowCount = 0
  return {
    advance(height, rows) {
      last = height
      rowCount += rows
      if (now() - saidAt < INTERVAL_MS) return
      saidAt = now()
      const sec = (saidAt - startedAt) / 1000
      const blocks = last - from + 1
      const share = Math.floor((100 * blocks) / (to - from + 1))
      const left = ((to - last) / blocks) * sec
      logger(name).info(
        `block ${grouped(last)} of ${grouped(to)} (${share} %), ${grouped(blocks / sec)} blocks/s, ` +
          `${grouped(rowCount / sec)} rows/s, ${durationText(left)} left`,
      )
    },
    done() {
      const sec = Math.max(0.001, (now() - startedAt) / 1000)
      logger(name).info(
        `blocks ${grouped(from)} to ${grouped(to)} done in ${durationText(sec)}: ${grouped(rowCount)} rows, ` +
          `${grouped(rowCount / sec)} rows/s`,
      )
    },
  }
}
