/**
 * `illicit-account`: an account whose life looks like those reported as fraudulent touches a listed protocol.
 * The score is a likelihood learnt from reported accounts, not a verdict; the text says so.
 */
import { addressOf, DAY_SEC, percentText, placeOfBlock, shortAddress } from './candidate'
import type { RoundDetector } from './types'

const SUSPECT = 0.95
const QUIET_SEC = 3_600

export const illicitAccount: RoundDetector = {
  on: 'round',
  name: 'illicit-account',
  description: 'an account with a high illicit score uses a listed protocol',
  detect: (view) =>
    view.accounts
      .filter((account) => account.score.value >= SUSPECT && account.touches.length > 0)
      .map((account) => {
        const protocols = [...new Set(account.touches.map((touch) => touch.protocol))].sort()
        const address = addressOf(account.accountId)
        return {
          detector: 'illicit-account',
          alertId: 'ILLICIT-ACCOUNT',
          name: 'Suspect account uses a protocol',
          description: `${shortAddress(account.accountId)}, whose transactions resemble reported fraud (${percentText(
            account.score.value,
          )}), used ${protocols.join(', ')}`,
          severity: 'medium' as const,
          type: 'suspicious' as const,
          stage: null,
          protocol: protocols[0] ?? null,
          accountId: account.accountId,
          addresses: [address],
          labels: [
            {
              entity: address,
              entityType: 'address' as const,
              label: 'suspect',
              confidence: account.score.value,
              remove: false,
            },
          ],
          uniqueKey: `illicit-account:${account.accountId}`,
          ...placeOfBlock(view.at),
          txHash: account.touches[0]?.txHash ?? null,
          probability: account.score.value,
          reasons: account.score.reasons,
          modelSha256: account.score.modelSha256,
          usdAtRisk: null,
          affectedMarkets: [
            ...new Set(account.touches.flatMap((touch) => (touch.marketId === null ? [] : [touch.marketId]))),
          ].sort(),
          cooldownSec: 7 * DAY_SEC,
          quietSec: QUIET_SEC,
        }
      }),
}
