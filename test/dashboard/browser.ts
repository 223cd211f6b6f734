/**
 * The real browser of the page's tests: Chromium from PLIMSOLL_CHROMIUM or where systems keep it. Without one a test
 * skips and says so, or fails when PLIMSOLL_REQUIRE names `chromium`, as CI does.
 */
import { accessSync, constants } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { describe } from 'vitest'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
]

/** Path of a Chromium that may be run, or undefined. A path that was asked for and cannot be run is an error. */
export function chromiumPath(): string | undefined {
  const chosen = process.env.PLIMSOLL_CHROMIUM
  if (chosen) {
    if (!runnable(chosen)) throw new Error(`PLIMSOLL_CHROMIUM names ${chosen}, which cannot be run`)
    return chosen
  }
  return places.find(runnable)
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `describe` that runs where there is a Chromium; elsewhere it skips with the reason, or throws when one is required. */
export function describeWithChromium(name: string, body: () => void): void {
  if (chromiumPath() !== undefined) {
    describe(name, body)
    return
  }
  if ((process.env.PLIMSOLL_REQUIRE ?? '').split(',').includes('chromium')) {
    throw new Error('Chromium is required but was not found; set PLIMSOLL_CHROMIUM to its path')
  }
  console.warn(`skipped: ${name}: no Chromium; set PLIMSOLL_CHROMIUM to its path`)
  describe.skip(`${name} (skipped: no Chromium; set PLIMSOLL_CHROMIUM to its path)`, body)
}

export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium was found')
  return chromium.launch({ executablePath, args: flags, timeout: 30_000 })
}

/** Collects what should never happen on a healthy page: console errors, page errors, failed and refused requests. */
export function watchForFaults(page: Page): string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`))
  page.on('requestfailed', (request) => {
    faults.push(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText ?? ''}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`status ${response.status()}: ${response.url()}`)
  })
  page.on('request', (request) => {
    const own = new URL(page.url() === 'about:blank' ? request.url() : page.url()).origin
    if (new URL(request.url()).origin !== own && !request.url().startsWith('data:')) {
      faults.push(`foreign host: ${request.url()}`)
    }
  })
  return faults
}
