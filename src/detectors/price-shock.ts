/**
 * `price-shock`: the price a protocol uses moved by 10 % or more against the most distant price of the last ten
 * minutes. Measured at every block in which the price changed, so it does not depend on when anyone looked.
 */
import type { PricePoint } from '../prices/price-line'
import { addressOf, HOUR_SEC, percentText } from './candidate'
import type { AlertCandidate, FactDetector, FactsView, Severity } from './types'

const WINDOW_SEC = 600
const STEPS: readonly (readonly [number, Severity])[] = [
  [0.35, 'critical'],
  [0.2, 'high'],
  [0.1, 'medium'],
]
const QUIET_SEC = 30

/** Blocks that a window of prices reaches back on a chain: what the reading half must load before the range. */
export function priceLookbackBlocks(blockTimeSec: number): number {
  return Math.ceil(WINDOW_SEC / blockTimeSec)
}

export const priceShock: FactDetector = {
  on: 'facts',
  name: 'price-shock',
  description: 'a price that a lending protocol uses moved by 10 % or more within ten minutes',
  detect: (view) =>
    view.prices.assets().flatMap((assetId) => {
      const history = view.prices.history(assetId)
      return history.flatMap((point, i) =>
        point.validFromBlock > view.fromHeight && point.validFromBlock <= view.toHeight
          ? judge(history, i, view)
          : [],
      )
    }),
}

function judge(history: readonly PricePoint[], i: number, view: FactsView): AlertCandidate[] {
  const now = history[i]!
  const block = view.blocks.get(now.validFromBlock)
  const before = furthest(history, i)
  if (block === undefined || before === undefined || now.answer <= 0n) return []
  const move = relativeMove(now, before)
  const step = STEPS.find(([floor]) => Math.abs(move) >= floor)
  if (step === undefined) return []
  const symbol = view.assets.get(now.assetId)?.symbol ?? addressOf(now.assetId)
  const windowSec = Math.min(WINDOW_SEC, now.timestampSec - before.timestampSec)
  const direction = move < 0 ? 'FELL' : 'ROSE'
  return [
    {
      detector: 'price-shock',
      alertId: `PRICE-SHOCK-${direction}`,
      name: move < 0 ? 'Price fell sharply' : 'Price rose sharply',
      description: `the protocol price of ${symbol} ${move < 0 ? 'fell' : 'rose'} by ${percentText(Math.abs(move))} within ${
        windowSec
      } seconds`,
      severity: step[1],
      type: 'degraded',
      stage: null,
      protocol: null,
      accountId: now.assetId,
      addresses: [addressOf(now.assetId)],
      labels: [],
      uniqueKey: `price-shock:${now.assetId}:${direction}`,
      height: now.validFromBlock,
      blockHash: block.hash,
      blockTimestampSec: block.timestampSec,
      txHash: null,
      logIndex: -1,
      probability: null,
      reasons: [
        { feature: 'priceMove', value: move, contribution: null },
        { feature: 'windowSec', value: windowSec, contribution: null },
      ],
      modelSha256: null,
      usdAtRisk: null,
      affectedMarkets: [],
      cooldownSec: HOUR_SEC,
      quietSec: QUIET_SEC,
    },
  ]
}

/** The price of the window, or the one that held when it began, from which the move is largest. */
function furthest(history: readonly PricePoint[], i: number): PricePoint | undefined {
  const now = history[i]!
  let found: PricePoint | undefined
  for (let k = i - 1; k >= 0; k--) {
    const before = history[k]!
    if (before.source === now.source && before.answer > 0n) {
      if (found === undefined || size(now, before) > size(now, found)) found = before
    }
    if (before.timestampSec < now.timestampSec - WINDOW_SEC) break
  }
  return found
}

/** (now − before) / before, subtracted in integers, so that a move of exactly 10 % counts as one. */
function relativeMove(now: PricePoint, before: PricePoint): number {
  const decimals = Math.max(now.decimals, before.decimals)
  const raise = (point: PricePoint) => point.answer * 10n ** BigInt(decimals - point.decimals)
  return Number(raise(now) - raise(before)) / Number(raise(before))
}

function size(now: PricePoint, before: PricePoint): number {
  return Math.abs(Math.log1p(relativeMove(now, before)))
}
