/** The terminal view: what runs, how far it is, where to look. Pure: a status in, lines out. */

export interface ChainLine {
  name: string
  headHeight: number
  finalizedHeight: number
  /** Age of the head block. */
  lagSec: number
  rowsPerSec: number
  scores: number
  openAlerts: number
  quarantined: number
}

export interface StatusView {
  upSec: number
  chains: readonly ChainLine[]
  oracle: { subject: string; metric: string; round: number; value: number; ageSec: number } | undefined
  /** Why no oracle runs, where none does. */
  oracleNote: string | undefined
  processes: readonly { name: string; state: string; restarts: number; lastLine: string | undefined }[]
  urls: readonly { label: string; url: string }[]
  /** What is being waited for; shown above everything else. */
  notes: readonly string[]
}

const number = new Intl.NumberFormat('en-US')

/** `75` → `1m 15s` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3600)}h`
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  )
}

/** Lines of the view, without colours or line breaks. */
export function renderStatus(status: StatusView): string[] {
  const lines = [`Plimsoll   up ${duration(status.upSec)}`, '']
  for (const note of status.notes) lines.push(`  ${note}`)
  if (status.notes.length > 0) lines.push('')
  if (status.chains.length > 0) {
    const header = ['chain', 'head', 'final', 'lag', 'rows/s', 'scores', 'alerts', 'quarantined']
    const body = status.chains.map((chain) => [
      chain.name,
      number.format(chain.headHeight),
      number.format(chain.finalizedHeight),
      duration(chain.lagSec),
      number.format(Math.round(chain.rowsPerSec)),
      number.format(chain.scores),
      number.format(chain.openAlerts),
      number.format(chain.quarantined),
    ])
    lines.push(...table([header, ...body]).map((line) => `  ${line}`), '')
  }
  if (status.oracle) {
    const { subject, metric, round, value, ageSec } = status.oracle
    lines.push(
      `  oracle  ${metric} of ${subject} = ${value.toFixed(6)}, round ${round}, ${duration(ageSec)} ago`,
      '',
    )
  } else if (status.oracleNote) {
    lines.push(`  oracle  ${status.oracleNote}`, '')
  }
  const troubled = status.processes.filter((child) => child.state === 'waiting' || child.state === 'failed')
  for (const child of troubled) {
    const what = child.state === 'failed' ? 'stopped for good' : `restarting (${child.restarts})`
    lines.push(`  ! ${child.name} ${what}: ${child.lastLine ?? 'no output'}`)
  }
  const finished = status.processes.filter((child) => child.state === 'done')
  for (const child of finished) lines.push(`  ${child.name} is done: its last block is indexed`)
  if (troubled.length + finished.length > 0) lines.push('')
  const width = Math.max(0, ...status.urls.map(({ label }) => label.length))
  for (const { label, url } of status.urls) lines.push(`  ${label.padEnd(width)}  ${url}`)
  if (status.urls.length > 0) lines.push('', '  Ctrl-C stops everything; starting again resumes.')
  return lines
}
