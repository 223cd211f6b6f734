/** What may be asked of a bench on the command line. Sizes default to those of the issue; smaller ones are for development. */
import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Fewer repetitions, smaller sizes, and no yardstick that takes a minute. The JSON then lacks their keys. */
  quick: boolean
  /** Also run under the CPU profiler and print where the time goes. */
  profile: boolean
  /** What the random parts are drawn from. */
  seed: number
  blocks: number | undefined
  rounds: number | undefined
}

export const OPTIONS_HELP = [
  '  --quick        small sizes, one repetition, without Squid and Ponder (keys of the JSON that need them are left out)',
  '  --profile      print where the time of our processes goes, by room and package (ingest, protocols)',
  '  --blocks N     blocks of each chain',
  '  --rounds N     rounds of reorgs (tip) or of disturbances (chaos)',
  '  --seed N       seed of the random parts (tip, chaos)',
]

const DEFAULT_SEED = 20261126

function natural(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text)
  throw new Error(`--${name} ${text} is not a whole number above 0`)
}

/** @throws Error on an unknown option or a number that is none */
export function parseOptions(args: readonly string[]): {
  names: string[]
  help: boolean
  options: BenchOptions
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      seed: { type: 'string' },
      blocks: { type: 'string' },
      rounds: { type: 'string' },
    },
  })
  return {
    names: positionals,
    help: values.help,
    options: {
      quick: values.quick,
      profile: values.profile,
      seed: natural('seed', values.seed) ?? DEFAULT_SEED,
      blocks: natural('blocks', values.blocks),
      rounds: natural('rounds', values.rounds),
    },
  }
}
