/** The November 2025 replay: what it may know, and what it finds in the real tables. */
import { dirname, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replayMorpho } from '../../../src/systemic/replay/morpho'
import { readMorphoHistory } from '../../../src/systemic/replay/morpho-command'
import type { MorphoHistory } from '../../../src/systemic/replay/morpho-history'
import { runReplay } from '../../../src/systemic/replay/replay-command'
import { dataPath, describeWithData } from '../../support/data'

describe('without data', () => {
  it('a folder that is not there is an error that says what to do', () => {
    expect(() => readMorphoHistory('/nowhere')).toThrow(/no folder systemic\/morpho-2025-11/)
  })
  it('an event that nobody knows is named, and so are those there are', () => {
    expect(() => runReplay('constructor', '/nowhere')).toThrow(/no event constructor/)
  })
})

const FILE = 'systemic/morpho-2025-11/block1_markets_graphql.csv.gz'

describeWithData('November 2025', [FILE], () => {
  const dataSets = resolve(dirname(dataPath(FILE)!), '../..')
  const history = readMorphoHistory(dataSets)
  const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000
  const moments = { stateSec: at('2025-11-03'), outcomeSec: at('2025-11-15'), endSec: at('2026-01-31') }

  /** Everything after a moment falsified: a forecast that changes has looked. */
  function falsifiedAfter(sec: number): MorphoHistory {
    const points = <T extends { timeSec: number; value: number }>(list: readonly T[]) =>
      list.map((p) => (p.timeSec <= sec ? p : { ...p, value: p.value * 7 + 1 }))
    return {
      ...history,
      markets: history.markets.map((market) => ({
        ...market,
        collateralUnits: points(market.collateralUnits),
        collateralUnitsLater: 1,
        recordedBadDebtUsd: 1,
        states: market.states.map((state) =>
          state.timeSec <= sec
            ? state
            : { timeSec: state.timeSec, utilization: 0.5, supplyUsd: 9, borrowUsd: 5 },
        ),
      })),
      vaults: history.vaults.map((vault) => ({
        ...vault,
        assetsUsd: points(vault.assetsUsd),
        assetsHourly: points(vault.assetsHourly),
        sharePrice: points(vault.sharePrice),
        suppliedUsd: new Map([...vault.suppliedUsd].map(([id, list]) => [id, points(list)])),
      })),
      prices: new Map([...history.prices].map(([symbol, list]) => [symbol, points(list)])),
    }
  }

  it('the blind forecast is made of nothing that came after its state', () => {
    const forecast = (of: MorphoHistory) => {
      const { markets, vaults } = replayMorpho(of, moments, () => 0)
      return [
        markets.map((row) => [row.name, row.uncoveredUsd, row.drainUsd, row.predictedUsd]),
        vaults.map((row) => [row.name, row.predictedUsd, row.predictedShare, row.isPredicted]),
      ]
    }
    expect(forecast(falsifiedAfter(moments.stateSec))).toEqual(forecast(history))
  })

  it('collateral that keeps its price predicts nothing', () => {
    const { vaults, badDebt } = replayMorpho(history, moments, () => 1)
    expect(badDebt.predicted).toBe(0)
    expect(vaults.filter((row) => row.isPredicted)).toEqual([])
  })

  it('every predicted dollar of the vaults lies in a market that loses', () => {
    const { markets, vaultLosses } = replayMorpho(history, moments, () => 0)
    expect(vaultLosses.predicted).toBeLessThanOrEqual(markets.reduce((sum, row) => sum + row.predictedUsd, 0))
  })
})
