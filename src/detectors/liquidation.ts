/** `liquidation`: a LiquidationCall by an emitter we believe. One alert an account, grouped over an hour. */
import type { Hex } from '../chains/types'
import { moneyOf } from '../prices/price-line'
import { addressOf, HOUR_SEC, placeOfFact, severityByUsd, shortAddress, usdText } from './candidate'
import type { AlertCandidate, FactDetector, FactsView, LiquidationFact } from './types'

export const liquidation: FactDetector = {
  on: 'facts',
  name: 'liquidation',
  description: 'collateral of a lending position was seized',
  detect: (view) => view.liquidations.map((fact) => candidateOf(fact, view)),
}

function candidateOf(fact: LiquidationFact, view: FactsView): AlertCandidate {
  const seizedUsd = usdAt(view, fact, fact.collateralAssetId, fact.collateralAmount)
  const repaidUsd = usdAt(view, fact, fact.debtAssetId, fact.debtAmount)
  const pool = fact.marketId?.split(':')[1]
  return {
    detector: 'liquidation',
    alertId: 'LIQUIDATION',
    name: 'Liquidation',
    description: `${shortAddress(fact.liquidatorId)} repaid ${usdText(repaidUsd)} for ${shortAddress(
      fact.accountId,
    )} on ${fact.protocol} and took ${usdText(seizedUsd)} of collateral`,
    severity: severityByUsd(seizedUsd, { low: 0, medium: 100_000, high: 1_000_000, critical: 10_000_000 }),
    type: 'info',
    stage: null,
    protocol: fact.protocol,
    accountId: fact.accountId,
    addresses: [
      addressOf(fact.accountId),
      addressOf(fact.liquidatorId),
      ...(pool === undefined ? [] : [pool]),
    ],
    labels: [],
    uniqueKey: `liquidation:${fact.accountId}:${pool ?? fact.protocol}`,
    ...placeOfFact(fact),
    probability: null,
    reasons: [
      { feature: 'repaidUsd', value: repaidUsd, contribution: null },
      { feature: 'seizedUsd', value: seizedUsd, contribution: null },
    ],
    modelSha256: null,
    usdAtRisk: seizedUsd,
    affectedMarkets: fact.marketId === null ? [] : [fact.marketId],
    cooldownSec: HOUR_SEC,
    quietSec: 0,
  }
}

/** USD of an amount at the market price of a block, null when anything about it is unknown. */
export function usdAt(
  view: FactsView,
  block: { height: number; timestampSec: number },
  assetId: string | null,
  amount: bigint | null,
): number | null {
  if (assetId === null || amount === null) return null
  const decimals = view.assets.get(assetId)?.decimals ?? null
  return moneyOf(amount, decimals, view.market.at(addressOf(assetId) as Hex, block))
}
