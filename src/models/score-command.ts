/** What `plimsoll score` prints: progress and warnings on stderr, nothing on stdout but the list of `--columns`. */
import { PlimsollError } from '../errors'
import { columnsHelp } from './score-columns'
import { scoreFile, specOf } from './score-file'

const PROGRESS_ROWS = 100_000

/** Runs the command. Rejects with PlimsollError on wrong options or a wrong file. */
export async function runScore(options: {
  model: string
  in?: string
  out?: string
  columns?: true
}): Promise<void> {
  const spec = specOf(options.model)
  if (options.columns) {
    process.stdout.write(`${columnsHelp(spec)}\n`)
    return
  }
  const { in: inFile, out: outFile } = options
  if (inFile === undefined || outFile === undefined) {
    throw new PlimsollError('score needs --in and --out', { exitCode: 2 })
  }
  let told = 0
  const { rows, unscored, repeatedIds, firstRepeat } = await scoreFile({
    model: spec.name,
    inFile,
    outFile,
    progress: (count) => {
      if (count - told < PROGRESS_ROWS) return
      told = count
      process.stderr.write(`${count} rows\n`)
    },
  })
  if (firstRepeat !== undefined) {
    const { id, row } = firstRepeat
    process.stderr.write(
      `warning: ${repeatedIds} rows repeat the id of an earlier row, the first is row ${row} (${JSON.stringify(id)})\n`,
    )
  }
  process.stderr.write(
    `${rows} rows read, scores written into ${outFile}, ${unscored} rows are without a score\n`,
  )
}
