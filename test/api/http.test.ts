/** Everything on HTTP that is not a query: health, figures, Host and Origin, the console, the dashboard's files. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusal } from '../../src/api/guard'
import { whyNotReady } from '../../src/api/health'
import { listenOn, type RunningApi } from '../../src/api/server'
import { openPool } from '../../src/db/pool'
import { type TestApi, testApi } from './client'
import { HARBOR } from './seed'

let served: TestApi
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-dashboard-'))
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'dist', 'index.html'), '<html>page</html>')
  writeFileSync(join(folder, 'dist', 'assets', 'main-Ab3dEf9_.js'), 'run()')
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'dist', 'link.txt'))
  served = await testApi({
    dashboardDir: join(folder, 'dist'),
    guard: { allowedHosts: ['risk.example'], allowedOrigins: ['https://app.example'] },
    chains: [{ chainId: HARBOR, name: 'harbor', maxLagSec: 3_600 }],
  })
})
afterAll(async () => {
  await served?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}, base = 'http://localhost') =>
  served.api.yoga.fetch(`${base}${path}`, { headers })

describe('health', () => {
  test('/health answers while the process is up', async () => {
    const response = await get('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'up' })
  })

  test('/ready is 200 when migrations are applied and the chains are current', async () => {
    const response = await get('/ready')
    expect(await response.json()).toEqual({ ready: true, problems: [] })
    expect(response.status).toBe(200)
  })

  test('/ready names a chain that lags or is missing, a missing migration and a silent database', async () => {
    const chains = [
      { chainId: 31338, name: 'lagoon', maxLagSec: 60 },
      { chainId: 31338, name: 'replay', maxLagSec: null },
      { chainId: 1, name: 'ethereum', maxLagSec: 60 },
    ]
    expect(await whyNotReady({ pool: served.pool, chains })).toEqual([
      expect.stringMatching(/^chain lagoon is \d+ s behind \(limit 60 s\)$/),
      'chain ethereum has not been indexed yet',
    ])
    const url = new URL(served.database.url)
    url.pathname = '/postgres'
    const empty = openPool(url.toString(), { application: 'test' })
    expect(await whyNotReady({ pool: empty, chains: [] })).toEqual(['migrations have not been applied'])
    await empty.end()
    const away = openPool('postgres://nobody:secret@127.0.0.1:1/none', { application: 'test' })
    expect(await whyNotReady({ pool: away, chains: [] })).toEqual(['the database does not answer'])
    await away.end()
  })

  test('/metrics shows requests, chains, rows, alerts, scores and subscriptions', async () => {
    await served.data('{ marketRisk { marketId } }')
    const text = await (await get('/metrics')).text()
    for (const line of [
      'plimsoll_chain_head_height{chain="harbor"} 112',
      'plimsoll_chain_rows{chain="harbor"} 42',
      /plimsoll_chain_lag_seconds\{chain="lagoon"\} \d{4,}/,
      'plimsoll_alerts{chain="harbor",status="open",severity="high"} 1',
      'plimsoll_scores{model="credit"} 2',
      'plimsoll_subscriptions_open{field="alerts"} 0',
      'plimsoll_database_up 1',
      /plimsoll_graphql_operations_total\{kind="query",outcome="ok"\} [1-9]/,
      /plimsoll_graphql_operation_seconds_bucket\{le="10",kind="query"\} [1-9]/,
      /plimsoll_http_responses_total\{path="\/graphql",status="200"\} [1-9]/,
    ]) {
      expect(text).toMatch(
        typeof line === 'string' ? new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')}$`, 'm') : line,
      )
    }
  })
})

describe('Host and Origin', () => {
  const guard = { allowedHosts: ['risk.example'], allowedOrigins: ['https://app.example'] }
  test.each([
    ['localhost:4350', null, true],
    ['127.0.0.1', null, true],
    ['[::1]:4350', null, true],
    ['risk.example', null, true],
    ['RISK.example:443', null, true],
    ['localhost:4350', 'http://localhost:4350', true],
    ['localhost:4350', 'https://app.example', true],
    ['localhost:4350', 'http://localhost:9999', false],
    ['localhost:4350', 'https://evil.example', false],
    ['localhost:4350', 'null', false],
    ['evil.example', null, false],
    ['localhost.evil.example', null, false],
    ['evil.example:4350', 'http://evil.example:4350', false],
    ['', null, false],
    [undefined, null, false],
  ])('%s from %s: %s', (host, origin, allowed) => {
    expect(refusal({ host, origin }, guard) === undefined).toBe(allowed)
  })

  test('a foreign Host gets 403 on every path, a foreign Origin on queries', async () => {
    for (const path of ['/', '/health', '/ready', '/metrics', '/graphql?query={__typename}']) {
      expect((await get(path, {}, 'http://evil.example')).status, path).toBe(403)
    }
    expect((await served.post('{ __typename }', {}, { origin: 'http://localhost' })).status).toBe(200)
    const foreign = await served.api.yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
      body: '{"query":"{__typename}"}',
    })
    expect(foreign.status).toBe(403)
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a configured Origin may read, and only it', async () => {
    const preflight = await served.api.yoga.fetch('http://localhost/graphql', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
  })
})

describe('the page', () => {
  test('index.html is asked for again, hashed assets are kept, both with safe headers', async () => {
    const page = await get('/')
    expect(await page.text()).toBe('<html>page</html>')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const asset = await get('/assets/main-Ab3dEf9_.js')
    expect(asset.headers.get('content-type')).toMatch('text/javascript')
    expect(asset.headers.get('cache-control')).toMatch('immutable')
    const again = await get('/', { 'if-none-match': page.headers.get('etag')! })
    expect(again.status).toBe(304)
  })

  test('the page’s own routes get the page, missing files 404', async () => {
    expect(await (await get('/account/31337/0xabc')).text()).toBe('<html>page</html>')
    expect((await get('/assets/gone.js')).status).toBe(404)
  })

  test('nothing outside of the folder is served, however it is written', async () => {
    const running: RunningApi = await listenOn(served.api, { host: '127.0.0.1', port: 0 })
    const raw = (path: string) =>
      new Promise<string>((done, failed) => {
        const request = httpRequest({ host: '127.0.0.1', port: running.port, path }, (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => done(`${response.statusCode} ${text}`))
        })
        request.on('error', failed)
        request.end()
      })
    for (const path of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/%252e%252e/secret.txt',
      '/link.txt',
      '/secret.txt%00.js',
      '/console/../../../../../../../etc/passwd.txt',
      '//etc/passwd',
      '/%E0%A4%A',
    ]) {
      const answer = await raw(path)
      expect(answer, path).not.toMatch(/(^200 secret|root:)/)
    }
    await running.close()
  })
})

describe('the console', () => {
  test('GraphiQL comes from this server alone', async () => {
    const response = await get('/graphql', { accept: 'text/html' })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('Plimsoll · GraphiQL')
    expect(html).not.toMatch(/https?:\/\//)
    const policy = response.headers.get('content-security-policy')!
    expect(policy.match(/'sha256-/g)).toHaveLength([...html.matchAll(/<script>/g)].length)
    const files = [...html.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, path]) => path!)
    expect(files.length).toBeGreaterThan(3)
    for (const path of files) expect((await get(path)).status, path).toBe(200)
  })
})
