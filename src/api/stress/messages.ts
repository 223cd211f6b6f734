/** What travels between the API's thread and the one that computes. Plain data. */
import type { AsOfChains } from '../../systemic/book'
import type { StressRequest, StressResult } from '../../systemic/stress/types'
import type { SystemicRisk } from '../../systemic/systemic-risk'

export type Job =
  | { kind: 'stress'; asOf: AsOfChains; request: StressRequest }
  | { kind: 'risk'; asOf: AsOfChains }

export interface Answers {
  stress: StressResult
  risk: SystemicRisk
}

/** `number` tells jobs apart: a cancelled one may still speak. */
export type ToThread = { number: number; job: Job }

export type FromThread =
  | { kind: 'progress'; number: number; done: number; of: number }
  | { kind: 'result'; number: number; result: Answers[Job['kind']] }
  /** `isRequest`: the fault is in what was asked, so that its words are for whoever asked. */
  | { kind: 'error'; number: number; message: string; isRequest: boolean }

export interface ThreadData {
  databaseUrl: string
  /** One int32: the number of the job that is to end. */
  cancelled: SharedArrayBuffer
}
