/** The table of figures in a model card, made from metrics.json so that the two cannot differ (a test compares them). */

type Measured = { value: number; low: number; high: number }
type Metrics = Record<string, unknown>

/** Figures that count: without decimals. */
const COUNTS = /\.(rows|positives|accounts|seeds)$/

const PARTS = [
  'metrics',
  'planted',
  'candidates',
  'baselines',
  'pairedAuc',
  'crash',
  'missingGroupAuc',
  'withoutCopiesAuc',
  'transfer',
  'adversarial',
  'seedRankCorrelation',
  'rankOnHeldOut',
  'labels',
  'cohorts',
]

/** A Markdown table: one line a figure, with its 95 % interval where there is one, in the order of metrics.json. */
export function cardTable(metrics: Metrics): string {
  const lines: string[] = ['| figure | value | 95 % interval |', '|---|---|---|']
  for (const part of PARTS) addLines(lines, part, metrics[part])
  return lines.join('\n')
}

function addLines(lines: string[], name: string, value: unknown): void {
  if (isMeasured(value)) {
    lines.push(
      `| ${name} | ${value.value.toFixed(4)} | ${value.low.toFixed(4)} to ${value.high.toFixed(4)} |`,
    )
  } else if (typeof value === 'number') {
    lines.push(`| ${name} | ${COUNTS.test(name) ? value : value.toFixed(4)} | |`)
  } else if (typeof value === 'string') {
    lines.push(`| ${name} | ${value} | |`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) addLines(lines, `${name}.${key}`, inner)
  }
}

function isMeasured(value: unknown): value is Measured {
  return typeof value === 'object' && value !== null && 'value' in value && 'low' in value && 'high' in value
}
