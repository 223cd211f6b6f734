/** `npm run bench -- <name>`: a table of ratios against a yardstick run beside it, then one JSON line. */
import { messageOf } from '../src/errors'
import { type BenchOptions, OPTIONS_HELP, parseOptions } from './options'

interface Bench {
  about: string
  load: () => Promise<{ run: (options: BenchOptions) => Promise<unknown> }>
}

const BENCHES: Readonly<Record<string, Bench>> = {
  ingest: {
    about: 'ERC-20 rows and balances beside a bare loop, Squid and Ponder',
    load: () => import('./ingest.js'),
  },
  'ingest-noise': {
    about: 'the same among 190 foreign logs a block, beside none',
    load: () => import('./ingest-noise.js'),
  },
  tip: {
    about: 'head announced → row visible beside Squid, p50/p99; then reorgs against the truth',
    load: () => import('./tip.js'),
  },
  protocols: {
    about: 'every protocol over 5,000 mainnet blocks: logs/s, and growth with the size of the tables',
    load: () => import('./protocols.js'),
  },
  chains: {
    about: 'two and six chains at once on two cores: rows/s in all, and that none starves',
    load: () => import('./chains.js'),
  },
  chaos: {
    about: 'kill -9, endpoint death, PostgreSQL restart and reorgs together: rows lost or doubled',
    load: () => import('./chaos.js'),
  },
  scorer: {
    about:
      'feature rows of a million accounts → score rows with reasons: accounts/s, memory, held-up event loops',
    load: () => import('./scorer.js'),
  },
  features: {
    about: 'features of 1M accounts over 20M transfers beside DuckDB: rows/s, memory, equal to the bit',
    load: () => import('./features.js'),
  },
  inference: {
    about: 'scores/s of the illicit model at batch 1, 1,000 and 100,000 beside scikit-learn and XGBoost',
    load: () => import('./inference.js'),
  },
  stress: {
    about:
      'health factors and first-round losses of 100k positions × 10k scenarios beside NumPy: ratio, memory',
    load: () => import('./stress.js'),
  },
  spiral: {
    about: 'the whole liquidation spiral of 10k positions × 1k scenarios: seconds, and growth by ten',
    load: () => import('./spiral.js'),
  },
  network: {
    about:
      'DebtRank of 2,000 nodes each alone, clearing of 1,000 nodes × 1,000 scenarios, beside NumPy and ONNX',
    load: () => import('./network.js'),
  },
  latency: { about: 'block mined → alert received over SSE, p50/p99', load: () => import('./latency.js') },
}

function usage(): string {
  const width = Math.max(...Object.keys(BENCHES).map((name) => name.length))
  return [
    'usage: npm run bench -- [NAME …] [OPTION …]   (all of them without a name)',
    ...Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
    'options:',
    ...OPTIONS_HELP,
  ].join('\n')
}

async function main(args: readonly string[]): Promise<void> {
  const { names, help, options } = parseOptions(args)
  if (help || names.some((name) => BENCHES[name] === undefined)) {
    console.error(usage())
    process.exit(help ? 0 : 2)
  }
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    console.log(`\n${name}: ${BENCHES[name]?.about}`)
    const bench = await BENCHES[name]?.load()
    console.log(JSON.stringify(await bench?.run(options)))
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : messageOf(error))
    process.exit(1)
  },
)
