/**
 * `approval-drain`: one sender moved the tokens of three or more owners to one recipient within a hundred blocks by
 * spending approvals. Whoever sent the transactions is neither owner nor listed: routers and pools are, and owners
 * who trade through them send their own transactions.
 */
import { addressOf, DAY_SEC, placeOfFact, shortAddress, usdText } from './candidate'
import { usdAt } from './liquidation'
import type { AlertCandidate, FactDetector, FactsView, SpendFact } from './types'

const WINDOW_BLOCKS = 100
const VICTIMS = 3

/** Blocks of spends that must be loaded before the range. */
export const SPEND_LOOKBACK_BLOCKS = WINDOW_BLOCKS

export const approvalDrain: FactDetector = {
  on: 'facts',
  name: 'approval-drain',
  description: 'tokens of several owners were moved to one recipient by spending their approvals',
  detect(view) {
    const listed = new Set(view.chain.contracts.map((contract) => `${view.chain.id}:${contract.address}`))
    const groups = new Map<string, SpendFact[]>()
    for (const spend of view.spends) {
      if (listed.has(spend.toId) || listed.has(spend.ownerId)) continue
      const key = `${spend.senderId}→${spend.toId}`
      const group = groups.get(key)
      if (group) group.push(spend)
      else groups.set(key, [spend])
    }
    return [...groups.values()].flatMap((group) => judge(group, view))
  },
}

function judge(spends: readonly SpendFact[], view: FactsView): AlertCandidate[] {
  return spends.flatMap((last, i) => {
    if (last.height <= view.fromHeight || last.height > view.toHeight) return []
    const recent = spends.slice(0, i + 1).filter((spend) => spend.height > last.height - WINDOW_BLOCKS)
    const owners = [...new Set(recent.map((spend) => spend.ownerId))]
    return owners.length < VICTIMS ? [] : [candidateOf(last, recent, owners, view)]
  })
}

function candidateOf(
  last: SpendFact,
  recent: readonly SpendFact[],
  owners: readonly string[],
  view: FactsView,
): AlertCandidate {
  const known = recent
    .map((spend) => usdAt(view, spend, spend.assetId, spend.amount))
    .filter((usd) => usd !== null)
  const usd = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  const thief = addressOf(last.senderId)
  return {
    detector: 'approval-drain',
    alertId: 'APPROVAL-DRAIN',
    name: 'Approvals are being drained',
    description: `${shortAddress(last.senderId)} moved ${usdText(usd)} of ${owners.length} owners to ${shortAddress(last.toId)}`,
    severity: 'high',
    type: 'exploit',
    stage: 'exploitation',
    protocol: null,
    accountId: last.senderId,
    addresses: [...new Set([thief, addressOf(last.toId), ...owners.map(addressOf)])],
    labels: [{ entity: thief, entityType: 'address', label: 'attacker', confidence: 0.6, remove: false }],
    uniqueKey: `approval-drain:${last.senderId}:${addressOf(last.toId)}`,
    ...placeOfFact(last),
    probability: null,
    reasons: [{ feature: 'owners', value: owners.length, contribution: null }],
    modelSha256: null,
    usdAtRisk: usd,
    affectedMarkets: [],
    cooldownSec: DAY_SEC,
    quietSec: 0,
  }
}
