/** Commands about models: judging, scoring files, training, checking scores, and which version serves. */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { loadConfig } from './config'
import type { Pool } from './db/pool'

/** Adds them all to `plimsoll`. */
export function addModelCommands(program: Command): void {
  addFileCommands(program)
  addTrainingCommands(program)
  addVersionCommands(program)
}

function addFileCommands(program: Command): void {
  program
    .command('backtest')
    .description('judge a model on a later period than the one it may learn from')
    .command('credit')
    .description('liquidations within 1, 7 and 30 days, from a folder of lending histories')
    .requiredOption('--events <folder>', 'event files in the shape of MakerDAO’s ETH-B histories')
    .requiredOption(
      '--from <date>',
      'first day judged, YYYY-MM-DD; only what was over by then is learnt from',
    )
    .requiredOption('--to <date>', 'last day judged, if the events cover the 30 days after it')
    .option('--prices <files...>', 'hourly ETH prices (default: those of PLIMSOLL_DATA)')
    .option('--json', 'end with one line of JSON')
    .action(async (options: { events: string; from: string; to: string; prices?: string[]; json?: true }) => {
      const { jsonLine, reportText, runBacktest } = await import('./models/credit/report.js')
      const result = runBacktest({ ...options, dataSets: loadConfig().dataSets })
      console.log(reportText(result))
      if (options.json) console.log(jsonLine(result))
    })

  program
    .command('score')
    .description('score a file of features (.csv or .arrow) with a model into a CSV of id, score, reasons')
    .requiredOption('--model <name>', 'a registered model, such as illicit')
    .option('--in <file>', 'features: a column `id` and columns of the model; missing ones are allowed')
    .option('--out <file>', 'CSV to write: id,score,reasons; a row the model is silent on has an empty score')
    .option('--columns', "list the model's columns, their units and what missing values mean, and stop")
    .addHelpText(
      'after',
      '\nEmpty cells, NaN and absent columns are missing values. Unknown columns, text where a number belongs,\n' +
        'infinities and repeated ids are errors, and then nothing is written. `--columns` documents every column.',
    )
    .action(async (options: { model: string; in?: string; out?: string; columns?: true }) => {
      const { runScore } = await import('./models/score-command.js')
      await runScore(options)
    })
}

function addTrainingCommands(program: Command): void {
  program
    .command('train')
    .description(
      'train a model from the data folder (PLIMSOLL_DATA) and write its files; the same data give the same bytes',
    )
    .argument('<model>', 'which')
    .option('--out <folder>', "where the files go (default: the model's folder)")
    .option('--card', 'print the table of figures for its card instead')
    .action(async (name: string, options: { out?: string; card?: boolean }) => {
      const { runTrain } = await import('./models/train-command.js')
      await runTrain({ name, data: loadConfig().dataSets, ...options, log: console.log })
    })

  program
    .command('evaluate')
    .description('train every model again, write its figures and the table of its card, and say what changed')
    .argument('[models...]', 'only these')
    .action(async (names: string[]) => {
      const { runEvaluate } = await import('./models/evaluate-command.js')
      await runEvaluate({ data: loadConfig().dataSets, ...(names.length > 0 && { names }), log: console.log })
    })

  program
    .command('verify')
    .description('recompute a stored score and say what differs; exit code 1 when something does')
    .argument('<scoreId>', 'id of a score')
    .action(async (scoreId: string) => {
      const { verifyScore } = await import('./scorer/verify.js')
      const found = await withDatabase((pool) => verifyScore(pool, scoreId))
      const exactness = found.exactness === 'bits' ? 'to the bit' : `within ${found.exactness.tolerance}`
      console.log(`${found.modelName} ${found.modelVersion}, SHA-256 ${found.modelSha256}`)
      console.log(`stored ${found.stored}, recomputed ${found.recomputed ?? 'nothing'}`)
      for (const difference of found.differences) console.log(`  - ${difference}`)
      console.log(found.differences.length === 0 ? `verified ${exactness}` : 'NOT verified')
      process.exitCode = found.differences.length === 0 ? 0 : 1
    })
}

function addVersionCommands(program: Command): void {
  const modelsCommand = program
    .command('models')
    .description('versions of models: which score, which wait, and why')
  modelsCommand
    .command('list', { isDefault: true })
    .description('every version with its state')
    .action(async () => {
      const { modelsList } = await import('./models/models-command.js')
      for (const line of await withDatabase(modelsList)) console.log(line)
    })
  modelsCommand
    .command('promote')
    .description('move a version on: candidate → shadow → active; refused while a gate fails')
    .argument('<model>', 'which model')
    .argument('[version]', 'version number or beginning of the SHA-256 (default: the one that waits)')
    .requiredOption('--why <text>', 'kept in the history')
    .option('--by <name>', 'who decides', userName())
    .action(async (name: string, which: string | undefined, options: { why: string; by: string }) => {
      const { modelsPromote } = await import('./models/models-command.js')
      console.log(await withDatabase((pool) => modelsPromote(pool, { name, which, ...options })))
    })
  modelsCommand
    .command('rollback')
    .description('bring back the version that was active before')
    .argument('<model>', 'which model')
    .requiredOption('--why <text>', 'kept in the history')
    .option('--by <name>', 'who decides', userName())
    .action(async (name: string, options: { why: string; by: string }) => {
      const { modelsRollback } = await import('./models/models-command.js')
      console.log(await withDatabase((pool) => modelsRollback(pool, { name, ...options })))
    })
  modelsCommand
    .command('card')
    .description("a version's model card, and what its gates say")
    .argument('<model>', 'which model')
    .argument('[version]', 'version number or beginning of the SHA-256 (default: the active one)')
    .action(async (name: string, which: string | undefined) => {
      const { modelsCard } = await import('./models/models-command.js')
      console.log(await withDatabase((pool) => modelsCard(pool, { name, which })))
    })
  modelsCommand
    .command('drift')
    .description(
      'measure how far inputs and scores have moved from training, and how calibrated old scores were',
    )
    .action(async () => {
      const { watchModels } = await import('./scorer/watch.js')
      for (const line of await withDatabase(watchModels)) console.log(line)
    })
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** Runs a command's work with a pool on DB_URL, or on the embedded database while it runs. */
async function withDatabase<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const { openPool } = await import('./db/pool.js')
  const { commandDatabaseUrl } = await import('./db/command-url.js')
  const pool = openPool(await commandDatabaseUrl(loadConfig()), { application: 'command', max: 2 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}
