/**
 * `npm run evaluate`: every model is trained again from the data folder; its files and the table of its card are written
 * anew, and what changed is said. Nothing changes while code and data stay the same.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cardTable } from './card'
import { type ModelFiles, publishedFiles } from './publish'
import { modelFolder } from './registry'
import { requireData } from './train-command'
import { type TrainingResult, trainInThreads } from './train-threads'
import { type Trainers, trainersOf } from './trainers'
import { cardFile } from './versions'

const TABLE_HEAD = '| figure | value | 95 % interval |'
const MOST_CHANGES = 40

export interface EvaluateOptions {
  data: string
  /** Only these models of the data folder; default all. */
  names?: readonly string[]
  log: (line: string) => void
  folderOf?: (name: string) => string
  cardOf?: (name: string) => string
  /** Trains these, here and in turn, instead of the models of the data folder in threads of their own. */
  trainers?: Trainers
}

/** Evaluates; resolves with what changed, by model: names of files and paths of figures. */
export async function runEvaluate(options: EvaluateOptions): Promise<Record<string, string[]>> {
  const { data, log, folderOf = modelFolder, cardOf = cardFile } = options
  requireData(data)
  const names = options.names ?? Object.keys(trainersOf({ data, log: () => undefined }))
  const results = options.trainers ? trainHere(options.trainers) : trainInThreads(names, data)
  const changed: Record<string, string[]> = {}
  for await (const { name, files, tookSec } of results) {
    const changes = [
      ...writeFiles(files, folderOf(name)),
      ...writeCard(String(files['metrics.json']), cardOf(name)),
    ]
    changed[name] = changes
    log(
      `${name}: ${tookSec.toFixed(1)} s, ${changes.length === 0 ? 'nothing changed' : `${changes.length} changes`}`,
    )
    for (const change of changes.slice(0, MOST_CHANGES)) log(`  ${change}`)
    if (changes.length > MOST_CHANGES) log(`  and ${changes.length - MOST_CHANGES} more`)
  }
  return changed
}

async function* trainHere(trainers: Trainers): AsyncGenerator<TrainingResult> {
  for (const [name, train] of Object.entries(trainers)) {
    const started = Date.now()
    const files = publishedFiles(await train())
    yield { name, files, tookSec: (Date.now() - started) / 1000 }
  }
}

function writeFiles(files: ModelFiles, folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return Object.entries(files).flatMap(([name, content]) => {
    const path = join(folder, name)
    const before = existsSync(path) ? readFileSync(path) : undefined
    const after = Buffer.from(content as string)
    if (before?.equals(after)) return []
    writeFileSync(path, after)
    if (before === undefined) return [`${name} is new`]
    return name === 'metrics.json' ? figureChanges(before.toString(), after.toString()) : [`${name} differs`]
  })
}

/** One line for each figure that differs: its path, before and after. */
export function figureChanges(before: string, after: string): string[] {
  const [old, now] = [flat(JSON.parse(before)), flat(JSON.parse(after))]
  const paths = [...new Set([...old.keys(), ...now.keys()])]
  return paths
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `metrics.json ${path}: ${old.get(path) ?? 'absent'} → ${now.get(path) ?? 'absent'}`)
}

function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) into.set(path, JSON.stringify(value))
  else
    for (const [key, inner] of Object.entries(value)) flat(inner, path === '' ? key : `${path}.${key}`, into)
  return into
}

function writeCard(metrics: string, path: string): string[] {
  if (!existsSync(path)) return [`there is no card at ${path}`]
  const before = readFileSync(path, 'utf8')
  const after = withTable(before, cardTable(JSON.parse(metrics)))
  if (after === undefined) return [`the card has no table that begins with "${TABLE_HEAD}"`]
  if (after === before) return []
  writeFileSync(path, after)
  return ['the table of the card']
}

/** The card with its table of figures replaced; undefined when it has none. */
export function withTable(card: string, table: string): string | undefined {
  const lines = card.split('\n')
  const start = lines.indexOf(TABLE_HEAD)
  if (start === -1) return undefined
  let end = start
  while (end < lines.length && lines[end]!.startsWith('|')) end++
  return [...lines.slice(0, start), table, ...lines.slice(end)].join('\n')
}
