import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { backtestCredit } from '../../../src/models/credit/backtest'
import { readVaultHistory } from '../../../src/models/credit/events'
import { readPrices } from '../../../src/models/credit/prices'
import { type BacktestRequest, jsonLine, reportText, runBacktest } from '../../../src/models/credit/report'
import { packageRoot } from '../../../src/package-root'
import { DAY_SEC, emptyWorld, open, START_SEC, stormyPrice, stormyWorld, write, writePrices } from './folder'

const date = (day: number) => new Date((START_SEC + day * DAY_SEC) * 1000).toISOString().slice(0, 10)

describe('a backtest of a made world in which only the ratio decides', () => {
  let request: BacktestRequest
  beforeAll(() => {
    request = {
      events: write(stormyWorld()),
      prices: [writePrices(stormyPrice)],
      from: date(122),
      to: date(168),
      dataSets: '/nowhere',
      draws: 50,
    }
  })

  it('finds nearly all of it, beside the baselines, and ends in the line that was asked for', () => {
    const result = runBacktest(request)
    const line = JSON.parse(jsonLine(result))
    expect(Object.keys(line)).toEqual(['auc', 'ap', 'ece', 'n', 'positives', 'baselines'])
    expect(line.auc).toBeGreaterThan(0.9)
    expect(line.baselines.collateralRatio.auc).toBeGreaterThan(0.9)
    expect(line.baselines.structural.auc).toBeGreaterThan(0.9)
    expect(line.positives).toBeGreaterThan(50)
    expect(line.n).toBeGreaterThan(line.positives)
    expect(result.hazard.linear.weight[0]).toBeLessThanOrEqual(0)
    const text = reportText(result)
    for (const word of ['learnt from', 'credit', 'collateral ratio', 'structural', 'AUC above ratio']) {
      expect(text).toContain(word)
    }
    expect(reportText(runBacktest(request))).toBe(text)
  })

  it('learns only from what was over before it begins', () => {
    const history = readVaultHistory(request.events)
    const prices = readPrices(request.prices!)
    const options = { fromSec: START_SEC + 122 * DAY_SEC, toSec: START_SEC + 168 * DAY_SEC, draws: 2 }
    const otherFuture = history.events.flatMap((event, i) => {
      if (event.timeSec < options.fromSec) return [event]
      return i % 3 === 0
        ? []
        : [{ ...event, debtDai: event.debtDai * 0.9, collateralEth: event.collateralEth * 1.1 }]
    })
    const { hazard, horizons } = backtestCredit(history, prices, options)
    const judged = backtestCredit({ ...history, events: otherFuture }, prices, options)
    expect(judged.horizons).not.toEqual(horizons)
    expect(judged.hazard).toEqual(hazard)
  })

  it.each<[string, Partial<BacktestRequest>, string]>([
    ['a folder that is none', { events: '/nowhere' }, '--events /nowhere is not a folder'],
    ['a date that is none', { from: '2021-13-01' }, '--from 2021-13-01 is not a date like 2021-06-01'],
    ['a period that ends before it begins', { to: date(1) }, `--from ${date(122)} is after --to ${date(1)}`],
    ['a period after the data', { from: '2023-01-01', to: '2023-02-01' }, 'no snapshot from 2023-01-01'],
    ['a period with too little past', { from: date(30) }, '0 liquidated vaults are known by 2021-01-31'],
    ['no price files', { prices: undefined }, 'no ETH prices in /nowhere/prices'],
    ['prices that end early', { prices: ['SHORT'] }, 'no ETH price for 2021-0'],
  ])('refuses %s and says why', (_, change, message) => {
    const prices = change.prices?.[0] === 'SHORT' ? [writePrices(stormyPrice, 30)] : undefined
    expect(() => runBacktest({ ...request, ...change, ...(prices ? { prices } : {}) })).toThrow(message)
  })

  it('refuses a period in which nobody is liquidated', () => {
    const world = stormyWorld(3)
    for (let i = 0; i < 5; i++) open(world, 900 + i, 121 + i * 20, 100, 1000)
    const events = write(world)
    expect(() => runBacktest({ ...request, events, from: date(125), to: date(150) })).toThrow(
      'no vault is liquidated within 30 days of a snapshot',
    )
    expect(() => runBacktest({ ...request, events: write(emptyWorld()) })).toThrow('no events in')
  })

  it('is a command that prints the line last, and ends with 2 and a reason where it cannot', () => {
    const command = (...more: string[]) =>
      spawnSync(process.execPath, [join(packageRoot, 'lib/cli.js'), 'backtest', 'credit', ...more], {
        cwd: packageRoot,
        encoding: 'utf8',
        timeout: 60_000,
      })
    const where = ['--events', request.events, '--prices', ...request.prices!]
    const { stdout, status } = command(...where, '--from', date(122), '--to', date(168), '--json')
    expect(status).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ positives: expect.any(Number) })
    expect(lines.filter((line) => line.startsWith('{'))).toHaveLength(1)
    const refused = command(...where, '--from', 'June', '--to', date(168))
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('--from June is not a date like 2021-06-01')
  }, 120_000)
})
