/** Endpoints that disagree about a final block: the majority is believed, and the caller asks again. */
import { PlimsollError } from '../errors'
import type { Endpoint } from './endpoint'
import type { Endpoints } from './endpoints'
import { quantity } from './log-request'
import { EndpointLie } from './rpc-error'

/** Endpoints by the hash that they give for a block. */
async function vote(endpoints: Endpoints, height: number): Promise<[string, Endpoint[]][]> {
  const votes = new Map<string, Endpoint[]>()
  await Promise.all(
    endpoints.healthy().map(async (endpoint) => {
      const params = [quantity(height), false]
      const block = await endpoint.call('eth_getBlockByNumber', params).catch(() => undefined)
      const hash = (block as { hash?: string } | null | undefined)?.hash
      if (hash) votes.set(hash, [...(votes.get(hash) ?? []), endpoint])
    }),
  )
  return [...votes].sort(([, a], [, b]) => b.length - a.length)
}

/**
 * Sets the minority aside, where there is one.
 * @throws PlimsollError always: what was fetched cannot be handed on
 */
export async function settle(
  { endpoints, chain }: { endpoints: Endpoints; chain: { name: string } },
  height: number,
  claims: readonly string[],
): Promise<never> {
  const [winner, ...rest] = await vote(endpoints, height)
  if (winner && rest[0] && winner[1].length > rest[0][1].length) {
    for (const [hash, minority] of rest) {
      const told = `says that block ${height} is ${hash}, most say ${winner[0]}`
      for (const endpoint of minority) endpoint.failed(new EndpointLie('outvoted', told))
    }
  }
  throw new PlimsollError(`the endpoints of ${chain.name} disagree about final block ${height}`, {
    details: claims,
    hint: 'it is asked for again; if this stays, the chain forked deeper than its finality depth',
  })
}
