/**
 * `systemic-risk`: a lending market that would lose a large part of its debt in the fixed scenarios of the systemic score
 * (src/systemic/market-score.ts): a value of 0.1 is 0.6 % of the debt expected lost, 0.3 is 2.1 %, 0.6 is 7.5 %.
 */
import { addressOf, DAY_SEC, HOUR_SEC, percentText, placeOfBlock, severityByUsd, usdText } from './candidate'
import type { AlertCandidate, MarketView, RoundDetector, RoundView, Severity } from './types'

const STEPS: readonly { atLeast: number; severity: Severity }[] = [
  { atLeast: 0.6, severity: 'critical' },
  { atLeast: 0.3, severity: 'high' },
  { atLeast: 0.1, severity: 'medium' },
]
/** Expected losses below this are nobody's system. */
const DUST_USD = 1_000
/** Less money than this caps the severity: the worst market of all may still be a small one. */
const FLOORS_USD = { medium: 0, high: 100_000, critical: 10_000_000 }
const SEVERITY_ORDER: readonly Severity[] = ['medium', 'high', 'critical']

export const systemicRisk: RoundDetector = {
  on: 'round',
  name: 'systemic-risk',
  description: 'a lending market that would lose a large part of its debt if prices fell',
  detect: (view) => view.markets.flatMap((market) => judge(market, view)),
}

function judge(market: MarketView, view: RoundView): AlertCandidate[] {
  const { score, debtUsd, expectedBadDebtUsd } = market
  const step = STEPS.find(({ atLeast }) => score.value >= atLeast)
  if (step === undefined || expectedBadDebtUsd < DUST_USD) return []
  const byMoney = severityByUsd(expectedBadDebtUsd, FLOORS_USD)
  const places = [step.severity, byMoney].map((severity) => SEVERITY_ORDER.indexOf(severity))
  const behind = market.collateral === null ? '' : `, mostly behind ${market.collateral}`
  return [
    {
      detector: 'systemic-risk',
      alertId: 'SYSTEMIC-RISK',
      name: 'Lending market at systemic risk',
      description: `the ${market.symbol} market of ${market.protocol} would lose ${percentText(expectedBadDebtUsd / debtUsd)} of its ${usdText(
        debtUsd,
      )} of debt in the scenarios of the systemic score${behind}`,
      severity: SEVERITY_ORDER[Math.min(...places)]!,
      type: 'degraded',
      stage: null,
      protocol: market.protocol,
      accountId: market.poolId,
      addresses: [addressOf(market.poolId), market.marketId.slice(market.marketId.lastIndexOf(':') + 1)],
      labels: [],
      uniqueKey: `systemic-risk:${market.marketId}`,
      ...placeOfBlock(view.at),
      probability: null,
      reasons: [
        { feature: 'systemicScore', value: score.value, contribution: null },
        { feature: 'expectedBadDebtUsd', value: expectedBadDebtUsd, contribution: null },
        { feature: 'debtUsd', value: debtUsd, contribution: null },
        ...(market.collateral === null
          ? []
          : [{ feature: 'largestCollateral', value: market.collateral, contribution: null }]),
        ...score.reasons,
      ],
      modelSha256: score.modelSha256,
      usdAtRisk: expectedBadDebtUsd,
      affectedMarkets: [market.marketId],
      cooldownSec: DAY_SEC,
      quietSec: HOUR_SEC,
    },
  ]
}
