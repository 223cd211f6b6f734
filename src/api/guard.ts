/**
 * Who may talk to this server from a browser.
 *
 * Host must be a loopback name or one that was configured, so that a foreign page cannot reach a local server through
 * a name it controls (DNS rebinding). An Origin must be the server's own or configured. Every answer carries
 * headers that keep a browser from guessing types, framing the page or running foreign scripts.
 */
import type { Plugin } from 'graphql-yoga'

export interface Guard {
  /** Host names (without port) answered besides localhost, 127.0.0.1 and [::1]. */
  allowedHosts: readonly string[]
  /** Origins (scheme://host[:port]) that may read from a browser. */
  allowedOrigins: readonly string[]
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Why a request is refused, or undefined. @param host Host header @param origin Origin header, if any */
export function refusal(
  { host, origin }: { host: string | null | undefined; origin: string | null | undefined },
  guard: Guard,
): string | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, '')
  if (
    !name ||
    !(LOOPBACK.has(name) || guard.allowedHosts.includes(name) || guard.allowedHosts.includes(host!))
  ) {
    return 'this Host is not served; name it in PLIMSOLL_API_HOSTS'
  }
  if (!origin || guard.allowedOrigins.includes(origin)) return undefined
  if (origin === `http://${host}` || origin === `https://${host}`) return undefined
  return 'this Origin may not read here; name it in PLIMSOLL_API_ORIGINS'
}

/** `script-src` of pages; the console adds the hashes of its own inline scripts. */
export function contentSecurityPolicy(scriptHashes: readonly string[] = []): string {
  const scripts = ["'self'", ...scriptHashes.map((hash) => `'sha256-${hash}'`)].join(' ')
  return [
    "default-src 'self'",
    `script-src ${scripts}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Yoga plugin: refuses with 403, answers preflights of allowed origins, sets headers on every response. */
export function guardPlugin(guard: Guard): Plugin {
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      const origin = request.headers.get('origin')
      const reason = refusal({ host: request.headers.get('host') ?? url.host, origin }, guard)
      if (reason !== undefined) {
        endResponse(
          new fetchAPI.Response(`${reason}\n`, { status: 403, headers: { 'content-type': 'text/plain' } }),
        )
      } else if (request.method === 'OPTIONS') {
        endResponse(new fetchAPI.Response(null, { status: 204 }))
      }
    },
    onResponse({ request, response }) {
      const { headers } = response
      headers.set('x-content-type-options', 'nosniff')
      headers.set('referrer-policy', 'no-referrer')
      headers.set('x-frame-options', 'DENY')
      headers.set('cross-origin-opener-policy', 'same-origin')
      if (!headers.has('content-security-policy'))
        headers.set('content-security-policy', contentSecurityPolicy())
      const origin = request.headers.get('origin')
      if (guard.allowedOrigins.length > 0) headers.append('vary', 'Origin')
      if (!origin || !guard.allowedOrigins.includes(origin)) return
      headers.set('access-control-allow-origin', origin)
      if (request.method !== 'OPTIONS') return
      headers.set('access-control-allow-methods', 'GET, POST')
      headers.set('access-control-allow-headers', 'content-type, accept, authorization')
      headers.set('access-control-max-age', '600')
    },
  }
}
