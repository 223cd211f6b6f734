/**
 * The rate model against the answers of Morpho's own AdaptiveCurveIrm, run once on anvil and recorded: single rates, powers,
 * and a market's life whose interest we foretell from its logs. `morpho-adaptive-curve.json.gz` holds no code, only answers.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { ChainSpec, Hex } from '../../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import {
  adaptiveCurveRate,
  expWad,
  INITIAL_RATE_AT_TARGET_WAD,
} from '../../../src/protocols/morpho-blue/adaptive-curve'
import { totalsAt } from '../../../src/protocols/morpho-blue/risk'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { RawLog } from '../../../src/protocols/types'
import { dataPath, describeWithData } from '../../support/data'
import { block } from '../../support/logs'

const WAD = 10n ** 18n
const YEAR_SEC = 31_536_000n

interface Recorded {
  morpho: Hex
  irm: Hex
  tokens: [Hex, number][]
  /** supplyAssets, borrowAssets, rateAtTarget, elapsed → rate, rateAtTarget after. */
  rates: [string, string, string, string, string, string][]
  powers: [string, string][]
  logs: [height: number, timestampSec: number, logIndex: number, address: Hex, topics: Hex[], data: Hex][]
  /** Totals that the contract held after it had accrued interest, and nothing else, in a block. */
  checks: { height: number; timestampSec: number; market: Hex; totals: string[] }[]
}

const file = join(__dirname, '../../fixtures/morpho-adaptive-curve.json.gz')
const recorded = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Recorded

describe('AdaptiveCurveIrm', () => {
  it('answers what the contract answered', () => {
    expect(recorded.rates.length).toBeGreaterThan(50)
    for (const [supplyAssets, borrowAssets, start, elapsed, rate, end] of recorded.rates) {
      const input = {
        supplyAssets: BigInt(supplyAssets),
        borrowAssets: BigInt(borrowAssets),
        rateAtTargetWad: BigInt(start),
        elapsedSec: BigInt(elapsed),
      }
      expect(adaptiveCurveRate(input)).toEqual({ ratePerSecWad: BigInt(rate), rateAtTargetWad: BigInt(end) })
    }
  })

  it('raises e to the power that the contract raises it to', () => {
    for (const [exponent, power] of recorded.powers) expect(expWad(BigInt(exponent))).toBe(BigInt(power))
  })

  it('begins at four per cent a year, whatever the time', () => {
    const first = { supplyAssets: 10n, borrowAssets: 9n, rateAtTargetWad: 0n }
    for (const elapsedSec of [0n, 1n, YEAR_SEC])
      expect(adaptiveCurveRate({ ...first, elapsedSec })).toEqual({
        ratePerSecWad: INITIAL_RATE_AT_TARGET_WAD,
        rateAtTargetWad: INITIAL_RATE_AT_TARGET_WAD,
      })
  })
})

describe('interest between events', () => {
  it('is what the contract added when it next accrued, to the wei', () => {
    const chain = chainOf(recorded)
    const [state, context] = [createMemoryState(), createContext(chain)]
    let next = 0
    const foldBefore = (height: number) => {
      const logs: RawLog[] = []
      for (; (recorded.logs[next]?.[0] ?? height) < height; next++) logs.push(logOf(recorded.logs[next]!))
      expect(foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context).undecodable).toEqual([])
    }
    let grown = 0
    for (const { height, timestampSec, market, totals } of recorded.checks) {
      foldBefore(height)
      const own = state.market(`${chain.id}:${market}`)!
      const loan = state.market(`${chain.id}:${market}:${own.state.loanToken}`)!
      const foretold = totalsAt(own, loan, timestampSec)!
      const [supplyAssets, supplyShares, borrowAssets, borrowShares] = totals.map(BigInt)
      expect(foretold).toMatchObject({ supplyAssets, supplyShares, borrowAssets, borrowShares })
      if (foretold.borrowAssets > BigInt(loan.state.totalBorrowAssets as string)) grown++
    }
    expect(grown).toBeGreaterThan(30)
  })
})

describeWithData('worked cases', ['vectors/risk-reference-cases.json'], () => {
  it('of the curve and its adaptation', () => {
    const cases = JSON.parse(readFileSync(dataPath('vectors/risk-reference-cases.json')!, 'utf8')) as {
      id: string
      [key: string]: unknown
    }[]
    const worked = cases.find(({ id }) => id.startsWith('ADAPTIVE-IRM'))!
    const rateAtTargetWad = (4n * WAD) / 100n / YEAR_SEC
    const yearly = (perSecWad: bigint) => Number(perSecWad * YEAR_SEC) / 1e18
    for (const [utilization, rate] of Object.entries(worked['u->r'] as Record<string, number>)) {
      const borrowAssets = BigInt(Math.round(Number(utilization) * 1e4))
      const now = adaptiveCurveRate({ supplyAssets: 10_000n, borrowAssets, rateAtTargetWad, elapsedSec: 0n })
      expect(yearly(now.ratePerSecWad)).toBeCloseTo(rate, 9)
    }
    // err = 0.5 at a utilization of 95 %: a day later, within the contract's own second-order exponential.
    const { end, avg } = worked['err=.5,1 day'] as { end: number; avg: number }
    const day = { supplyAssets: 100n, borrowAssets: 95n, rateAtTargetWad, elapsedSec: 86_400n }
    const later = adaptiveCurveRate(day)
    expect(Math.abs(yearly(later.rateAtTargetWad) / end - 1)).toBeLessThan(6e-5)
    expect(Math.abs(yearly(later.ratePerSecWad) / 2.5 / avg - 1)).toBeLessThan(6e-5)
  })
})

function chainOf({ morpho, irm, tokens }: Recorded): ChainSpec {
  const common = { protocol: 'morpho-blue', label: 'recorded', deployedAtBlock: 0, links: { morpho } }
  return {
    ...CHAINS.harbor!,
    tokens: tokens.map(([address, decimals]) => ({ address, decimals, symbol: 'T', name: 'Token' })),
    feeds: [],
    contracts: [
      { ...common, address: morpho, role: 'morpho' },
      { ...common, address: irm, role: 'adaptiveCurveIrm' },
    ],
  }
}

function logOf([height, timestampSec, logIndex, address, topics, data]: Recorded['logs'][number]): RawLog {
  const ref = block(31337, height, timestampSec)
  return { block: ref, logIndex, txIndex: 0, txHash: ref.hash, address, topics, data }
}
