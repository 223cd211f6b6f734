/**
 * `liquidation-risk`: a position that could be, or is likely to be, liquidated.
 *
 * Three variants, the gravest wins: the health factor is below 1 (anybody may liquidate now), below 1.05, or the
 * `liquidation` model sees more than an even chance within 30 days. Debt below dust is not worth anyone's attention.
 */
import {
  addressOf,
  DAY_SEC,
  doubtfulPrices,
  evidenceOf,
  percentText,
  placeOfBlock,
  shortAddress,
  usdText,
} from './candidate'
import type { AlertCandidate, Reason, RoundDetector, RoundView, Severity, StandingView } from './types'

const LIQUIDATABLE = 1
const NEAR = 1.05
const LIKELY = 0.5
const DUST_USD = 10
const LARGE_USD = 1_000_000
const QUIET_SEC = 300

type Variant = { id: string; severity: Severity; name: string; text: string }

export const liquidationRisk: RoundDetector = {
  on: 'round',
  name: 'liquidation-risk',
  description:
    'a lending position with a health factor below 1.05, or likely to be liquidated within 30 days',
  detect: (view) => view.standings.flatMap((standing) => judge(standing, view)),
}

function judge(standing: StandingView, view: RoundView): AlertCandidate[] {
  const { healthFactor, debtUsd, score } = standing
  // Debt with nothing left to seize is not at risk of liquidation: it is bad already.
  if (healthFactor === null || debtUsd < DUST_USD || standing.collateralUsd < DUST_USD) return []
  const variant = variantOf(healthFactor, debtUsd, score?.value ?? null)
  if (variant === undefined) return []
  const own: Reason[] = [
    { feature: 'healthFactor', value: healthFactor, contribution: null },
    { feature: 'debtUsd', value: debtUsd, contribution: null },
    ...doubtfulPrices(standing),
  ]
  return [
    {
      detector: 'liquidation-risk',
      alertId: `LIQUIDATION-RISK-${variant.id}`,
      name: variant.name,
      description: `${shortAddress(standing.accountId)} owes ${usdText(debtUsd)} to ${standing.protocol} against ${usdText(
        standing.collateralUsd,
      )} of collateral: ${variant.text}`,
      severity: variant.severity,
      type: 'degraded',
      stage: null,
      protocol: standing.protocol,
      accountId: standing.accountId,
      addresses: [addressOf(standing.accountId), standing.pool],
      labels: [],
      uniqueKey: `liquidation-risk:${standing.subjectId}`,
      ...placeOfBlock(view.at),
      probability: score?.value ?? null,
      reasons: [...own, ...evidenceOf(score)],
      modelSha256: score?.modelSha256 ?? null,
      usdAtRisk: debtUsd,
      affectedMarkets: standing.marketIds,
      cooldownSec: DAY_SEC,
      quietSec: QUIET_SEC,
    },
  ]
}

function variantOf(healthFactor: number, debtUsd: number, probability: number | null): Variant | undefined {
  if (healthFactor < LIQUIDATABLE) {
    const severity = debtUsd >= LARGE_USD ? 'critical' : 'high'
    const text = `its health factor is ${healthFactor.toFixed(3)}, anybody may liquidate it now`
    return { id: 'NOW', severity, name: 'Position can be liquidated', text }
  }
  if (healthFactor < NEAR) {
    const text = `its health factor is ${healthFactor.toFixed(3)}, liquidation begins at 1`
    return { id: 'NEAR', severity: 'medium', name: 'Position is close to liquidation', text }
  }
  if (probability === null || probability < LIKELY) return undefined
  const text = `liquidation within 30 days has a probability of ${percentText(probability)}`
  return { id: 'LIKELY', severity: 'low', name: 'Position is likely to be liquidated', text }
}
