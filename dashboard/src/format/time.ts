/** Times: relative for the eye, absolute in UTC for the record. */

const absoluteFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
})
const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })
const shortClockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** Seconds as the largest unit that fits: `4 s`, `3 min`, `5 h`, `12 d`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '—'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 90) return `${whole} s`
  if (whole < 90 * 60) return `${Math.round(whole / 60)} min`
  if (whole < 36 * 3600) return `${Math.round(whole / 3600)} h`
  if (whole < 730 * 86_400) return `${count(Math.round(whole / 86_400))} d`
  return `${(whole / (365.25 * 86_400)).toFixed(1)} years`
}

/** How long ago; a time in the future (a chain's clock may run ahead) reads `in …`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000
  if (!Number.isFinite(seconds)) return '—'
  if (seconds < -5) return `in ${duration(-seconds)}`
  return seconds < 1.5 ? 'just now' : `${duration(seconds)} ago`
}

/** `12 Jul 2023, 04:31:11 UTC`. */
export function absolute(iso: string): string {
  return absoluteMs(Date.parse(iso))
}

/** The same from milliseconds; what is no time reads as a dash. */
export function absoluteMs(ms: number): string {
  return Number.isFinite(ms) ? `${absoluteFormat.format(ms)} UTC` : '—'
}

/** `04:31` or, for spans under ten minutes, `04:31:11`; an axis tick, in UTC. */
export function clock(ms: number, spanMs: number): string {
  if (!Number.isFinite(ms)) return ''
  return (spanMs < 600_000 ? clockFormat : shortClockFormat).format(ms)
}

function count(value: number): string {
  return new Intl.NumberFormat('en-US').format(value)
}
