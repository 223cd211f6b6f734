/** Recommendations on the stress tests' thread: the last answers stay, and equal requests under way share one. */
import type { AsOfChains } from '../../systemic/book'
import type { RecommendRequest, RecommendResult } from '../../systemic/recommend/run'
import type { Thread } from './thread'

export interface RecommendAsked {
  asOf: AsOfChains
  request: RecommendRequest
  days: number
}

export interface RecommendDesk {
  /** @param onNew called before a computation starts, and not where an answer is there: throws where it may not */
  ask(asked: RecommendAsked, onNew: () => void): Promise<RecommendResult>
}

const MAX_REMEMBERED = 16

export function openRecommend(thread: Thread): RecommendDesk {
  const known = new Map<string, Promise<RecommendResult>>()
  return {
    ask(asked, onNew) {
      const key = JSON.stringify(asked)
      const found = known.get(key)
      if (found !== undefined) return found
      onNew()
      const promise = thread.ask({ kind: 'recommend', ...asked })
      // A failure is nobody's answer the next time.
      promise.catch(() => known.delete(key))
      if (known.size >= MAX_REMEMBERED) known.delete(known.keys().next().value!)
      known.set(key, promise)
      return promise
    },
  }
}
