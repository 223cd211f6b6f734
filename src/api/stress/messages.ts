/** What travels between the API's thread and the one that computes. Plain data. */
import type { AsOfChains } from '../../systemic/book'
import type { ExposureGraph } from '../../systemic/exposure/types'
import type { RecommendRequest, RecommendResult } from '../../systemic/recommend/run'
import type { StressRequest, StressResult } from '../../systemic/stress/types'
import type { SystemicRisk } from '../../systemic/systemic-risk'

export type Job =
  | { kind: 'stress'; asOf: AsOfChains; request: StressRequest }
  | { kind: 'risk'; asOf: AsOfChains }
  | { kind: 'exposure'; asOf: AsOfChains; protocols?: readonly string[]; topAccounts: number }
  | { kind: 'recommend'; asOf: AsOfChains; request: RecommendRequest; days: number }

export interface Answers {
  stress: StressResult
  risk: SystemicRisk
  exposure: ExposureGraph
  recommend: RecommendResult
}

/** `number` tells jobs apart: a cancelled one may still speak. */
export type ToThread = { number: number; job: Job }

export type FromThread =
  | { kind: 'progress'; number: number; done: number; of: number }
  | { kind: 'result'; number: number; result: Answers[Job['kind']] }
  /** With a code the words are for whoever asked; without one the fault is ours, and for the log. */
  | { kind: 'error'; number: number; message: string; code: 'BAD_USER_INPUT' | 'ABORTED' | null }

export interface ThreadData {
  databaseUrl: string
  /** One int32: the number of the job that is to end. */
  cancelled: SharedArrayBuffer
}
