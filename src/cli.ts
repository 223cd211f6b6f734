#!/usr/bin/env node
/** `plimsoll <command>`: one command a process, plus what an operator types. */
import { rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type Config, loadConfig, requireDbUrl } from './config'
import type { Pool } from './db/pool'
import { messageOf, PlimsollError, redactUrls } from './errors'

const program = new Command('plimsoll')
  .description('An open risk engine for on-chain finance.')
  .version(require('../package.json').version as string)
  .showHelpAfterError()

/** Settings from the environment, read when a command runs, so that `--help` works without them. */
function settings(): Config {
  return loadConfig()
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // A second Ctrl-C does not wait.
      if (controller.signal.aborted && name === 'SIGINT') process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}

function height(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('not a block height')
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
  const pool = openPool(await commandDatabaseUrl(settings()), { application: 'command', max: 2 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/** A child ends when its supervisor is gone. Waiting for that does not keep it from ending when its work is over. */
function endWithSupervisor(): void {
  process.on('disconnect', () => process.exit(0))
  process.channel?.unref()
}

type NetworkCommands = typeof import('./systemic/network-command.js')

async function printAnswer(
  run: (commands: NetworkCommands) => import('./systemic/network-command.js').CommandAnswer,
) {
  const { line, notes } = run(await import('./systemic/network-command.js'))
  for (const note of notes) console.error(note)
  // The command exits when it is over, which would cut a long line short on a pipe.
  await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve))
}

program
  .command('start', { isDefault: true })
  .description('run everything: the local world, a capture file, or the chains of PLIMSOLL_CHAINS')
  .option('--capture <file>', 'replay recorded blocks (.ndjson or .ndjson.gz) instead of following chains')
  .action(async (options: { capture?: string }) => {
    const config = settings()
    const { runSupervisor } = await import('./supervisor/run.js')
    const { captureMode, configuredMode, localWorldMode } = await import('./supervisor/modes.js')
    const mode = options.capture
      ? captureMode(options.capture)
      : config.chains.length > 0
        ? configuredMode(config)
        : localWorldMode()
    await runSupervisor(config, mode, stopSignal())
  })

program
  .command('migrate')
  .description('bring the database of DB_URL up to date')
  .action(async () => {
    const config = settings()
    const { migrate } = await import('./db/migrate.js')
    const applied = await migrate(
      requireDbUrl(config),
      config.chains.map((chain) => chain.spec.id),
    )
    console.log(applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`)
  })

program
  .command('processor')
  .description('index one chain into Postgres')
  .requiredOption('--chain <name>', 'a chain of PLIMSOLL_CHAINS')
  .action(async (options: { chain: string }) => {
    endWithSupervisor()
    const { runProcessor } = await import('./processor/main.js')
    await runProcessor(settings(), options.chain)
  })

program
  .command('backfill')
  .description('index the final history of one chain, several ranges at once, and stop')
  .requiredOption('--chain <name>', 'a chain of PLIMSOLL_CHAINS; its processor must not run')
  .option(
    '--from <height>',
    'first block (default: PLIMSOLL_<CHAIN>_FROM, or where the chain file says)',
    height,
  )
  .option('--to <height>', 'last block (default: the newest final one)', height)
  .action(async (options: { chain: string; from?: number; to?: number }) => {
    const { runBackfill } = await import('./processor/backfill-command.js')
    await runBackfill(settings(), options)
  })

program
  .command('scorer')
  .description('score accounts and positions, raise alerts')
  .action(async () => {
    endWithSupervisor()
    const { runScorer } = await import('./scorer/main.js')
    const config = settings()
    const chains = config.chains.map((chain) => chain.spec)
    await runScorer({ dbUrl: requireDbUrl(config), chains, models: config.models, signal: stopSignal() })
  })

program
  .command('api')
  .description('serve GraphQL, subscriptions, metrics and the page')
  .action(async () => {
    endWithSupervisor()
    const { runApi } = await import('./api/server.js')
    const api = await runApi(settings())
    console.log(`listening on ${api.url}`)
    const signal = stopSignal()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await api.close()
  })

program
  .command('oracle')
  .description('propose, submit and confirm oracle reports (holds no signing key)')
  .action(async () => {
    endWithSupervisor()
    const { runPublisher } = await import('./oracle/publish.js')
    await runPublisher(settings(), { signal: stopSignal() })
  })

program
  .command('signer')
  .description('recompute proposed reports and sign them with one key')
  .action(async () => {
    endWithSupervisor()
    const { runSigner } = await import('./oracle/signer.js')
    await runSigner(settings(), { signal: stopSignal() })
  })

program
  .command('gateway')
  .description('serve a capture file over the SQD gateway protocol, on the loopback')
  .requiredOption('--capture <file>', 'recorded blocks (.ndjson or .ndjson.gz)')
  .option('--port <port>', 'port to listen on', '0')
  .action(async (options: { capture: string; port: string }) => {
    endWithSupervisor()
    const { runGateway } = await import('./source/gateway.js')
    await runGateway({ file: options.capture, port: Number(options.port) })
  })

program
  .command('capture')
  .description('record blocks and receipts from a JSON-RPC endpoint into a capture file')
  .requiredOption('--rpc <url>', 'JSON-RPC endpoint, http(s) or ws(s)')
  .requiredOption('--from <height>', 'first block', Number)
  .requiredOption('--to <height>', 'last block', Number)
  .requiredOption('--out <file>', 'file to write (.ndjson or .ndjson.gz)')
  .action(async (options: { rpc: string; from: number; to: number; out: string }) => {
    const { recordWithProgress } = await import('./source/record.js')
    await recordWithProgress({
      rpcUrl: options.rpc,
      from: options.from,
      to: options.to,
      outFile: options.out,
    })
  })

program
  .command('features')
  .description('write the features of a chain as of a block into an Arrow or Parquet file')
  .requiredOption('--at <height>', 'block whose state is described', height)
  .requiredOption('--out <file>', 'file to write (.arrow or .parquet)')
  .option('--chain <name>', 'which chain, where the database holds several')
  .option('--group <name>', 'feature group (docs/features.md)', 'account')
  .action(async (options: { at: number; out: string; chain?: string; group?: string }) => {
    const { runFeatures } = await import('./export/command.js')
    await runFeatures(settings(), options)
  })

program
  .command('backtest')
  .description('judge a model on a later period than the one it may learn from')
  .command('credit')
  .description('liquidations within 1, 7 and 30 days, from a folder of lending histories')
  .requiredOption('--events <folder>', 'event files in the shape of MakerDAO’s ETH-B histories')
  .requiredOption('--from <date>', 'first day judged, YYYY-MM-DD; only what was over by then is learnt from')
  .requiredOption('--to <date>', 'last day judged, if the events cover the 30 days after it')
  .option('--prices <files...>', 'hourly ETH prices (default: those of PLIMSOLL_DATA)')
  .option('--json', 'end with one line of JSON')
  .action(async (options: { events: string; from: string; to: string; prices?: string[]; json?: true }) => {
    const { jsonLine, reportText, runBacktest } = await import('./models/credit/report.js')
    const result = runBacktest({ ...options, dataSets: settings().dataSets })
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

program
  .command('doctor')
  .description('check settings, database and endpoints, and say what to do')
  .action(async () => {
    const { examine, exitCodeOf, report } = await import('./supervisor/doctor.js')
    const sections = await examine()
    console.log(report(sections))
    process.exitCode = exitCodeOf(sections)
  })

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
    await runTrain({ name, data: settings().dataSets, ...options, log: console.log })
  })

program
  .command('evaluate')
  .description('train every model again, write its figures and the table of its card, and say what changed')
  .argument('[models...]', 'only these')
  .action(async (names: string[]) => {
    const { runEvaluate } = await import('./models/evaluate-command.js')
    await runEvaluate({ data: settings().dataSets, ...(names.length > 0 && { names }), log: console.log })
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

program
  .command('clear')
  .description('greatest clearing vector of a network of obligations (Eisenberg–Noe, Rogers–Veraart)')
  .requiredOption('--in <file>', 'JSON with L (i owes j), e; optional alpha, beta, senior')
  .action((options: { in: string }) => printAnswer((command) => command.clearCommand(options.in)))

program
  .command('debtrank')
  .description('DebtRank of a network, 2012 or linear 2015')
  .requiredOption('--in <file>', 'JSON with W, v, h0, optional variant; or L, Aext, Lext, shock')
  .action((options: { in: string }) => printAnswer((command) => command.debtRankCommand(options.in)))

program
  .command('reset')
  .description('remove the local data: embedded database, local chains, logs')
  .action(async () => {
    const { dataDir } = settings()
    const { lockFolder } = await import('./supervisor/lock.js')
    lockFolder(dataDir)
    const { removeEmbedded } = await import('./db/embedded.js')
    await removeEmbedded(join(dataDir, 'postgres'))
    rmSync(dataDir, { recursive: true, force: true })
    console.log(`removed ${dataDir}`)
  })

program.parseAsync().then(
  // A command that is over does not wait for sockets that libraries keep open, nor for a start that was broken off.
  () => process.exit(process.exitCode ?? 0),
  (error: unknown) => {
    console.error(messageOf(error))
    if (!(error instanceof PlimsollError) && error instanceof Error) {
      console.error(redactUrls(error.stack ?? ''))
    }
    process.exit(error instanceof PlimsollError ? error.exitCode : 1)
  },
)
