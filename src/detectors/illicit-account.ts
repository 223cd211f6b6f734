/**
 * `illicit-account`: an account whose life looks like those reported as fraudulent touches a listed protocol.
 * The score is a likelihood learnt from reported accounts, not a verdict; the text says so.
 *
 * Novelty weighs what the illicit score found and finds nothing itself: the label's confidence is the score times
 * 0.75 + 0.25 · novelty, and among the most unusual twentieth of its peers a suspect is of high severity. Where the
 * novelty model is silent, nothing is added or taken off.
 */
import { addressOf, DAY_SEC, evidenceOf, percentText, placeOfBlock, shortAddress } from './candidate'
import type { AccountView, RoundDetector } from './types'

const SUSPECT = 0.95
const QUIET_SEC = 3_600
const UNUSUAL = 0.95
const LEAST_WEIGHT = 0.75

/** What the score's confidence is multiplied with, 0.75 to 1. */
function noveltyWeight({ novelty }: AccountView): number {
  return novelty ? LEAST_WEIGHT + (1 - LEAST_WEIGHT) * novelty.value : 1
}

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
          severity: (account.novelty?.value ?? 0) >= UNUSUAL ? ('high' as const) : ('medium' as const),
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
              confidence: account.score.value * noveltyWeight(account),
              remove: false,
            },
          ],
          uniqueKey: `illicit-account:${account.accountId}`,
          ...placeOfBlock(view.at),
          txHash: account.touches[0]?.txHash ?? null,
          probability: account.score.value,
          reasons: [
            ...evidenceOf(account.score),
            ...(account.novelty
              ? [{ feature: 'novelty', value: account.novelty.value, contribution: null }]
              : []),
          ],
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
