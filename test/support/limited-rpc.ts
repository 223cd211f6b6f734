/** An HTTP endpoint in front of a real one that answers some calls with 429, as a provider does to a busy key. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LimitedRpc {
  /** The endpoint, with `key` in its path. */
  url: string
  /** How many requests were refused. */
  refused(): number
  close(): Promise<void>
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

/** @param limited whether a request is refused, by the methods that it calls */
export async function startLimitedRpc(options: {
  target: string
  key: string
  limited: (methods: readonly string[]) => boolean
}): Promise<LimitedRpc> {
  let refused = 0
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request)
    const parsed: unknown = JSON.parse(body)
    const calls = (Array.isArray(parsed) ? parsed : [parsed]) as { method: string }[]
    if (options.limited(calls.map((call) => call.method))) {
      refused++
      response.writeHead(429, { 'content-type': 'text/plain' }).end('too many requests')
      return
    }
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(options.target, { method: 'POST', headers, body })
    response.writeHead(answer.status, headers).end(await answer.text())
  }
  // The node may be gone before the last who asks.
  const server = createServer((request, response) => {
    answerTo(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/${options.key}`,
    refused: () => refused,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
