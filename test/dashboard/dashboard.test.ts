/**
 * The page in a real browser, over the real API and a real PostgreSQL: what a person would click through, live alerts,
 * narrow and wide screens, and the states where there is nothing to show. Screenshots go to test-results/dashboard.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApi, listenOn, type RunningApi } from '../../src/api/server'
import { openPool, type Pool } from '../../src/db/pool'
import { type TestDatabase, testDatabase } from '../support/database'
import { describeWithChromium, launchChromium, watchForFaults } from './browser'
import { addressOf, BORROWERS, digest, HARBOR, insertAlert, seed } from './seed'

const run = promisify(execFile)
const root = resolve(__dirname, '../..')
const shots = join(root, 'test-results', 'dashboard')
const wide = { width: 1440, height: 1000 }
const narrow = { width: 390, height: 844 }

describeWithChromium('the page', () => {
  let browser: Browser
  let full: Served
  let empty: Served

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true })
    await buildPage()
    full = await serve()
    await seed(full.database.pool, Date.now())
    empty = await serve()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await full?.close()
    await empty?.close()
  })

  async function open(url: string, viewport = wide): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const faults = watchForFaults(page)
    await page.goto(url)
    return { page, faults }
  }

  it('leads from what is at risk to a position, its account with score and reasons, and the alerts', async () => {
    const { page, faults } = await open(full.url)
    await page.getByRole('heading', { name: '2 positions can be liquidated now.' }).waitFor()
    await expectText(page.getByLabel('Indexed chains'), ['harbor', '1,204', 'lagoon', '1,187', 'behind'])
    await expectText(page.getByRole('table', { name: 'Oracle feeds' }), ['Market risk', '0.41', '9', 'never'])
    const restsOn = page.getByRole('region', { name: 'What it all rests on' })
    await restsOn.getByText('redeemable of').waitFor()
    await expectText(restsOn, ['$0', 'locked', 'No failure would cost anybody else.'])
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator('.recharts-bar-rectangle').first().waitFor()
    await page.locator('.recharts-line-curve').first().waitFor()
    expect(await page.getByRole('table', { name: 'Riskiest positions' }).locator('tbody tr').count()).toBe(10)
    await page.screenshot({ path: join(shots, 'overview-wide.png'), fullPage: true })

    await page.getByRole('link', { name: 'Positions', exact: true }).click()
    const positions = page.getByRole('table', { name: 'Positions' })
    await positions.locator('tbody tr').nth(23).waitFor()
    await expectText(positions, [
      '0.934',
      'Liquidatable',
      '1.048',
      'At risk',
      'Watch',
      'Healthy',
      'No debt',
      'WETH at',
    ])
    await page.screenshot({ path: join(shots, 'positions-wide.png'), fullPage: true })
    await page.getByText('At risk, under 1.1').click()
    await expect.poll(() => positions.locator('tbody tr').count()).toBe(5)

    const address = addressOf(0)
    await positions.getByTitle(address).click()
    await page.getByRole('heading', { name: address }).waitFor()
    const reasons = page.getByRole('table', { name: 'Reasons for the score' }).first()
    await expectText(reasons, [
      'Distance to liquidation over 30 days',
      'Health factor',
      '0.934',
      'Debt per collateral',
    ])
    const scored = page.getByRole('region', { name: 'Liquidation within 30 days' })
    await expectText(scored, [
      '0.84',
      'linear',
      digest('liquidation model').slice(0, 10),
      '1,200',
      'ONNX SHA-256',
    ])
    await expectText(page.getByRole('region', { name: 'Health', exact: true }), [
      '0.934',
      'Liquidatable',
      '$1.83K',
    ])
    await page.locator('.recharts-area-curve').first().waitFor()
    await page.screenshot({ path: join(shots, 'account-wide.png'), fullPage: true })

    await page.getByRole('navigation').getByRole('link', { name: 'Alerts' }).click()
    const alerts = page.getByRole('table', { name: 'Alerts' })
    await expect.poll(() => alerts.locator('tbody tr').count()).toBe(7)
    expect(await alerts.locator('.struck').allInnerTexts()).toEqual(['Large flash loan'])
    await page.screenshot({ path: join(shots, 'alerts-wide.png'), fullPage: true })
    await page.getByText('Critical', { exact: true }).first().click()
    await expect.poll(() => alerts.locator('tbody tr').count()).toBe(1)
    await page.getByRole('button', { name: 'Approvals are being drained' }).click()
    const drawer = page.getByRole('dialog')
    await expectText(drawer, [
      'Confirmed',
      'Exploit',
      '$31.4K',
      '1,190',
      'unmeasured',
      'approval-drain',
      'Reasons',
    ])
    await page.screenshot({ path: join(shots, 'alert-details.png') })
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('shows a new alert and its retraction without a reload', async () => {
    const { page, faults } = await open(full.url)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.evaluate('window.__neverReloaded = true')
    const at = new Date().toISOString()
    const row = {
      id: 'alert-live',
      at,
      name: 'A whale is listing',
      description: 'New.',
      severity: 'critical',
    }
    const rest = {
      type: 'suspicious',
      detector: 'liquidation',
      borrower: 4,
      status: 'open',
      usdAtRisk: 77_000,
    }
    await insertAlert(full.database.pool, { ...row, ...rest })
    const item = page.locator('[data-alert="alert-live"]')
    await item.waitFor({ timeout: 5_000 })
    await expectText(item, ['Critical', 'A whale is listing', 'lagoon'])
    expect(
      await page.getByRole('list', { name: 'Alerts, newest first' }).locator('li').first().innerText(),
    ).toContain('A whale is listing')
    await page.screenshot({ path: join(shots, 'live-alert.png') })
    await full.database.pool.query(
      `UPDATE alert SET status = 'retracted', retracted_at = now() WHERE id = 'alert-live'`,
    )
    await item.locator('.struck').waitFor({ timeout: 5_000 })
    await expectText(item, ['Retracted'])
    expect(await page.evaluate('window.__neverReloaded')).toBe(true)
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('fits a phone: no page is wider than the screen, tables become cards', async () => {
    const { page, faults } = await open(full.url, narrow)
    const places = ['', 'positions', 'alerts', `account/${HARBOR}/${addressOf(0)}`]
    for (const place of places) {
      await page.goto(`${full.url}/#/${place}`)
      await page.locator('tbody tr').first().waitFor()
      await page.waitForTimeout(300)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect.soft(width, place).toBeLessThanOrEqual(narrow.width)
      const name = place.split('/')[0] || 'overview'
      await page.screenshot({ path: join(shots, `${name}-narrow.png`), fullPage: true })
    }
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('turns dark on request and remembers it', async () => {
    const { page, faults } = await open(full.url)
    await page.getByRole('button', { name: 'Switch to dark colours' }).click()
    await page.locator('.recharts-bar-rectangle').first().waitFor()
    await page.screenshot({ path: join(shots, 'overview-dark.png'), fullPage: true })
    await page.reload()
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark')
    expect(faults.filter((fault) => !fault.includes('ERR_ABORTED'))).toEqual([])
    await page.context().close()
  })

  it('shows text from a chain as text, without its tricks', async () => {
    const { page, faults } = await open(`${full.url}/#/account/${HARBOR}/${addressOf(0)}`)
    const cell = page.getByTitle(/:0xa1a1.*/).filter({ hasText: '<img' })
    await cell.first().waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.locator('main').innerText()).not.toContain('\u202e')
    expect(await page.title()).toBe('Account · Plimsoll')
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('can be used by keyboard alone', async () => {
    const { page } = await open(full.url)
    await page.getByRole('table', { name: 'Riskiest positions' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('content')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/(positions|account\/)/)
    await page.context().close()
  })

  it('says why an account is known only in part and has no score', async () => {
    const { pool } = full.database
    const supplier = BORROWERS.find((borrower) => borrower.healthFactor === null)
    const address = addressOf(supplier?.index ?? -1)
    await pool.query('UPDATE position SET complete = false WHERE account_id = $1', [`${HARBOR}:${address}`])
    const { page, faults } = await open(`${full.url}/#/account/${HARBOR}/${address}`)
    await page.getByText('This account is known only in part').waitFor()
    await expectText(page.locator('main'), ['WETH on aave-v3', 'No score, because'])
    await page.goto(`${full.url}/#/`)
    await page.getByText('Indexing of harbor began in mid-history').waitFor()
    await pool.query('UPDATE position SET complete = true WHERE account_id = $1', [`${HARBOR}:${address}`])
    await page.getByText('Indexing of harbor began in mid-history').waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('says what is missing when nothing was indexed and when an account or page is unknown', async () => {
    const { page, faults } = await open(empty.url)
    await page.getByRole('heading', { name: 'Nothing indexed yet' }).waitFor()
    await page.screenshot({ path: join(shots, 'empty.png') })
    await page.goto(`${empty.url}/#/account/1/0x${'12'.repeat(20)}`)
    await page.getByRole('heading', { name: 'Not seen here' }).waitFor()
    await page.goto(`${empty.url}/#/nowhere`)
    await page.getByRole('heading', { name: 'No such page' }).waitFor()
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('keeps what it showed when the API goes away, says so, and recovers', async () => {
    const { page } = await open(full.url)
    await page.getByRole('heading', { name: '2 positions can be liquidated now.' }).waitFor()
    await page.route('**/graphql', (route) => route.abort())
    const banner = page.getByRole('alert').filter({ hasText: 'No answer from the API' })
    await banner.waitFor()
    await expectText(banner, ['What you see was read'])
    expect(await page.getByRole('heading', { name: '2 positions can be liquidated now.' }).count()).toBe(1)
    await page.screenshot({ path: join(shots, 'api-down.png') })
    await page.unroute('**/graphql')
    await banner.getByRole('button', { name: 'Try again' }).click()
    await banner.waitFor({ state: 'detached' })
    await page.context().close()
  })
})

interface Served {
  url: string
  database: TestDatabase
  close(): Promise<void>
}

/** The real API over a fresh database, on a free port. */
async function serve(): Promise<Served> {
  const database = await testDatabase()
  const pool: Pool = openPool(database.url, { application: 'api', readOnly: true, max: 6 })
  const api = await createApi({ pool, databaseUrl: database.url, chains: [] })
  const running: RunningApi = await listenOn(api, { host: '127.0.0.1', port: 0 })
  return {
    url: running.url,
    database,
    async close() {
      await running.close()
      await pool.end()
      await database.drop()
    },
  }
}

/** Builds dashboard/dist unless it is newer than every source of the page. */
async function buildPage(): Promise<void> {
  const built = join(root, 'dashboard', 'dist', 'index.html')
  const sources = readdirSync(join(root, 'dashboard'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(join('dashboard', 'dist')))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return
  // A process of its own: vite would take this one's NODE_ENV=test for a wish to build React for development.
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js')
  const env = { ...process.env, NODE_ENV: 'production' }
  await run(process.execPath, [vite, 'build', 'dashboard', '--logLevel', 'error'], {
    cwd: root,
    env,
    timeout: 90_000,
  })
}

async function expectText(locator: ReturnType<Page['locator']>, parts: readonly string[]): Promise<void> {
  for (const part of parts) await expect.poll(() => locator.innerText(), { timeout: 10_000 }).toContain(part)
}
