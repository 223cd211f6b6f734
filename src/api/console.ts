/**
 * GraphiQL at /graphql for a browser, offline: the build that openreader's dependency @subsquid/graphiql-console ships.
 * Yoga's own loads its script from a CDN, which a server without Internet, and our content policy, do not allow.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'graphql-yoga'
import { contentSecurityPolicy } from './guard'
import { staticPlugin } from './static'

const DEFAULT_QUERY = `{
  overview(limit: 5) {
    chains { name headHeight lagSec }
    riskiest { address healthFactor debtUsd score { value reasons { feature contribution } } }
  }
}`

/** Plugins that serve the console's page and its files. */
export function consolePlugins(): Plugin[] {
  const fromOpenreader = createRequire(require.resolve('@subsquid/openreader/package.json'))
  const build = join(dirname(fromOpenreader.resolve('@subsquid/graphiql-console/package.json')), 'build')
  const html = consoleHtml(readFileSync(join(build, 'index.html'), 'utf8'))
  const policy = contentSecurityPolicy(inlineScriptHashes(html))
  const page: Plugin = {
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' || url.pathname !== '/graphql' || url.searchParams.has('query')) return
      if (!request.headers.get('accept')?.includes('text/html')) return
      const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
      endResponse(
        new fetchAPI.Response(html, { status: 200, headers: { ...headers, 'cache-control': 'no-cache' } }),
      )
    },
  }
  return [page, staticPlugin(build, { prefix: '/console' })]
}

function consoleHtml(template: string): string {
  return template
    .replaceAll('/static/', '/console/static/')
    .replace('/manifest.json', '/console/manifest.json')
    .replace(/\$\{GRAPHQL_API\}/, '/graphql')
    .replace(/\$\{APP_TITLE\}/g, 'Plimsoll · GraphiQL')
    .replace(/"\$\{GRAPHQL_DEFAULT_QUERY\}"/, JSON.stringify(DEFAULT_QUERY))
}

function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) =>
    createHash('sha256').update(script!).digest('base64'),
  )
}
