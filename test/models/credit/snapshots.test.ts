import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVaultHistory, type VaultHistory } from '../../../src/models/credit/events'
import { type PriceHistory, readPrices } from '../../../src/models/credit/prices'
import { type Snapshots, takeSnapshots } from '../../../src/models/credit/snapshots'
import {
  DAY_SEC,
  emptyWorld,
  liquidate,
  open,
  repay,
  START_SEC,
  stormyPrice,
  stormyWorld,
  write,
  writePrices,
} from './folder'

const history = readVaultHistory(write(stormyWorld(2)))
const prices = readPrices([writePrices(stormyPrice, 90)])

function at(past: VaultHistory, known: PriceHistory, day: number): Snapshots {
  const sec = START_SEC + day * DAY_SEC
  return takeSnapshots(past, known, { fromSec: sec, untilSec: sec })
}

describe('takeSnapshots', () => {
  it('takes every vault with debt at every midnight, and nobody before the first event', () => {
    expect(at(history, prices, 0).vaults).toEqual([])
    const day10 = at(history, prices, 10)
    expect(day10.vaults).toHaveLength(40)
    expect(new Set(day10.timesSec)).toEqual(new Set([START_SEC + 10 * DAY_SEC]))
    expect(day10.rows).toHaveLength(160)
  })

  it('counts the days to the next liquidation, of which there may be several', () => {
    const csv = emptyWorld()
    open(csv, 1, 1, 10, 5000)
    liquidate(csv, 1, 20, 1, 100)
    liquidate(csv, 1, 30.5, 1, 100)
    const own = readVaultHistory(write(csv))
    expect(at(own, prices, 5).daysToLiquidation[0]).toBe(15)
    expect(at(own, prices, 20).daysToLiquidation[0]).toBe(0)
    expect(at(own, prices, 21).daysToLiquidation[0]).toBe(9.5)
    expect(at(own, prices, 31).daysToLiquidation[0]).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts dust and vaults without collateral instead of judging them, and forgets closed ones', () => {
    const csv = emptyWorld()
    open(csv, 1, 1, 10, 5)
    open(csv, 2, 1, 0, 5000)
    open(csv, 3, 1, 10, 5000)
    repay(csv, 3, 2, 6000)
    const found = at(readVaultHistory(write(csv)), prices, 5)
    expect(found.vaults).toEqual([])
    expect(found.counts).toEqual({ dust: 1, noCollateral: 1 })
  })

  it('keeps vaults below a health factor of 1: hard cases are cases', () => {
    const csv = emptyWorld()
    open(csv, 1, 1, 10, 9000)
    const found = at(readVaultHistory(write(csv)), prices, 5)
    expect(found.healthFactors[0]).toBeLessThan(1)
    expect(found.structural[0]).toBe(1)
  })

  it('does not count a liquidation as the owner’s action', () => {
    const build = (seized: boolean) => {
      const csv = emptyWorld()
      open(csv, 1, 1, 20, 5000)
      if (seized) liquidate(csv, 1, 39.2, 0, 0)
      return at(readVaultHistory(write(csv)), prices, 45).rows
    }
    expect(build(true)).toEqual(build(false))
  })

  it('reads nothing of the future: what happens after a moment changes none of its bytes', () => {
    const day = fc.integer({ min: 2, max: 78 })
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true })
    fc.assert(
      fc.property(day, factor, fc.integer({ min: 0, max: 1000 }), (when, change, turn) => {
        const sec = START_SEC + when * DAY_SEC
        const past = history.events.filter((event) => event.timeSec < sec)
        const future = history.events
          .filter((event) => event.timeSec >= sec)
          .map((event, i, all) => ({ ...all[(i + turn) % all.length]!, timeSec: event.timeSec }))
          .map((event) => ({
            ...event,
            debtDai: event.debtDai * change,
            collateralEth: event.collateralEth / change,
          }))
        const later = { ...history, events: [...past, ...future] }
        const points = prices.points.map((point) =>
          point.timeSec > sec ? { ...point, value: point.value * change } : point,
        )
        const before = at(history, prices, when)
        const after = at(later, { ...prices, points }, when)
        expect(Buffer.from(after.rows.buffer)).toEqual(Buffer.from(before.rows.buffer))
        expect(after.vaults).toEqual(before.vaults)
        expect(after.healthFactors).toEqual(before.healthFactors)
        expect(after.structural).toEqual(before.structural)
      }),
      { numRuns: 25 },
    )
  })
})
