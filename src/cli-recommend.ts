/** `plimsoll recommend`: risk parameters with less expected bad debt, and what they cost. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig } from './config'
import type { RecommendOptions } from './recommend-run/command'

export function addRecommendCommand(program: Command): void {
  program
    .command('recommend')
    .description(
      'risk parameters of lending markets that minimise expected bad debt within capital efficiency',
    )
    .option('--scenario <name>', 'as `plimsoll stress` names them, such as eth-30 or student-t', 'student-t')
    .option('--scenarios <count>', 'draws', whole, 500)
    .option('--seed <number>', 'the same seed gives the same answer', whole, 1)
    .option('--market <ids...>', 'only these markets (default: those with most debt)')
    .option('--max-markets <count>', 'how many of them', whole, 10)
    .option('--days <count>', 'past days of the shadow run; 0: none', whole, 7)
    .option('--gas-usd <amount>', 'cost of one liquidation', amount, 10)
    .addOption(
      new Option('--exit <where>', 'where liquidators sell').choices(['pool', 'oracle']).default('pool'),
    )
    .addOption(
      new Option('--behaviour <how>', 'what borrowers do when parameters change')
        .choices(['unchanged', 'relevered'])
        .default('unchanged'),
    )
    .option('--chain <name>', 'only this chain of the database')
    .option('--in <file>', 'a lending book as JSON instead of the database')
    .option('--json', 'end with one line of JSON')
    .action(async (options: RecommendOptions & { json?: true }) => {
      const { runRecommend } = await import('./recommend-run/command.js')
      const { recommendJson, recommendText } = await import('./recommend-run/report.js')
      const result = await runRecommend(loadConfig, options)
      const lines = [recommendText(result), ...(options.json ? [recommendJson(result)] : [])]
      // The command exits when it is over, which would cut a long line short on a pipe.
      await new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, resolve))
    })
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('not a whole number')
}

function amount(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('not an amount')
}
