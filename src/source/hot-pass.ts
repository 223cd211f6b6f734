/**
 * A call passed on to the endpoint that knows the head, or whichever can answer it; the result stays text. A node's own
 * refusal is for the caller to hear and blames no endpoint.
 */
import type { Endpoints } from './endpoints'
import type { Heads } from './heads'
import { RpcFailure } from './rpc-error'
import { parseJson } from './transport'

/** An error that the caller gets as a JSON-RPC error. */
export class Refusal extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

/** Refuses a response by throwing; an EndpointLie sets the endpoint aside and asks another. */
export type Check = (response: string) => void | Promise<void>

export type Pass = (method: string, params: readonly unknown[], check?: Check) => Promise<string>

const CALLERS_BUSINESS = new Set(['refused', 'unsupported', 'too-large'])

/** The result within a response, as text. */
export function resultText(response: string): string {
  const head = /^\{"jsonrpc":"2\.0","id":\d+,"result":/.exec(response.slice(0, 80))
  if (head && response.endsWith('}')) return response.slice(head[0].length, -1)
  return JSON.stringify((parseJson(response) as { result?: unknown }).result ?? null)
}

export function passTo(endpoints: Endpoints, heads: Heads): Pass {
  return async (method, params, check) => {
    for (;;) {
      const except = new Set(endpoints.all.filter((endpoint) => endpoint.lacks.has(method)))
      if (except.size === endpoints.all.length) throw new Refusal(-32601, `no endpoint has ${method}`)
      const { value, endpoint } = await endpoints.run(
        async (candidate) => {
          try {
            const text = await candidate.text({ method, params })
            await check?.(text)
            return { text }
          } catch (error) {
            if (error instanceof RpcFailure && CALLERS_BUSINESS.has(error.kind)) return { failure: error }
            throw error
          }
        },
        { prefer: heads.current()?.endpoint, except },
      )
      if (value.failure === undefined) return resultText(value.text)
      if (value.failure.kind !== 'unsupported') {
        throw new Refusal(value.failure.code ?? -32000, value.failure.message)
      }
      endpoint.lacks.add(method)
    }
  }
}
