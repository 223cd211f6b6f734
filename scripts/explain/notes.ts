/** Why a sequential scan of a large table is right where a query's generic plan has one. */
import type { Planned } from './document'

/** Below this many rows a scan is as quick as an index. */
export const LARGE_TABLE_ROWS = 1_000

const OPTIONAL = 'Conditions whose parameter may be null cannot be weighed without values'

/** query → reason */
export const SCAN_REASONS: Readonly<Record<string, string>> = {
  'alerts-restore':
    'Without values the planner expects a third of the journal; with the few blocks of a reorganisation it takes `alert_pkey`.',
  'api-alerts': `${OPTIONAL}; with them each of the three uses has its index: see the measurements.`,
  'api-market-risk':
    'Sums over every position of a chain, its health and its current score: each is read once and hashed.',
  'api-metrics': 'Counts all alerts by chain, severity and status.',
  'api-position-health': `${OPTIONAL}. The number of all matching positions is part of the answer, so without a filter all are read.`,
  'api-totals': 'Sums over the health of every position, of which there is one row an account and pool.',
  'features-lending-events': `${OPTIONAL}: without account ids every event of the window is meant to be read.`,
  'features-market-totals-at': 'Sums over every position of a chain.',
  'features-position-versions':
    'Without account ids it is meant to read every position; with them `position`’s primary key is used: see the measurements.',
  'features-positions-at':
    'Without account ids it is meant to read every position; with them `position`’s primary key is used: see the measurements.',
  'features-position-habits':
    'Without account ids it is meant to read every lending event of the chain; with them the account index is used: see the measurements.',
  'scorer-health-replace':
    'Replaces the health of all positions of a chain: those the newest round does not have are deleted.',
  'watch-matured':
    'Every score of a model that is old enough, one a subject and day: most of the table, every ten minutes.',
  'watch-scores':
    'Without values the planner expects a tenth of all scores, for which it reads accounts and health once rather than by look-ups; it runs every ten minutes.',
  'api-model-shadow':
    'Nearly all comparisons are of the one shadow that runs, and all of them are asked for.',
  'scorer-shadows-remove': 'Nearly all comparisons are of the one shadow that runs; all of them go.',
  status: 'Counts the alerts that stand, four in five of all.',
}

/** @throws when a large table is scanned without a reason, or a table that is read is empty */
export function demandReasons(planned: readonly Planned[], rowCounts: ReadonlyMap<string, number>): void {
  const complaints: string[] = []
  for (const { name, paths } of planned) {
    const empty = [...paths.keys()].filter((table) => !rowCounts.get(table))
    if (empty.length > 0)
      complaints.push(`${name} reads ${empty.join(', ')}, which scripts/explain/fill.ts leaves empty`)
    const scanned = largeScans(paths, rowCounts)
    if (scanned.length > 0 && !(name in SCAN_REASONS))
      complaints.push(`${name} scans ${scanned.join(', ')}: give it an index, or the reason in notes.ts`)
  }
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
}

/** Large tables that a plan reads from end to end. */
export function largeScans(
  paths: ReadonlyMap<string, ReadonlySet<string>>,
  rowCounts: ReadonlyMap<string, number>,
): string[] {
  return [...paths]
    .filter(([table, ways]) => ways.has('seq') && (rowCounts.get(table) ?? 0) >= LARGE_TABLE_ROWS)
    .map(([table]) => table)
}
