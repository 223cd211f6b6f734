/** Tables and sections of the pages that replays write. Pure. */
import { badInput } from '../network'

/** A Markdown table; columns that hold only numbers are aligned right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = head.map((_, i) =>
    rows.every((row) => /^[−\-+<≥]?[\d,.]+( %| h)?$|^–$/.test(row[i] ?? '')),
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = isNumeric.map((numeric) => (numeric ? '---:' : '---'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/**
 * Text with what stands between `<!-- name -->` and `<!-- /name -->` replaced.
 * @throws PlimsollError where the markers are not there
 */
export function replaceSection(text: string, name: string, body: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from)
    throw badInput(`the page has no section ${name}`, `put ${start} and ${end} where it belongs`)
  return `${text.slice(0, from + start.length)}\n\n${body.trim()}\n\n${text.slice(to)}`
}

/** 1234567 → `1,234,567`; – where it is no number. */
export function dollars(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–'
}

/** 0.0353 → `3.5 %`; – where it is no number. */
export function percent(share: number | null, digits = 1): string {
  return share === null || !Number.isFinite(share) ? '–' : `${(100 * share).toFixed(digits)} %`
}

/** A figure of a fixed number of digits; – where it is no number. */
export function figure(value: number | null, digits = 2): string {
  return value === null || !Number.isFinite(value) ? '–' : value.toFixed(digits).replace('-', '−')
}

/** `0.52 – 0.95` */
export function span({ low, high }: { low: number; high: number }, digits = 2): string {
  return `${figure(low, digits)} – ${figure(high, digits)}`
}

/** `2025-11-03 00:00` */
export function utc(timeSec: number): string {
  return new Date(timeSec * 1000).toISOString().slice(0, 16).replace('T', ' ')
}
