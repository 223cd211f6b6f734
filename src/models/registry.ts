/**
 * The models that Plimsoll can run, a line each, and how their files are found and checked. Adding a model is a folder
 * with spec.ts, train.ts, model.onnx, metrics.json and golden.json, plus a line here; test/models/contract.test.ts then
 * holds it to the room's contract.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root'
import { creditSpec } from './credit/spec'
import { illicitSpec } from './illicit/spec'
import { liquidationSpec } from './liquidation/spec'
import { ModelError } from './model-error'
import { noveltySpec } from './novelty/spec'
import type { ModelSpec } from './spec'

export const models: Record<string, ModelSpec> = {
  credit: creditSpec,
  illicit: illicitSpec,
  liquidation: liquidationSpec,
  novelty: noveltySpec,
}

/** A model whose file has been read and whose SHA-256 is the one that metrics.json recorded at training. */
export type LoadedModel = { spec: ModelSpec; sha256: string; bytes: Uint8Array }

/** The folder of a model's committed files: always under src/, whether this runs from src/ or from lib/. */
export function modelFolder(name: string): string {
  return join(packageRoot, 'src', 'models', name)
}

/** Reads a model and checks its hash. Throws ModelError: unknown-model, missing-file or hash-mismatch. */
export function loadModel(name: string, folder: string = modelFolder(name)): LoadedModel {
  const spec = Object.hasOwn(models, name) ? models[name] : undefined
  if (!spec) {
    throw new ModelError('unknown-model', `no model "${name}"; there are: ${Object.keys(models).join(', ')}`)
  }
  const bytes = readModelFile(name, join(folder, 'model.onnx'))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const metrics: { modelSha256?: unknown } = JSON.parse(
    readModelFile(name, join(folder, 'metrics.json')).toString(),
  )
  if (metrics.modelSha256 !== sha256) {
    throw new ModelError(
      'hash-mismatch',
      `model "${name}": model.onnx has SHA-256 ${sha256}, metrics.json says ${String(metrics.modelSha256)}; ` +
        'the file is damaged or was not made by the recorded training',
    )
  }
  return { spec, sha256, bytes }
}

function readModelFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ModelError('missing-file', `model "${name}": cannot read ${path}`, { cause })
  }
}
