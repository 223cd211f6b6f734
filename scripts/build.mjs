/**
 * Builds what is out of date, and only that: entities from schema.graphql, contract artifacts, lib/ from src/, and the
 * dashboard. A step is skipped when the content of its inputs is what it was at its last success.
 * `--quiet` prints only the steps that ran.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const quiet = process.argv.includes('--quiet')
const stampFile = join(root, 'lib', '.build.json')
const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}
const lock = readFileSync(join(root, 'package-lock.json'))

function* filesUnder(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const name of readdirSync(path).sort()) {
    if (!['node_modules', 'dist', 'artifacts'].includes(name)) yield* filesUnder(join(path, name))
  }
}

function fingerprint(inputs) {
  const hash = createHash('sha256').update(lock)
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input)))
      hash.update(file.slice(root.length)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => done({ code, output }))
  })
}

/** Path of a package's command, whatever its `exports` hide. */
function bin(name, file) {
  for (const folder of require.resolve.paths(name)) {
    const path = join(folder, name, file)
    if (existsSync(path)) return path
  }
  throw new Error(`${name} is not installed: run npm ci`)
}

async function step(name, inputs, outputs, args) {
  const now = fingerprint(inputs)
  if (stamps[name] === now && outputs.every((output) => existsSync(join(root, output)))) {
    if (!quiet) console.log(`  ${name}: up to date`)
    return
  }
  const startedAt = Date.now()
  const { code, output } = await run(args())
  if (code !== 0) {
    console.error(`  ${name}: failed\n${output}`)
    process.exit(1)
  }
  // Inputs may include what an earlier step wrote, so the print is taken before the step, never after it.
  stamps[name] = now
  console.log(`  ${name}: built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

mkdirSync(join(root, 'lib'), { recursive: true })
const entities = step('entities', ['schema.graphql'], ['src/model/generated'], () => [
  bin('@subsquid/typeorm-codegen', 'bin/run.js'),
]).then(() =>
  step('engine', ['src', 'tsconfig.json', 'tsconfig.build.json'], ['lib/cli.js', 'lib/model'], () => [
    bin('typescript', 'bin/tsc'),
    '-p',
    'tsconfig.build.json',
  ]),
)
await Promise.all([
  entities,
  step('contracts', ['contracts', 'scripts/build-contracts.mjs'], ['contracts/artifacts'], () => [
    'scripts/build-contracts.mjs',
  ]),
  step('dashboard', ['dashboard'], ['dashboard/dist/index.html'], () => [
    bin('vite', 'bin/vite.js'),
    'build',
    'dashboard',
    '--logLevel',
    'warn',
  ]),
])
writeFileSync(stampFile, JSON.stringify(stamps))
