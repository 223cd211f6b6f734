/** `plimsoll train <model>`: data folder → the model's committed files. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlimsollError } from '../errors'
import { cardTable } from './card'
import { publishModel } from './publish'
import { modelFolder } from './registry'
import { trainersOf } from './trainers'

export interface TrainOptions {
  name: string
  data: string
  /** Where the files go; default the model's folder. */
  out?: string
  /** Prints the table of figures of the committed metrics.json instead. */
  card?: boolean
  log: (line: string) => void
}

/** Trains a model and writes its files. @throws PlimsollError with exit code 2 on an unknown model or a missing folder */
export async function runTrain({ name, data, out, card, log }: TrainOptions): Promise<void> {
  const trainers = trainersOf({ data, log })
  const train = Object.hasOwn(trainers, name) ? trainers[name] : undefined
  if (train === undefined) {
    throw new PlimsollError(`there is no trainer for "${name}"`, {
      hint: `trainers: ${Object.keys(trainers).join(', ')}`,
      exitCode: 2,
    })
  }
  if (card) {
    log(cardTable(JSON.parse(readFileSync(join(modelFolder(name), 'metrics.json'), 'utf8'))))
    return
  }
  requireData(data)
  const started = Date.now()
  const sha256 = publishModel(await train(), out ?? modelFolder(name))
  log(`${name}: SHA-256 ${sha256}, ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** @throws PlimsollError with exit code 2 when the data folder is not there */
export function requireData(data: string): void {
  if (existsSync(data)) return
  throw new PlimsollError(`no training data at ${data}`, {
    hint: 'set PLIMSOLL_DATA to the folder that the model cards describe',
    exitCode: 2,
  })
}
