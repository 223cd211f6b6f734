/**
 * `market-paused`: a lending market was paused (nobody can repay, withdraw or liquidate there) or frozen (nobody can
 * add to it). Told from the market's state, because protocols announce it in events of their own.
 */
import { addressOf, HOUR_SEC } from './candidate'
import type { AlertCandidate, FactDetector, FactsView, MarketSwitchFact } from './types'

export const marketPaused: FactDetector = {
  on: 'facts',
  name: 'market-paused',
  description: 'a lending market was paused or frozen by its protocol',
  detect: (view) => view.marketSwitches.map((fact) => candidateOf(fact, view)),
}

function candidateOf(fact: MarketSwitchFact, view: FactsView): AlertCandidate {
  const symbol = view.assets.get(fact.assetId)?.symbol ?? addressOf(fact.assetId)
  const paused = fact.what === 'paused'
  return {
    detector: 'market-paused',
    alertId: paused ? 'MARKET-PAUSED' : 'MARKET-FROZEN',
    name: paused ? 'Lending market paused' : 'Lending market frozen',
    description: `${fact.protocol} ${fact.what} its ${symbol} market${paused ? ': positions in it can neither be repaid nor liquidated' : ''}`,
    severity: paused ? 'high' : 'medium',
    type: 'degraded',
    stage: null,
    protocol: fact.protocol,
    accountId: `${view.chain.id}:${fact.pool}`,
    addresses: [fact.pool, addressOf(fact.assetId)],
    labels: [],
    uniqueKey: `market-paused:${fact.what}:${fact.marketId}`,
    height: fact.height,
    blockHash: fact.blockHash,
    blockTimestampSec: fact.timestampSec,
    txHash: null,
    logIndex: -1,
    probability: null,
    reasons: [{ feature: fact.what, value: 'true', contribution: null }],
    modelSha256: null,
    usdAtRisk: null,
    affectedMarkets: [fact.marketId],
    cooldownSec: HOUR_SEC,
    quietSec: 0,
  }
}
