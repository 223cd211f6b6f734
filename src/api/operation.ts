/** Around each operation: a time limit, the end of its database transaction, and its figures. */
import { createGraphQLError, type Plugin } from 'graphql-yoga'
import type { Metrics } from '../metrics'
import type { ApiContext } from './context'

export function operationPlugin(metrics: Metrics): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn(async (args) => {
        const context = args.contextValue as unknown as ApiContext
        const stop = metrics.operationSeconds.startTimer({ kind: 'query' })
        let outcome = 'error'
        try {
          const result = await withTimeout(Promise.resolve(executeFn(args)), context)
          if (!(result as { errors?: unknown } | null)?.errors) outcome = 'ok'
          return result
        } finally {
          stop()
          metrics.operations.inc({ kind: 'query', outcome })
          // Not awaited: the response need not wait for COMMIT. A lost connection is the pool's to report.
          context.openreader.close().catch(() => undefined)
        }
      })
    },
    onSubscribe({ args }) {
      ;(args.contextValue as unknown as ApiContext).openreader.close().catch(() => undefined)
      return {
        onSubscribeResult({ result }) {
          metrics.operations.inc({ kind: 'subscription', outcome: outcomeOf(result) })
        },
      }
    },
  }
}

/** Codes of what the server would not do, as opposed to what it could not. */
const REFUSALS = new Set<unknown>([
  ...['TOO_MANY_SUBSCRIPTIONS', 'BAD_USER_INPUT', 'UNAUTHENTICATED', 'QUOTA_EXCEEDED', 'BUSY'],
])

/** A stream of results is ok; a single result is the reason why there is none. */
function outcomeOf(result: unknown): 'ok' | 'refused' | 'error' {
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) return 'ok'
  const { errors = [] } = result as { errors?: readonly { extensions?: Record<string, unknown> }[] }
  const refused = errors.length > 0 && errors.every((error) => REFUSALS.has(error.extensions?.code))
  return refused ? 'refused' : 'error'
}

/** Rejects when the operation has taken as long as it may, which one of its fields may have extended meanwhile. */
async function withTimeout<T>(work: Promise<T>, context: Pick<ApiContext, 'timeoutMs'>): Promise<T> {
  const startMs = performance.now()
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    const look = () => {
      const leftMs = context.timeoutMs - (performance.now() - startMs)
      if (leftMs > 1) timer = setTimeout(look, leftMs)
      else
        reject(
          createGraphQLError(`the operation took longer than ${context.timeoutMs} ms; ask for less`, {
            extensions: { code: 'TIMEOUT', http: { status: 504 } },
          }),
        )
    }
    timer = setTimeout(look, context.timeoutMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
