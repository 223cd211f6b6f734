import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

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
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: 'fast',
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
