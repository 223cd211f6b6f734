/**
 * Hash routing: `#/positions?hf=1.1&page=2`. The API serves one file, so every address on the page can be reloaded and
 * shared without rules on the server.
 */
import { useMemo, useSyncExternalStore } from 'react'

export interface Route {
  /** Segments of the path, decoded: `['account', '31337', '0x…']`. Empty for the first page. */
  path: string[]
  query: URLSearchParams
}

/** Reads a hash; malformed escapes become literal text rather than an error. */
export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) }
}

/** The link to a page; parameters that are null or empty are left out. */
export function href(
  path: readonly (string | number)[],
  query: Record<string, string | number | null> = {},
): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== '') search.set(key, String(value))
  }
  const tail = search.size === 0 ? '' : `?${search}`
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${tail}`
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed)
      return () => window.removeEventListener('hashchange', changed)
    },
    () => window.location.hash,
  )
  return useMemo(() => parseHash(hash), [hash])
}

/** Goes to a page. `replace` leaves no step in the browser's history, for filters. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (!options.replace) {
    window.location.hash = to
    return
  }
  window.history.replaceState(null, '', to)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
