/** Reads plans of PostgreSQL: which way each table is reached, and the plan's text without what repeats. */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Conflict Arbiter Indexes'?: string[]
  Plans?: PlanNode[]
}

const LONGEST_LINE = 150

/** Names of partitions and of their indexes with `<chain>` for the chain's id; numbered aliases without the number. */
export function withoutChains(text: string, chainIds: readonly number[]): string {
  return text
    .replaceAll(new RegExp(`_(?:${chainIds.join('|')})(?![0-9])`, 'g'), '_<chain>')
    .replaceAll(/\b([a-z][a-z_]*)_\d{1,2}\b/g, '$1')
}

/** table → ways in which a plan reaches it: names of indexes, `seq`, or `write`. Partitions count as their table. */
export function accessPaths(root: PlanNode, chainIds: readonly number[]): Map<string, Set<string>> {
  const paths = new Map<string, Set<string>>()
  const isPartition = new RegExp(`_(?:${chainIds.join('|')})$`)
  const add = (relation: string, path: string) => {
    const table = relation.replace(isPartition, '')
    paths.set(table, (paths.get(table) ?? new Set()).add(withoutChains(path, chainIds)))
  }
  /** @param heap table that a bitmap is made for: the scan of the index below does not name it */
  const visit = (node: PlanNode, heap?: string): void => {
    const relation = node['Relation Name'] ?? heap
    if (relation !== undefined) {
      if (node['Index Name'] !== undefined) add(relation, node['Index Name'])
      else if (node['Node Type'] === 'Seq Scan') add(relation, 'seq')
      else if (node['Node Type'] === 'ModifyTable') add(relation, 'write')
      for (const arbiter of node['Conflict Arbiter Indexes'] ?? []) add(relation, arbiter)
    }
    const isBitmap = node['Node Type'].startsWith('Bitmap')
    for (const child of node.Plans ?? []) visit(child, isBitmap ? relation : undefined)
  }
  visit(root)
  return paths
}

/** The plan's text with one branch for the partitions that are read alike, and long conditions cut. */
export function planText(lines: readonly string[], chainIds: readonly number[]): string {
  const alike = withoutRepeats(
    lines.map((line) => withoutChains(line, chainIds)),
    false,
  )
  return alike
    .filter((line, at) => line !== alike[at - 1])
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line))
    .join('\n')
}

/** Leaves out branches of an Append that read as an earlier one does. */
function withoutRepeats(lines: readonly string[], isAppend: boolean): string[] {
  const kept: string[] = []
  const seen = new Set<string>()
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!
    const depth = line.search(/\S/)
    const isBranch = line.slice(depth).startsWith('->') || at === 0
    let end = at + 1
    while (isBranch && end < lines.length && lines[end]!.search(/\S/) > depth) end++
    const block = [line, ...withoutRepeats(lines.slice(at + 1, end), /\bAppend$/.test(line))]
    const text = block.join('\n')
    if (!(isBranch && isAppend && seen.has(text))) kept.push(...block)
    seen.add(text)
    at = end
  }
  return kept
}
