import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPriceFolder } from '../../src/stress-run/price-files'
import { scenarioByName } from '../../src/systemic/scenarios/catalogue'
import { dataPath, describeWithData } from '../support/data'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-prices-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a folder of price files', () => {
  it('that is not there, or holds none, is refused', () => {
    expect(() => readPriceFolder(join(folder, 'none'))).toThrow('cannot be read')
    expect(() => readPriceFolder(folder)).toThrow('holds no price file')
  })

  it('is read by the time at which candles close, and names what it cannot read', () => {
    writeFileSync(
      join(folder, 'eth-usdt-hourly.csv'),
      'date,close\n2020-01-01 00:00:00,100\n2020-01-01 01:00:00,110\n',
    )
    writeFileSync(join(folder, 'btc-usdt-hourly.csv'), 'date,price\n2020-01-01 00:00:00,7\n')
    writeFileSync(join(folder, 'notes.txt'), 'not prices')
    const { history, leftOut } = readPriceFolder(folder)
    expect([...history.prices.keys()]).toEqual(['ETH'])
    expect(Array.from(history.timesSec)).toEqual([1_577_840_400, 1_577_844_000])
    expect(Array.from(history.prices.get('ETH')!)).toEqual([100, 110])
    expect(leftOut).toEqual([expect.stringContaining('btc-usdt-hourly.csv')])
  })
})

describeWithData('the candles of 2017 to 2023', ['prices/eth-usdt-hourly-2021-2023.csv.gz'], () => {
  it('replay the worst day of March 2020 as the committed rows have it, or an hour worse', () => {
    const { history } = readPriceFolder(dataPath('prices')!)
    const request = { scenarios: 10, seed: 1, assets: [{ id: '1:eth', symbol: 'WETH' }] }
    const given = scenarioByName({ ...request, name: 'replay-2020-03', history })
    const committed = scenarioByName({ ...request, name: 'replay-2020-03' })
    expect(given.fittedFrom).toContain('days of')
    expect(given.central![0]).toBeLessThanOrEqual(committed.central![0]! + 1e-4)
    expect(given.central![0]).toBeGreaterThan(0.4)
  })
})
