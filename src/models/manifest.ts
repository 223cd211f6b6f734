/**
 * How a version came about, in one object beside its file: feature schema, training data, hyper-parameters, seed, the
 * curve of its training, and on whose terms the data may be used. Made from the spec and metrics.json; what a trainer did
 * not record is null, not made up. Pure.
 */
import { createHash } from 'node:crypto'
import type { ModelSpec } from './spec'

export interface Manifest {
  featureSchema: { sha256: string; inputs: readonly { name: string; unit: string }[] }
  /** Files with their SHA-256, counts of rows read, dropped and kept: as the trainer recorded them. */
  data: unknown
  split: unknown
  intervals: unknown
  hyperParameters: unknown
  seed: unknown
  /** Loss by round or iteration. */
  convergence: unknown
  licence: string | null
}

/** Terms of the data that a model learnt from, by model. */
const licences: Readonly<Record<string, string>> = {
  novelty:
    'accounts: Ethereum fraud detection data set, Kaggle, without its labels; the model GPL-3.0-or-later',
  illicit:
    'labels: Ethereum fraud detection data set, Kaggle, as published there; the model GPL-3.0-or-later',
  credit: 'events: MakerDAO ETH-B histories, MIT; prices: exchange archives; the model GPL-3.0-or-later',
  liquidation: 'events: MakerDAO ETH-B histories, MIT; prices: exchange archives; the model GPL-3.0-or-later',
}

export function manifestOf(spec: ModelSpec, metrics: Readonly<Record<string, unknown>>): Manifest {
  const inputs = spec.inputs.map(({ name, unit }) => ({ name, unit }))
  const text = spec.inputs.map(({ name, unit, description }) => `${name}\t${unit}\t${description}\n`).join('')
  const told = (key: string) => metrics[key] ?? null
  return {
    featureSchema: { sha256: createHash('sha256').update(text).digest('hex'), inputs },
    data: told('data'),
    split: told('split'),
    intervals: told('intervals'),
    hyperParameters: told('options'),
    seed: told('seed'),
    convergence: told('convergence'),
    licence: licences[spec.name] ?? (typeof metrics.licence === 'string' ? metrics.licence : null),
  }
}
