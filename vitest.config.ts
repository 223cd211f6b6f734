import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By how long they take: begun last, one of these would keep one core busy while the others rest. */
const LONGEST = [
  'models/train-illicit.slow',
  'e2e/start.slow',
  'models/train.slow',
  'e2e/start-settings.slow',
  'models/learn/parity.slow',
  'oracle/kill.slow',
  'protocols/aave-v3/origin.slow',
  'e2e/crash.slow',
  'scorer/kill.slow',
  'processor/backfill',
  'models/versions',
  'processor/price-calls',
  'dashboard/dashboard',
  'protocols/aave-v3/health',
  'e2e/capture',
  'systemic/replay/page',
  'processor/bad-input',
  'processor/main',
  'demo/journal',
  'demo/world',
  'demo/process',
  'source/endpoints',
  'supervisor/doctor',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at < 0 ? LONGEST.length : at
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
  globalSetup: ['test/support/global-setup.ts'],
}

/** Vite would load graphql's ESM build beside the CommonJS one that node_modules share; graphql refuses two copies. */
const resolve = {
  alias: [{ find: /^graphql$/, replacement: join(__dirname, 'node_modules/graphql/index.js') }],
}

/** `fast` runs under `npm test`; files named *.slow.test.ts run under `npm run test:slow`. */
export default defineConfig({
  test: {
    // Vitest leaves one core free by default, which on two cores means one file at a time.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: 'fast',
          // A process for all files rather than one a file: starting it and loading the modules takes longer than most files.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts'],
        },
      },
      {
        resolve,
        test: { ...shared, name: 'slow', include: ['test/**/*.slow.test.ts'], testTimeout: 600_000 },
      },
    ],
  },
})
