/**
 * `npx tsx scripts/train.ts <model>` is `plimsoll train <model>` from sources that are not built: it writes the model's
 * files from the data folder. `--card` prints the table of figures for its card instead.
 */
import { loadConfig } from '../src/config'
import { messageOf, PlimsollError } from '../src/errors'
import { runTrain } from '../src/models/train-command'

const [name = '', ...flags] = process.argv.slice(2)
const log = (line: string) => void process.stdout.write(`${line}\n`)

runTrain({ name, data: loadConfig().dataSets, card: flags.includes('--card'), log }).catch(
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exit(error instanceof PlimsollError ? error.exitCode : 1)
  },
)
