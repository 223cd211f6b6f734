/**
 * The dashboard: files under dashboard/dist at `/`. Only what really lies below that folder is served; a path that
 * names no file gets index.html, so that the page's own routes can be opened directly.
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { Plugin } from 'graphql-yoga'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

export interface StaticFile {
  path: string
  type: string
  etag: string
}

/** The file a URL path names, or undefined: outside of `root`, no such file, or not decodable. */
export async function findFile(root: string, pathname: string): Promise<StaticFile | undefined> {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return undefined
  try {
    const base = await realpath(root)
    // Resolves `..` and symbolic links alike; what remains must lie below the folder.
    const path = await realpath(join(base, decoded))
    if (!path.startsWith(base + sep)) return undefined
    const type = TYPES[extname(path)]
    const info = await stat(path)
    if (!type || !info.isFile()) return undefined
    return { path, type, etag: `W/"${info.size.toString(16)}-${Math.trunc(info.mtimeMs).toString(16)}"` }
  } catch {
    return undefined
  }
}

/** @param prefix URL path below which `root` lies, without trailing slash @param page served where no file matches */
export function staticPlugin(root: string, options: { prefix: string; page?: string }): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === '/graphql' || !`${url.pathname}/`.startsWith(`${options.prefix}/`)) return
      const pathname = url.pathname.slice(options.prefix.length)
      const named = pathname === '' || pathname === '/' ? undefined : await findFile(root, pathname)
      const asPage = extname(pathname) === '' && options.page !== undefined
      const file = named ?? (asPage ? await findFile(root, `/${options.page}`) : undefined)
      if (!file) {
        const hint = options.page && asPage ? 'the page is not built: npm run build' : 'not found'
        endResponse(
          new fetchAPI.Response(`${hint}\n`, { status: 404, headers: { 'content-type': 'text/plain' } }),
        )
        return
      }
      const headers = { 'content-type': file.type, etag: file.etag, 'cache-control': cacheControl(file.path) }
      if (request.headers.get('if-none-match') === file.etag) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers }))
        return
      }
      const body = request.method === 'HEAD' ? null : new Uint8Array(await readFile(file.path))
      endResponse(new fetchAPI.Response(body, { status: 200, headers }))
    },
  }
}

/** Names that carry a hash of their content never change; anything else is asked for again. */
function cacheControl(path: string): string {
  return /[-.][A-Za-z0-9_-]{8,}\.(chunk\.)?(js|css|woff2|png|svg)(\.map)?$/.test(path) &&
    /(assets|static)/.test(path)
    ? 'public, max-age=31536000, immutable'
    : 'no-cache'
}
