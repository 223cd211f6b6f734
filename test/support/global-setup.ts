/** What a test run needs once: the build, which the tests' own processes run, and a real embedded PostgreSQL. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
  }
}

const root = join(__dirname, '..', '..')

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--quiet'], {
    ...{ cwd: root, stdio: 'inherit' },
  })
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-test-pg-'))
  const database = await startEmbedded({
    dir,
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
  })
  project.provide('postgresUrl', database.url)
  return async () => {
    await database.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
