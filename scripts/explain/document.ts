/** The text of docs/queries.md. */
import { LARGE_TABLE_ROWS, largeScans, SCAN_REASONS } from './notes'

type Paths = ReadonlyMap<string, ReadonlySet<string>>

export interface Planned {
  name: string
  /** The query with its header. */
  text: string
  paths: Paths
  plan: string
}

export interface Measured {
  query: string
  about: string
  rows: number
  blocks: number
  planningMs: number
  executionMs: number
  paths: Paths
}

export interface QueryDocument {
  planned: readonly Planned[]
  measured: readonly Measured[]
  rowCounts: ReadonlyMap<string, number>
  server: string
}

export function documentOf(facts: QueryDocument): string {
  return [introduction(facts), summary(facts), measurements(facts), plans(facts)].join('\n\n').concat('\n')
}

function introduction({ server, rowCounts }: QueryDocument): string {
  const large = [...rowCounts].filter(([, rows]) => rows >= LARGE_TABLE_ROWS).sort((a, b) => b[1] - a[1])
  const sizes = large.map(([table, rows]) => `${table} ${rows.toLocaleString('en')}`).join(', ')
  return `# How the queries are answered

Written by \`npx tsx scripts/explain.ts\`, which makes it again after a change of tables or queries: not edited by hand.
PostgreSQL ${server} with synthetic rows of two chains (${sizes}), analysed.

Every query stands in \`db/queries\` and says in its header which index it uses. Indexes that only readers need stand on each
chain's partition and are made once the chain has caught up (\`chain_index\`); \`<chain>\` stands for the chain's id in
their names. \`test/db/indexes.test.ts\` holds that no index is without a query.

The plans are generic ones: for any values. The client sends every query unnamed, so the server plans it for the values it
gets: partitions of other chains drop out, and of a condition such as \`$1 IS NULL OR …\` only the half that applies is left.
The measurements are of such plans.`
}

function summary({ planned, rowCounts }: QueryDocument): string {
  const rows = planned.map(
    ({ name, text, paths }) =>
      `| [${name}](#${name}) | ${firstSentence(text)} | ${pathList(paths, rowCounts)} |`,
  )
  return [
    '## Access paths',
    '',
    '| Query | Answers | Tables and how they are reached |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

function measurements({ measured, rowCounts }: QueryDocument): string {
  const rows = measured.map(
    (m) =>
      `| ${m.query} | ${m.about} | ${m.rows} | ${m.blocks} | ${m.planningMs.toFixed(1)} | ${m.executionMs.toFixed(1)} | ${pathList(m.paths, rowCounts)} |`,
  )
  return [
    '## Measurements',
    '',
    'Times of `EXPLAIN (ANALYZE)` with values, in milliseconds, the best of three with a warm cache: one run on one machine,',
    'made again by the command. Blocks are 8 kB each. Compare them with one another, not with those of another machine.',
    '',
    '| Query | With | Rows | Blocks | Planning | Execution | Tables and how they are reached |',
    '|---|---|--:|--:|--:|--:|---|',
    ...rows,
  ].join('\n')
}

function plans({ planned, rowCounts }: QueryDocument): string {
  const sections = planned.map(({ name, plan, paths }) => {
    const reason = largeScans(paths, rowCounts).length > 0 && SCAN_REASONS[name]
    return [`### ${name}`, ...(reason ? [reason] : []), `\`\`\`\n${plan}\n\`\`\``].join('\n\n')
  })
  return ['## Plans', ...sections].join('\n\n')
}

/** What a query is for: its header up to the first full stop. */
function firstSentence(text: string): string {
  const header = text
    .split('\n')
    .filter((line) => line.startsWith('--'))
    .map((line) => line.replace(/^--\s*/, ''))
    .join(' ')
  return (/^.*?[.](?=\s|$)/.exec(header)?.[0] ?? header).replaceAll('|', '\\|')
}

function pathList(paths: Paths, rowCounts: ReadonlyMap<string, number>): string {
  const tables = [...paths].sort(([a], [b]) => a.localeCompare(b))
  if (tables.length === 0) return 'none'
  return tables
    .map(([table, ways]) => {
      const isTiny = (rowCounts.get(table) ?? 0) < LARGE_TABLE_ROWS
      const names = [...ways]
        .sort()
        .map((way) => (way === 'seq' ? (isTiny ? 'seq (tiny)' : '**seq**') : nameOf(way)))
      return `${table}: ${names.join(', ')}`
    })
    .join('<br>')
}

function nameOf(way: string): string {
  return way === 'write' ? way : `\`${way}\``
}
