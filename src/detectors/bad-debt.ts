/** `bad-debt`: a position whose collateral, sold at the protocol's own prices, would not repay its debt. */
import {
  addressOf,
  DAY_SEC,
  doubtfulPrices,
  placeOfBlock,
  severityByUsd,
  shortAddress,
  usdText,
} from './candidate'
import type { RoundDetector } from './types'

const DUST_USD = 1
const QUIET_SEC = 300

export const badDebt: RoundDetector = {
  on: 'round',
  name: 'bad-debt',
  description: 'a lending position whose collateral no longer covers its debt',
  detect: (view) =>
    view.standings
      .filter((standing) => standing.badDebtUsd >= DUST_USD)
      .map((standing) => ({
        detector: 'bad-debt',
        alertId: 'BAD-DEBT',
        name: 'Bad debt',
        description: `${shortAddress(standing.accountId)} owes ${usdText(standing.debtUsd)} to ${standing.protocol}, ${usdText(
          standing.badDebtUsd,
        )} more than its collateral is worth`,
        severity: severityByUsd(standing.badDebtUsd, { medium: 0, high: 10_000, critical: 1_000_000 }),
        type: 'degraded',
        stage: null,
        protocol: standing.protocol,
        accountId: standing.accountId,
        addresses: [addressOf(standing.accountId), standing.pool],
        labels: [],
        uniqueKey: `bad-debt:${standing.subjectId}`,
        ...placeOfBlock(view.at),
        probability: null,
        reasons: [
          { feature: 'debtUsd', value: standing.debtUsd, contribution: null },
          { feature: 'collateralUsd', value: standing.collateralUsd, contribution: null },
          ...doubtfulPrices(standing),
        ],
        modelSha256: null,
        usdAtRisk: standing.badDebtUsd,
        affectedMarkets: standing.marketIds,
        cooldownSec: 30 * DAY_SEC,
        quietSec: QUIET_SEC,
      })),
}
