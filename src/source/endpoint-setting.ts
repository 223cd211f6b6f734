/**
 * Endpoints as a setting writes them: URLs with commas between, each with options after a `#`, which a URL sends to no
 * server: `wss://host/KEY,https://other/KEY#rps=25&cost=2&label=spare`.
 */
import type { EndpointSpec } from './types'

const PROTOCOLS = new Set(['http:', 'https:', 'ws:', 'wss:'])
const MAX_RATE = 100_000

/** Reads a setting; faults name the endpoint by its ordinal, because its URL may hold a key. */
export function readEndpoints(name: string, text: string, faults: string[]): EndpointSpec[] {
  const urls = text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
  return urls.flatMap((url, i) => {
    const which = urls.length === 1 ? name : `${name} (endpoint ${i + 1})`
    const endpoint = readEndpoint(which, url, faults)
    return endpoint ? [endpoint] : []
  })
}

function readEndpoint(which: string, given: string, faults: string[]): EndpointSpec | undefined {
  if (!URL.canParse(given)) {
    faults.push(`${which} is not a URL (expected https://…, http://…, wss://… or ws://…)`)
    return undefined
  }
  const url = new URL(given)
  if (!PROTOCOLS.has(url.protocol)) {
    faults.push(`${which} has protocol ${url.protocol}// (expected https://, http://, wss:// or ws://)`)
    return undefined
  }
  const options = new URLSearchParams(url.hash.slice(1))
  for (const key of options.keys()) {
    if (!['rps', 'cost', 'label'].includes(key))
      faults.push(`${which} has the unknown option #${key}; known: rps, cost, label`)
  }
  const maxRequestsPerSec = positive(which, 'rps', options.get('rps'), faults)
  const costWeight = positive(which, 'cost', options.get('cost'), faults)
  const label = options.get('label') ?? ''
  return {
    url: given.split('#')[0] as string,
    ...(label !== '' && { label: label.slice(0, 40) }),
    ...(maxRequestsPerSec !== undefined && { maxRequestsPerSec }),
    ...(costWeight !== undefined && { costWeight }),
  }
}

function positive(which: string, key: string, text: string | null, faults: string[]): number | undefined {
  if (text === null) return undefined
  const value = Number(text)
  if (value > 0 && value <= MAX_RATE) return value
  faults.push(`${which} has #${key}=${text}, which is not a number above 0`)
  return undefined
}
