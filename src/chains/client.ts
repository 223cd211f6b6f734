/** The only owner of viem's RPC clients: every call has a timeout and a bounded number of tries. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  HttpRequestError,
  http,
  type PublicClient,
  RpcRequestError,
  webSocket,
} from 'viem'
import { messageOf, PlimsollError, redactUrls } from '../errors'
import type { Hex } from './types'

export type ChainClient = PublicClient

const TIMEOUT_MS = 10_000
const RETRIES = 2

/** A client for an http(s) or ws(s) endpoint. Calls made together over http travel as one batch. */
export function chainClient(rpcUrl: string): ChainClient {
  const options = { timeout: TIMEOUT_MS, retryCount: RETRIES }
  const transport = /^wss?:/.test(rpcUrl)
    ? webSocket(rpcUrl, options)
    : http(rpcUrl, { ...options, batch: { batchSize: 100 } })
  return createPublicClient({ transport, pollingInterval: 250, cacheTime: 0 })
}

/** Makes sure that an endpoint serves the chain it is meant to. The endpoint itself is never shown. */
export async function requireChainId(client: ChainClient, chainId: number, name: string): Promise<void> {
  const found = await client.getChainId()
  if (found === chainId) return
  throw new PlimsollError(`the endpoint of ${name} serves chain id ${found}, expected ${chainId}`, {
    hint: 'check the RPC setting of that chain',
    exitCode: 2,
  })
}

/**
 * Hash of a chain's block; null when the endpoint says that there is none.
 * @throws viem's error when it does not answer, which says nothing about its chain
 */
export async function blockHashAt(client: ChainClient, height: number): Promise<Hex | null> {
  try {
    const { hash } = await client.getBlock({ blockNumber: BigInt(height) })
    return hash
  } catch (error) {
    if (error instanceof BlockNotFoundError) return null
    throw error
  }
}

/** Why a request failed, in one line, without the request or the endpoint's address. */
export function failureOf(error: unknown): string {
  if (!(error instanceof BaseError)) return messageOf(error).split('\n')[0] ?? ''
  const http = error.walk((cause) => cause instanceof HttpRequestError)
  const status = http instanceof HttpRequestError && http.status ? `HTTP status ${http.status}` : ''
  const parts = [error.shortMessage.split('\n')[0] ?? '', status, error.details?.split('\n')[0] ?? '']
  return redactUrls([...new Set(parts.filter((part) => part !== ''))].join(' '))
}

export type RpcRequest = (method: string, params: readonly unknown[]) => Promise<unknown>

const REQUEST_TIMEOUT_MS = 30_000
const TRIES = 6
const FIRST_PAUSE_MS = 250

/** What a node refuses for good; everything else may be the network's or a rate limit's fault. */
function isFinal(error: unknown): boolean {
  return error instanceof RpcRequestError && [-32600, -32601, -32602].includes(error.code)
}

function withoutAddress(text: string, url: string): string {
  return text.split('\n')[0]?.replaceAll(url, '(endpoint)') ?? ''
}

/**
 * A requester for an http(s) or ws(s) endpoint: six tries with growing, jittered pauses.
 * @throws RpcRequestError when the node refuses, PlimsollError when it cannot be reached; the URL is never shown
 */
export function rpcRequester(url: string): { request: RpcRequest; close(): Promise<void> } {
  const options = { timeout: REQUEST_TIMEOUT_MS, retryCount: 0 }
  const socket = /^wss?:/.test(url)
  const transport = socket
    ? webSocket(url, options)({ retryCount: 0 })
    : http(url, options)({ retryCount: 0 })
  const send = transport.request as unknown as (call: {
    method: string
    params: readonly unknown[]
  }) => Promise<unknown>

  async function request(method: string, params: readonly unknown[]): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send({ method, params })
      } catch (error) {
        const cause = unwrap(error)
        if (isFinal(cause)) throw cause
        if (attempt >= TRIES) {
          throw new PlimsollError(`${method} failed ${TRIES} times: ${withoutAddress(messageOf(cause), url)}`)
        }
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
      }
    }
  }

  return {
    request,
    async close() {
      if (!socket) return
      const client = await (
        transport.value as { getRpcClient?: () => Promise<{ close(): void }> }
      ).getRpcClient?.()
      client?.close()
    },
  }
}

/** The node's own refusal inside viem's wrapping, or the error itself. */
function unwrap(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RpcRequestError) return cause
  }
  return error
}
