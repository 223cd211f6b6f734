/** `plimsoll recommend` over the committed capture of the local world: its report, and what it says of bad input. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { loadConfig } from '../../src/config'
import { type RecommendOptions, runRecommend } from '../../src/recommend-run/command'
import { recommendText } from '../../src/recommend-run/report'
import { type TestDatabase, testDatabase } from '../support/database'
import { indexedLocalWorld } from '../support/local-world'
import { writePriceDays } from '../support/price-days'
import { temporaryHome } from '../support/start'

const HEIGHT = 60
const OPTIONS: RecommendOptions = {
  ...{ scenario: 'all-40', scenarios: 40, seed: 1, days: 3, exit: 'pool', gasUsd: 1 },
  ...{ behaviour: 'unchanged', maxMarkets: 10 },
}
const cli = join(__dirname, '..', '..', 'src', 'cli.ts')
const home = temporaryHome('recommend')

let db: TestDatabase
beforeAll(async () => {
  db = await indexedLocalWorld(HEIGHT)
})
afterAll(() => db?.drop())

const run = (over: Partial<RecommendOptions> = {}, url = db.url) =>
  runRecommend(() => loadConfig({ DB_URL: url }), { ...OPTIONS, ...over })

/** The command as it is typed. */
async function typed(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, DB_URL: db.url, PLIMSOLL_HOME: home }
  const node = ['--import', 'tsx', cli, 'recommend', ...args]
  return promisify(execFile)(process.execPath, node, { env, timeout: 120_000 }).then(
    (done) => ({ code: 0, ...done }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

describe('plimsoll recommend', () => {
  it('prints what it found, and one line of JSON at the end', async () => {
    const { code, stdout, stderr } = await typed(
      '--scenario',
      'all-40',
      '--scenarios',
      '40',
      '--days',
      '3',
      '--json',
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    const result = JSON.parse(lines.at(-1)!)
    expect(result).toMatchObject({ scenarios: 40, asOf: { [harbor.id]: { height: HEIGHT } } })
    expect(result.markets.length).toBeGreaterThan(0)
    expect(lines.slice(0, -1).join('\n')).toBe(recommendText(result))
  })

  it('ends with 2 and one line on what cannot be', async () => {
    const { code, stdout, stderr } = await typed('--chain', 'base')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^nothing of base is indexed\n\s+.*the database holds: harbor\n$/)
  })

  it.each<[Partial<RecommendOptions>, string]>([
    [{ scenario: 'sunshine' }, 'no scenario is called sunshine'],
    [{ scenarios: 0 }, 'scenarios is 0'],
    [{ days: 1_000 }, 'days is 1000: give a whole number from 1 to 90'],
    [{ market: ['31337:nowhere'] }, 'the book has no market'],
    [{ chain: 'atlantis' }, 'no chain is called atlantis'],
    [{ chain: 'base' }, 'nothing of base is indexed'],
    [{ in: '/no/such/book.json' }, '/no/such/book.json cannot be read'],
  ])('refuses %j', async (over, message) => {
    const refused = await run(over).catch((error: unknown) => error)
    expect(refused).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) })
  })

  it('says what to do where nothing is indexed', async () => {
    const empty = await testDatabase({ chainIds: [harbor.id] })
    await expect(run({}, empty.url)).rejects.toMatchObject({ message: 'nothing is indexed yet', exitCode: 2 })
    await empty.drop()
  })

  it('takes a chain as the settings have it', async () => {
    const renamed = harbor.tokens.map((token) => ({
      ...token,
      symbol: token.symbol === 'WETH' ? 'WBTC' : token.symbol,
    }))
    const settings = loadConfig({ DB_URL: db.url })
    const [known] = loadConfig({
      DB_URL: db.url,
      PLIMSOLL_CHAINS: 'harbor',
      PLIMSOLL_HARBOR_RPC: 'http://127.0.0.1:1',
    }).chains
    const chains = [{ ...known!, spec: { ...harbor, tokens: renamed } }]
    const { markets } = await runRecommend(() => ({ ...settings, chains }), { ...OPTIONS, days: 0 })
    expect(markets.map(({ symbol }) => symbol)).toContain('WBTC')
    expect(markets.map(({ symbol }) => symbol)).not.toContain('WETH')
  })

  it('fits from indexed prices once they hold enough days, else from committed figures, and says so', async () => {
    expect((await run({ scenario: 'student-t', days: 0 })).scenario.fittedFrom).toBe('committed.ts')
    await writePriceDays(db.pool, { chainId: harbor.id, toBlock: HEIGHT })
    const found = await run({ scenario: 'student-t', days: 0 })
    expect(found.scenario.fittedFrom).toBe(`${HEIGHT} days of the market prices of harbor`)
    expect(recommendText(found)).toContain(`fitted from ${HEIGHT} days of the market prices of harbor`)
  })
})
