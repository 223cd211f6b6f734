/** The only owner of viem's RPC clients: every call has a timeout and a bounded number of tries. */
import { createPublicClient, http, type PublicClient, webSocket } from 'viem'
import { PlimsollError } from '../errors'

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
