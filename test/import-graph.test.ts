/** Holds the rules of the house: one direction between rooms, pure rooms, and one owner for each way to the outside. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const src = resolve(__dirname, '../src')

interface SourceFile {
  /** Path below src, such as `api/server.ts`. */
  path: string
  text: string
  /** Imported packages by name, and imported files as paths below src; types alike. */
  imports: readonly string[]
  /** Those that exist at run time. */
  values: readonly string[]
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return relative(src, path) === 'model' ? [] : listFiles(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

function importsOf(path: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.')
        ? relative(src, resolve(dirname(path), fileName)).replace(/\.js$/, '')
        : fileName,
    )
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  const withoutTypes = text.replace(/^(import|export) type [\s\S]*? from '[^']*'/gm, '')
  return {
    path: relative(src, path),
    text,
    imports: importsOf(path, text),
    values: importsOf(path, withoutTypes),
  }
}

const files = listFiles(src).map(readSource)

function roomOf(path: string): string {
  return path.split('/')[0] ?? ''
}

/** Code without comments and strings, so that words in prose do not count. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
}

function violations(
  select: (file: SourceFile) => boolean,
  isForbidden: (imported: string) => boolean,
): string[] {
  return files
    .filter(select)
    .flatMap((file) => file.imports.filter(isForbidden).map((imported) => `${file.path} imports ${imported}`))
}

const PURE_ROOMS = ['math', 'protocols', 'detectors']
const PURE_FILES = ['oracle/policy.ts', 'supervisor/view.ts', 'supervisor/plan.ts']

function isPure(file: SourceFile): boolean {
  if (PURE_ROOMS.includes(roomOf(file.path)) || PURE_FILES.includes(file.path)) return true
  // Commands read files for the cores beside them.
  if (roomOf(file.path) === 'systemic') return !file.path.endsWith('-command.ts')
  // The compute half of features does not touch the database.
  return roomOf(file.path) === 'features' && !file.values.some((name) => name.startsWith('db/'))
}

describe('rooms', () => {
  it('are found', () => {
    expect(files.length).toBeGreaterThan(60)
  })

  it.each(['processor', 'scorer', 'api', 'oracle'])('%s imports no other entry room', (room) => {
    const others = ['processor', 'scorer', 'api', 'oracle'].filter((other) => other !== room)
    expect(
      violations(
        (file) => roomOf(file.path) === room,
        (imported) => others.includes(roomOf(imported)),
      ),
    ).toEqual([])
  })

  it('math, protocols, detectors, systemic cores, the oracle’s policy and the compute half of features do no I/O', () => {
    // Hashing is arithmetic; everything else of Node's own is I/O here.
    const outside =
      /^(node:(?!crypto$)|pg$|ws$|typeorm|onnxruntime-node|@subsquid\/evm-processor|db\/|config$|log$)/
    const found = files.filter(isPure).flatMap((file) => {
      return file.values.filter((name) => outside.test(name)).map((name) => `${file.path} imports ${name}`)
    })
    expect(found).toEqual([])
  })

  it('and read no clock and draw no randomness', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bsetTimeout\b|\bfetch\(/
    expect(files.filter(isPure).filter((file) => impure.test(codeOf(file.text)))).toEqual([])
  })

  it('only the supervisor and the command line know the supervisor', () => {
    const rest = (file: SourceFile) => roomOf(file.path) !== 'supervisor' && file.path !== 'cli.ts'
    expect(violations(rest, (imported) => roomOf(imported) === 'supervisor')).toEqual([])
  })
})

describe('single owners', () => {
  const owners: [string, RegExp, readonly string[]][] = [
    ['pg', /^pg(-copy-streams)?$/, ['db/pool.ts']],
    ['onnxruntime-node', /^onnxruntime-node$/, ['models/session.ts', 'models/session-worker.ts']],
    ['@subsquid/evm-processor', /^@subsquid\/evm-processor$/, ['processor/main.ts']],
  ]
  it.each(owners)('%s is imported by its owner alone', (_, name, allowed) => {
    const importers = files.filter((file) => file.imports.some((imported) => name.test(imported)))
    expect(importers.map((file) => file.path).filter((path) => !allowed.includes(path))).toEqual([])
    expect(importers.length).toBeGreaterThan(0)
  })

  it('process.env is read by config.ts alone', () => {
    const readers = files
      .filter((file) => /\bprocess\.env\b/.test(codeOf(file.text)))
      .map((file) => file.path)
    // A child inherits the environment as a whole; nothing is read from it there.
    expect(readers.sort()).toEqual(['config.ts', 'supervisor/child.ts'])
  })

  it('RPC clients of viem are made by chains/client.ts alone', () => {
    const makers = files.filter((file) => /\bcreate(Public|Wallet|Test)?Client\(/.test(codeOf(file.text)))
    expect(makers.map((file) => file.path).filter((path) => path !== 'chains/client.ts')).toEqual([])
  })
})

describe('shape', () => {
  it('nothing but db/entities.ts re-exports another file', () => {
    const barrels = files.filter((file) => /^export \* from/m.test(file.text)).map((file) => file.path)
    expect(barrels.filter((path) => path !== 'db/entities.ts')).toEqual([])
  })

  it('no folder is named for nothing', () => {
    const vague = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|managers?|services?|misc)(\/|\.ts)/.test(file.path),
    )
    expect(vague.map((file) => file.path)).toEqual([])
  })
})
