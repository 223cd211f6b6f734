/** Commands about systemic risk: stress tests and exposures of everything indexed, and networks of one's own. */
import { type Command, InvalidArgumentError } from 'commander'
import { loadConfig } from './config'
import { badInput } from './systemic/network'
import type { CommandAnswer } from './systemic/network-command'
import { STRESS_DEFAULTS } from './systemic/stress/request'

/** Adds them all to `plimsoll`. */
export function addSystemicCommands(program: Command): void {
  addStress(program)
  addExposure(program)
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
}

interface StressOptions {
  scenario: string
  scenarios: number
  block?: string[]
  markets?: string[]
  seed: number
  level: number[]
  exit: string
  gasUsd: number
  prices?: string
  in?: string
  saveBook?: string
  json?: true
  out?: string
}

function addStress(program: Command): void {
  program
    .command('stress')
    .description('what breaks when prices move: bad debt and liquidations at risk, who loses, in which order')
    .requiredOption('--scenario <name>', 'such as eth-30, depeg-usdc, replay-2020-03, student-t (list below)')
    .option('--scenarios <count>', 'draws', number, STRESS_DEFAULTS.scenarios)
    .option('--block <chain=height...>', 'state as of these blocks (default: the newest indexed)')
    .option(
      '--markets <ids...>',
      'only what these markets or pools lose; prices are shared with all the same',
    )
    .option('--seed <number>', 'the same seed gives the same draws', number, STRESS_DEFAULTS.seed)
    .option('--level <levels>', 'of the at-risk figures, with commas between', numbers, [
      ...STRESS_DEFAULTS.levels,
    ])
    .option(
      '--exit <where>',
      'pool: liquidators sell at once and must profit; oracle: they keep what they seize at its price',
      STRESS_DEFAULTS.exit,
    )
    .option('--gas-usd <usd>', 'cost of one liquidation', number, STRESS_DEFAULTS.gasUsd)
    .option('--prices <folder>', 'candle files to fit from and replay (docs/stress.md)')
    .option('--in <file>', 'a book of your own as JSON instead of the database (docs/stress.md)')
    .option('--save-book <file>', 'write the book that was read, as --in takes it')
    .option('--json', 'end with one line of JSON')
    .option('--out <file>', 'write the figures by market, asset and protocol (.arrow)')
    .addHelpText(
      'after',
      '\nScenarios:\n' +
        '  eth-30, wbtc-50, all-20       an asset falls by so many per cent, others with it by their beta\n' +
        '  depeg-usdc, depeg-steth-0.93  a token loses its peg, and what leans on it falls with it\n' +
        '  bridge-arbitrum[-0.5]         what a bridge brought is worth only what is recovered\n' +
        '  replay-2020-03, replay-2021-05, replay-2022-06, replay-2023-03\n' +
        '  gbm, student-t, garch, bootstrap    random days\n' +
        '\nExamples:\n' +
        '  plimsoll stress --scenario eth-30 --scenarios 10000\n' +
        '  plimsoll stress --scenario student-t --level 0.95,0.99 --block ethereum=21000000 --json\n' +
        '  plimsoll stress --scenario depeg-usdc --in book.json --out losses.arrow',
    )
    .action(async ({ block, level, exit, ...options }: StressOptions) => {
      if (exit !== 'pool' && exit !== 'oracle') throw badInput(`--exit is ${exit}: it must be pool or oracle`)
      const { runStressCommand } = await import('./stress-run/command.js')
      await runStressCommand(loadConfig, { ...options, exit, levels: level, blocks: block ?? [] })
    })
}

interface ExposureCliOptions {
  block?: string[]
  protocols?: string[]
  topAccounts: number
  json?: true
}

function addExposure(program: Command): void {
  program
    .command('exposure')
    .description('who has what where, what tokens promise, what is counted twice, whose failure costs most')
    .option('--block <chain=height...>', 'state as of these blocks (default: the newest indexed)')
    .option('--protocols <names...>', 'only venues of these protocols')
    .option('--top-accounts <count>', 'accounts that are nodes of their own, the largest first', whole, 50)
    .option('--json', 'end with the graph as one line of JSON')
    .action(async ({ block, json, ...options }: ExposureCliOptions) => {
      const { runExposure } = await import('./exposure-run/command.js')
      const { exposureText } = await import('./exposure-run/report.js')
      const graph = await runExposure(loadConfig(), { ...options, blocks: block ?? [] })
      const lines = [exposureText(graph), ...(json ? [JSON.stringify(graph)] : [])]
      // The command exits when it is over, which would cut a long line short on a pipe.
      await new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, resolve))
    })
}

function whole(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('not a whole number')
}

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw new InvalidArgumentError('not a number')
}

function numbers(text: string): number[] {
  return text.split(',').map(number)
}

type NetworkCommands = typeof import('./systemic/network-command.js')

async function printAnswer(run: (commands: NetworkCommands) => CommandAnswer) {
  const { line, notes } = run(await import('./systemic/network-command.js'))
  for (const note of notes) console.error(note)
  // The command exits when it is over, which would cut a long line short on a pipe.
  await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve))
}
