/** Subscriptions and queries over graphql-ws, with the same schema, limits, masking and Host and Origin checks. */
import type { Server } from 'node:http'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { useServer as attachServer, type Extra } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { Credentials } from './access'
import { maskError } from './errors'
import { type Guard, refusal } from './guard'
import type { ApiLimits } from './limits'
import type { ApiYoga } from './server'

const MAX_OPERATIONS_A_SOCKET = 32

interface Enveloped {
  execute(args: ExecutionArgs): never
  subscribe(args: ExecutionArgs): never
}

/** Accepts WebSocket upgrades on /graphql. @returns function that closes every socket */
export function serveWebSocket(
  server: Server,
  yoga: ApiYoga,
  { guard, limits }: { guard: Guard; limits: ApiLimits },
): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.maxBodyBytes })
  const cleanup = attachServer(
    {
      execute: (args) => (args.rootValue as Enveloped).execute(args),
      subscribe: (args) => (args.rootValue as Enveloped).subscribe(args),
      async onSubscribe(ctx, _id, params) {
        if (Object.keys(ctx.subscriptions).length > MAX_OPERATIONS_A_SOCKET) {
          return [new GraphQLError(`at most ${MAX_OPERATIONS_A_SOCKET} operations run on one socket`)]
        }
        try {
          return await prepare(yoga, params, credentialsOf(ctx))
        } catch (error) {
          return [asGraphQLError(error)]
        }
      },
    },
    sockets,
  )
  server.on('upgrade', (request, socket, head) => {
    const { host, origin } = request.headers
    const path = (request.url ?? '').split('?')[0]
    const reason = refusal({ host, origin }, guard)
    if (reason !== undefined || path !== '/graphql' || sockets.clients.size >= limits.maxSubscriptions) {
      socket.end(
        `HTTP/1.1 ${path === '/graphql' ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\n\r\n`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
  })
  return async () => {
    await cleanup.dispose()
  }
}

interface Params {
  query: string
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
}

/** Of the upgrade's headers; a browser, which cannot set them, sends `authorization` with connection_init. */
function credentialsOf({ connectionParams, extra }: Socket): Credentials {
  const { headers } = extra.request
  const sent = connectionParams?.authorization
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip'].some((name) => name in headers)
  const authorization = headers.authorization ?? (typeof sent === 'string' ? sent : null)
  return { authorization, host: headers.host ?? null, isForwarded }
}

interface Socket {
  connectionParams?: Readonly<Record<string, unknown>> | undefined
  extra: Extra
}

async function prepare(
  yoga: ApiYoga,
  params: Params,
  credentials: Credentials,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const enveloped = yoga.getEnveloped({ params, credentials })
  const { schema, execute, subscribe, contextFactory, parse, validate } = enveloped
  const document = parse(params.query)
  const errors = validate(schema, document)
  if (errors.length > 0) return errors
  return {
    schema,
    operationName: params.operationName ?? null,
    document,
    variableValues: params.variables ?? null,
    contextValue: await contextFactory(),
    rootValue: { execute, subscribe },
  }
}

function asGraphQLError(error: unknown): GraphQLError {
  const masked = maskError(error)
  return masked instanceof GraphQLError ? masked : new GraphQLError('internal error')
}
