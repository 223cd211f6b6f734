#!/usr/bin/env node
/** `plimsoll <command>`: one command a process, plus what an operator types. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { addModelCommands } from './cli-models'
import { addRecommendCommand } from './cli-recommend'
import { addReplayCommands } from './cli-replay'
import { addSystemicCommands } from './cli-systemic'
import { type Config, loadConfig, requireDbUrl } from './config'
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

/** A child ends when its supervisor is gone. Waiting for that does not keep it from ending when its work is over. */
function endWithSupervisor(): void {
  process.on('disconnect', () => process.exit(0))
  process.channel?.unref()
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

addModelCommands(program)
addRecommendCommand(program)
addReplayCommands(program)

program
  .command('doctor')
  .description('check settings, database and endpoints, and say what to do')
  .action(async () => {
    const { examine, exitCodeOf, report } = await import('./supervisor/doctor.js')
    const sections = await examine()
    console.log(report(sections))
    process.exitCode = exitCodeOf(sections)
  })

addSystemicCommands(program)

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
