import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readVaultHistory } from '../../../src/models/credit/events'
import { priceIndexAt, readPrices } from '../../../src/models/credit/prices'
import { utcSec } from '../../../src/models/credit/table'
import {
  type Csv,
  DAY_SEC,
  emptyWorld,
  liquidate,
  open,
  repay,
  START_SEC,
  stormyWorld,
  write,
  writePrices,
} from './folder'

function world(change: (csv: Csv) => void = () => undefined): string {
  const csv = emptyWorld()
  open(csv, 7, 1, 10, 5000)
  repay(csv, 7, 2, 100)
  liquidate(csv, 7, 3, 4, 2000)
  change(csv)
  return write(csv)
}

describe('readVaultHistory', () => {
  it('reads events in order, signed, with parameters and the hash of every file', () => {
    const { events, feePerYear, liquidationRatio, files, fromSec, untilSec } = readVaultHistory(world())
    expect(events.map(({ kind, collateralEth, debtDai }) => [kind, collateralEth, debtDai])).toEqual([
      ['deposit', 10, 0],
      ['borrow', 0, 5000],
      ['repay', 0, -100],
      ['liquidation', -4, -2000],
    ])
    expect(feePerYear).toMatchObject([{ value: 0.05 }])
    expect(liquidationRatio).toMatchObject([{ value: 1.3 }])
    expect([fromSec, untilSec]).toEqual([START_SEC + DAY_SEC, START_SEC + 3 * DAY_SEC])
    expect(Object.keys(files)).toHaveLength(6)
  })

  it('gives the same history for unsorted and for unpacked files', () => {
    const sorted = readVaultHistory(write(stormyWorld(2)))
    const shuffled = stormyWorld(2)
    for (const lines of Object.values(shuffled)) lines.reverse()
    const plain = readVaultHistory(write(stormyWorld(2), { gzip: false }))
    const byAll = (events: typeof sorted.events) => events.map((e) => JSON.stringify(e)).sort()
    expect(byAll(readVaultHistory(write(shuffled)).events)).toEqual(byAll(sorted.events))
    expect(readVaultHistory(write(shuffled)).events.map((e) => e.timeSec)).toEqual(
      sorted.events.map((e) => e.timeSec),
    )
    expect(plain.events).toEqual(sorted.events)
  })

  it('names a missing file and the folder', () => {
    const folder = world()
    rmSync(join(folder, 'ethb_dai_borrows.csv.gz'))
    expect(() => readVaultHistory(folder)).toThrow(
      `no ethb_dai_borrows.csv.gz or ethb_dai_borrows.csv in ${folder}`,
    )
  })

  it.each<[string, (csv: Csv) => void, string]>([
    [
      'a bad number',
      (csv) => csv.ethb_dai_repayments!.push('5,2021-01-05 00:00:00.000,7,12;5'),
      'ethb_dai_repayments.csv.gz, line 3, DAI_REPAYED: "12;5" is not a number',
    ],
    [
      'an empty cell',
      (csv) => csv.ethb_vault_deposits!.push('5,2021-01-05 00:00:00.000,0x,ETH-B,7,'),
      'line 3, DEPOSIT_AMOUNT_ADJ: "" is not a number',
    ],
    [
      'a date that does not exist',
      (csv) => csv.ethb_dai_borrows!.push('5,2021-02-30 00:00:00.000,7,1'),
      'BLOCK_TIMESTAMP: "2021-02-30 00:00:00.000" is not a UTC time',
    ],
    ['no fees', (csv) => csv['ETHB-Parameter-Changes']!.shift(), 'never sets JUG.ilks.duty'],
    [
      'no events',
      (csv) => {
        for (const name of Object.keys(csv)) if (name.startsWith('ethb')) csv[name] = []
      },
      'no events in',
    ],
  ])('refuses %s and says where', (_, change, message) => {
    expect(() => readVaultHistory(world(change))).toThrow(message)
  })
})

describe('utcSec', () => {
  it.each([
    ['2021-05-18 9:39:48', Date.UTC(2021, 4, 18, 9, 39, 48) / 1000],
    ['2021-05-18', Date.UTC(2021, 4, 18) / 1000],
    ['2021-05-18T09:39:48Z', Date.UTC(2021, 4, 18, 9, 39, 48) / 1000],
    ['2021-05-18 25:00:00', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%s', (text, sec) => {
    expect(utcSec(text)).toBe(sec)
  })
})

describe('prices', () => {
  const prices = readPrices([writePrices((day) => 1000 + day, 10)])

  it('know a close two hours after its candle began, and not before', () => {
    const at = priceIndexAt(prices, START_SEC + 2 * 3600)
    expect(prices.points[at]!.value).toBe(1000)
    expect(priceIndexAt(prices, START_SEC + 2 * 3600 - 1)).toBe(at - 1)
  })

  it('are refused when they are a day old or later than what is asked', () => {
    expect(() => priceIndexAt(prices, START_SEC + 12 * DAY_SEC)).toThrow('no ETH price for 2021-01-13')
    expect(() => priceIndexAt(prices, START_SEC - 90 * DAY_SEC)).toThrow('no ETH price for 2020-10-03')
    expect(() => readPrices([writePrices(() => 0, 1)])).toThrow('a price of 0')
    expect(() => readPrices(['/nowhere.csv'])).toThrow('cannot read /nowhere.csv')
  })
})
