/** What the novelty model says of accounts whose features are at hand; detectors weigh with it. */
import type { ModelRuntime } from '../models/session'
import { type SubjectScore, scoreTable } from './score'
import type { FeatureTable } from './types'

export const NOVELTY_MODEL = 'novelty'

/** Scores by subject; empty where the runtime has not opened the model. Rejects as `scoreTable` does. */
export async function scoreNovelty(
  runtime: ModelRuntime,
  accounts: FeatureTable,
): Promise<ReadonlyMap<string, SubjectScore>> {
  if (runtime.models[NOVELTY_MODEL] === undefined) return new Map()
  return (await scoreTable(runtime, NOVELTY_MODEL, accounts)).scores
}
