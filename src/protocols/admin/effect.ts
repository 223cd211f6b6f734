/** What an admin event says, before it becomes a fact: the kind of act, who gained or used a right, and the particulars. */
import type { Hex } from '../../chains/types'
import { expectShape, hasShape, topicAddress, topicUint, wordAddress, wordUint } from '../log-shape'
import type { RawLog } from '../types'

export interface Effect {
  kind: string
  actor: Hex | null
  detail: Readonly<Record<string, string>>
}

/** By topic0. */
export type Effects = Readonly<Record<Hex, (log: RawLog) => Effect>>

/** The one address of an event, which some releases index and others do not. */
export function oneAddress(log: RawLog, name: string): Hex {
  const indexed = hasShape(log, 2, 0)
  if (!indexed) expectShape(log, name, 1, 1)
  return indexed ? topicAddress(log, 1) : wordAddress(log, 0)
}

/** The one number of an event, indexed or not. */
export function oneNumber(log: RawLog, name: string): string {
  const indexed = hasShape(log, 2, 0)
  if (!indexed) expectShape(log, name, 1, 1)
  return (indexed ? topicUint(log, 1) : wordUint(log, 0)).toString()
}

/** (old, new), neither indexed */
export function changed(log: RawLog, kind: string): Effect {
  expectShape(log, kind, 1, 2)
  const [previous, next] = [wordUint(log, 0).toString(), wordUint(log, 1).toString()]
  return { kind, actor: null, detail: { previous, next } }
}
