/** docs/features.md from the groups' own words, so that the document cannot say something else than the code. Pure. */
import type { FeatureGroup } from './types'

const INTRODUCTION = `# Features

What models see, and what \`plimsoll features\` writes. Written from the code by \`npx tsx scripts/document-features.ts\`; a
test compares.

A row describes one subject at the end of one block and depends on nothing later. Every value is a float32, rounded once,
from exact integers. A value that is not known is NaN, never zero; a subject about which nothing honest can be said is
withheld, with the reason. NaN is NaN in files too, not null.

## Files

\`\`\`
plimsoll features --at BLOCK --out FILE.arrow|FILE.parquet [--chain NAME] [--group NAME]
\`\`\`

Column 0 is \`subjectId\` (utf8), rows ascend by it; then the columns below, in order, float32. The file's metadata (Arrow
schema, Parquet footer) say what it is: \`plimsoll.group\`, \`plimsoll.schemaVersion\`, \`plimsoll.chainId\`,
\`plimsoll.height\`, \`plimsoll.blockHash\`, \`plimsoll.timestampSec\`, \`plimsoll.final\` (false: a reorg may yet undo the
block) and \`plimsoll.labels\` (label lists were there). Accounts are read in pages, in one snapshot of the database: memory
does not grow with the chain.

A group's schema version is raised with every change of a column's name, order, unit, definition or missing-value rule. A
reader that knows version n takes n and nothing else.

## Label lists

\`PLIMSOLL_LABELS\` names files or folders, separated by commas: CSV with a header in which a column's name ends in
\`address\` (and perhaps \`kind\`: flagged, mixer, sanctioned), JSON lines with \`address\` and \`labels\`, or text with an
address a line; \`.gz\` is unpacked. Without a column \`kind\` the file's name decides: \`ofac\` or \`sanction\` → sanctioned,
\`mixer\` or \`tornado\` → mixer, else flagged. Without lists the columns that need them are NaN. Lists carry no dates, so an
address counts at every block: who trains on such columns must keep the listed accounts, and those listed because of them,
out of the tests. An account's own label is never used.

## Batch and incremental

Groups marked *incremental* can be kept up to date block by block (src/features/rolling.ts): only accounts that took part in
new or undone blocks are computed again, and the result is that of the batch to the byte. Whole chains of transfers are
computed over columns (src/features/columnar), by the same definitions: \`npm run bench -- features\`.`

/** What a group says about itself. */
type GroupWords = Pick<FeatureGroup<unknown>, 'name' | 'version' | 'about' | 'subject' | 'schema'> & {
  touched?: unknown
}

/** The whole document, with a table for each group. */
export function featuresDocument(groups: Readonly<Record<string, GroupWords>>): string {
  return `${[INTRODUCTION, ...Object.values(groups).map(sectionOf)].join('\n\n')}\n`
}

const SUBJECTS = {
  account: '`chainId:account`',
  position: '`chainId:account:pool`',
  market: 'the market’s id',
} as const

function sectionOf({ name, version, about, subject, schema, touched }: GroupWords): string {
  const rows = schema.map(
    (column) => `| ${column.name} | ${column.unit} | ${cell(column.description)} | ${cell(column.missing)} |`,
  )
  return [
    `## ${name}`,
    '',
    `${about} Schema version ${version}; subject ${SUBJECTS[subject]}${touched ? '; *incremental*' : ''}.`,
    '',
    '| column | unit | definition | missing |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
