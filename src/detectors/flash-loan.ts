/**
 * `flash-loan`: a large flash loan. Together with a liquidation or with swaps that moved a pool's price in the same
 * transaction it is how price-manipulation attacks look; alone it is worth a note.
 */
import { addressOf, HOUR_SEC, percentText, placeOfFact, shortAddress, usdText } from './candidate'
import { usdAt } from './liquidation'
import type { AlertCandidate, FactDetector, FactsView, FlashLoanFact, Reason, SwapFact } from './types'

const LARGE_USD = 100_000
const PRICE_MOVE = 0.05

export const flashLoan: FactDetector = {
  on: 'facts',
  name: 'flash-loan',
  description: 'a large flash loan, graver with a price move or a liquidation in the same transaction',
  detect(view) {
    const largest = new Map<string, { fact: FlashLoanFact; usd: number }>()
    for (const fact of view.flashLoans) {
      const usd = usdAt(view, fact, fact.assetId, fact.amount)
      const known = largest.get(fact.txHash)
      if (usd !== null && usd >= LARGE_USD && (known === undefined || usd > known.usd)) {
        largest.set(fact.txHash, { fact, usd })
      }
    }
    return [...largest.values()].map(({ fact, usd }) => candidateOf(fact, usd, view))
  },
}

function candidateOf(fact: FlashLoanFact, usd: number, view: FactsView): AlertCandidate {
  const liquidations = view.liquidations.filter((other) => other.txHash === fact.txHash)
  const move = largestMove(view.swaps.filter((swap) => swap.txHash === fact.txHash))
  const suspicious = liquidations.length > 0 || move.size >= PRICE_MOVE
  const company = [
    ...(move.size >= PRICE_MOVE
      ? [`moved the price of pool ${shortAddress(move.poolId)} by ${percentText(move.size)}`]
      : []),
    ...(liquidations.length > 0 ? [`liquidated ${liquidations.length} position(s)`] : []),
  ]
  const reasons: Reason[] = [
    { feature: 'loanUsd', value: usd, contribution: null },
    { feature: 'priceMove', value: move.size, contribution: null },
    { feature: 'liquidations', value: liquidations.length, contribution: null },
  ]
  return {
    detector: 'flash-loan',
    alertId: suspicious ? 'FLASH-LOAN-ATTACK-PATTERN' : 'FLASH-LOAN-LARGE',
    name: suspicious ? 'Flash loan with a price move or a liquidation' : 'Large flash loan',
    description: `${shortAddress(fact.initiatorId)} took a flash loan of ${usdText(usd)} from ${fact.protocol}${
      company.length === 0 ? '' : ` and ${company.join(' and ')}`
    }`,
    severity: !suspicious ? 'info' : move.size >= PRICE_MOVE ? 'high' : 'medium',
    type: suspicious ? 'suspicious' : 'info',
    stage: suspicious ? 'exploitation' : null,
    protocol: fact.protocol,
    accountId: fact.initiatorId,
    addresses: [...new Set([addressOf(fact.initiatorId), addressOf(fact.receiverId)])],
    labels: [],
    uniqueKey: `flash-loan:${suspicious ? 'pattern' : 'large'}:${fact.initiatorId}`,
    ...placeOfFact(fact),
    probability: null,
    reasons,
    modelSha256: null,
    usdAtRisk: suspicious ? usd : null,
    affectedMarkets: [
      ...new Set(liquidations.flatMap((l) => (l.marketId === null ? [] : [l.marketId]))),
    ].sort(),
    cooldownSec: HOUR_SEC,
    quietSec: 0,
  }
}

/** Largest relative difference between the execution prices of two swaps on one pool; 0 with fewer than two. */
function largestMove(swaps: readonly SwapFact[]): { size: number; poolId: string } {
  const range = new Map<string, { low: number; high: number }>()
  for (const swap of swaps) {
    const price = Math.abs(Number(swap.amount1) / Number(swap.amount0))
    if (!(price > 0) || !Number.isFinite(price)) continue
    const seen = range.get(swap.poolId) ?? { low: price, high: price }
    range.set(swap.poolId, { low: Math.min(seen.low, price), high: Math.max(seen.high, price) })
  }
  let move = { size: 0, poolId: '' }
  for (const [poolId, { low, high }] of range) {
    if (high / low - 1 > move.size) move = { size: high / low - 1, poolId }
  }
  return move
}
