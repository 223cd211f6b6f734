/**
 * What a caller learns of a failure. Faults of the request are told in full; everything else becomes a short message
 * with a correlation id, under which the log has the rest. No SQL, path or stack leaves the process.
 */
import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { createGraphQLError } from 'graphql-yoga'
import { sqlState } from '../db/pool'
import { logger } from '../log'

const log = logger('api')

/** Yoga's maskError: replaces whatever is not the caller's fault. */
export function maskError(error: unknown): Error {
  const outer = error instanceof GraphQLError ? error : undefined
  const cause = rootCause(error)
  if (outer && (cause === outer || isVariableError(outer))) return outer
  if (cause instanceof GraphQLError) return replace(outer, cause.message, cause.extensions)
  if (isUserInput(cause)) return replace(outer, cause.message, { code: 'BAD_USER_INPUT' })

  const state = sqlState(cause)
  if (state?.startsWith('22')) {
    return replace(outer, 'a value does not fit its column: out of range or malformed', {
      code: 'BAD_USER_INPUT',
    })
  }
  if (state === '25P02')
    return replace(outer, 'not read: another field of this operation failed', { code: 'ABORTED' })
  if (state === '57014') {
    return replace(outer, 'the query took too long; ask for less', { code: 'TIMEOUT' })
  }
  const correlationId = randomUUID()
  log.error({ correlationId, path: outer?.path, err: cause }, 'request failed')
  const unavailable = isUnavailable(state, cause)
  return replace(outer, unavailable ? 'the database is not available; try again' : 'internal error', {
    code: unavailable ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR',
    correlationId,
    ...(unavailable ? { http: { status: 503 } } : {}),
  })
}

function replace(
  outer: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): Error {
  return createGraphQLError(message, { ...(outer && place(outer)), extensions })
}

/** Where in the request it happened. */
function place(error: GraphQLError) {
  const { nodes, path } = error
  return { ...(nodes && { nodes }), ...(path && { path }) }
}

function rootCause(error: unknown): unknown {
  let cause = error
  for (let depth = 0; depth < 8 && cause instanceof GraphQLError && cause.originalError; depth++) {
    cause = cause.originalError
  }
  return cause
}

/** A variable that does not fit its type: GraphQL's own message, which quotes the caller's value only. */
function isVariableError(error: GraphQLError): boolean {
  return error.path === undefined && error.nodes?.[0]?.kind === 'VariableDefinition'
}

/** openreader's UserInputError; the scalars' TypeErrors, such as `Not a BigInt: x`. */
function isUserInput(cause: unknown): cause is Error {
  if (!(cause instanceof Error)) return false
  const { extensions } = cause as { extensions?: { code?: unknown } }
  return (
    extensions?.code === 'BAD_USER_INPUT' || (cause instanceof TypeError && /^Not an? /.test(cause.message))
  )
}

/** Connection failures, shutdowns (57P0x), too many connections (53), a pool that is exhausted. */
function isUnavailable(state: string | undefined, cause: unknown): boolean {
  if (state !== undefined && /^(08|53|57P|3D|ECONN|ENOTFOUND|ETIMEDOUT|EPIPE)/.test(state)) return true
  const message = cause instanceof Error ? cause.message : ''
  return /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered)/.test(
    message,
  )
}
