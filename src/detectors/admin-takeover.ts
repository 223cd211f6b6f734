/**
 * `admin-takeover`: who controls a listed contract changed, its code was replaced, or it was paused.
 *
 * Actions while a protocol is being set up (up to the last deployment block of its listed contracts) and the first
 * ownership, which comes from the zero address, are not takeovers.
 */
import { LOCAL_SETUP_BLOCKS } from '../chains/local-world'
import type { ChainSpec } from '../chains/types'
import { addressOf, HOUR_SEC, placeOfFact, shortAddress } from './candidate'
import type { AdminFact, AlertCandidate, AlertType, FactDetector, FactsView, Severity, Stage } from './types'

const ZERO = '0x0000000000000000000000000000000000000000'

interface Rule {
  severity: Severity
  type: AlertType
  stage: Stage | null
  text: string
}

const CONTROL: Omit<Rule, 'text' | 'severity'> = { type: 'suspicious', stage: 'preparation' }

/** By the kind of admin action; kinds that only take power away are not listed. */
const RULES: Readonly<Record<string, Rule>> = {
  ownershipTransferred: { ...CONTROL, severity: 'high', text: 'its ownership changed' },
  ownershipTransferStarted: { ...CONTROL, severity: 'medium', text: 'a transfer of its ownership began' },
  adminChanged: { ...CONTROL, severity: 'high', text: 'the admin of its proxy changed' },
  upgraded: { ...CONTROL, severity: 'high', text: 'its code was replaced' },
  beaconUpgraded: { ...CONTROL, severity: 'high', text: 'its code was replaced' },
  roleAdminChanged: { ...CONTROL, severity: 'high', text: 'the admin of one of its roles changed' },
  roleGranted: { ...CONTROL, severity: 'medium', text: 'a role was granted' },
  paused: { type: 'degraded', stage: null, severity: 'medium', text: 'it was paused' },
}

export const adminTakeover: FactDetector = {
  on: 'facts',
  name: 'admin-takeover',
  description: 'ownership, roles, code or the pause switch of a listed contract changed',
  detect: (view) => view.adminActions.flatMap((fact) => judge(fact, view)),
}

function judge(fact: AdminFact, view: FactsView): AlertCandidate[] {
  const rule = RULES[fact.kind]
  const listed = listing(view.chain, addressOf(fact.targetId))
  if (rule === undefined || listed === undefined || fact.height <= listed.setUpAtBlock) return []
  if (fact.kind === 'ownershipTransferred' && fact.detail.previousOwner === ZERO) return []
  const who = fact.actorId === null ? '' : ` (${shortAddress(fact.actorId)})`
  return [
    {
      detector: 'admin-takeover',
      alertId: `ADMIN-${fact.kind.replace(/([A-Z])/g, '-$1').toUpperCase()}`,
      name: 'Control of a contract changed',
      description: `${listed.label} at ${shortAddress(fact.targetId)}: ${rule.text}${who}`,
      severity: rule.severity,
      type: rule.type,
      stage: rule.stage,
      protocol: listed.protocol,
      accountId: fact.targetId,
      addresses: [addressOf(fact.targetId), ...(fact.actorId === null ? [] : [addressOf(fact.actorId)])],
      labels: [],
      uniqueKey: `admin-takeover:${fact.targetId}:${fact.kind}:${fact.actorId ?? ''}`,
      ...placeOfFact(fact),
      probability: null,
      reasons: Object.entries(fact.detail)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([feature, value]) => ({ feature, value, contribution: null })),
      modelSha256: null,
      usdAtRisk: null,
      affectedMarkets: [],
      cooldownSec: HOUR_SEC,
      quietSec: 0,
    },
  ]
}

interface Listing {
  label: string
  protocol: string | null
  /** Last block in which listed contracts of the same protocol were deployed. */
  setUpAtBlock: number
}

function listing(chain: ChainSpec, address: string): Listing | undefined {
  // The local world is built in its first blocks, contracts and roles by turns.
  const worldSetUp = chain.kind === 'local' ? LOCAL_SETUP_BLOCKS : chain.startBlock
  const contract = chain.contracts.find((candidate) => candidate.address === address)
  if (contract !== undefined) {
    const family = chain.contracts.filter((candidate) => candidate.protocol === contract.protocol)
    const deployed = Math.max(...family.map((candidate) => candidate.deployedAtBlock))
    return {
      label: contract.label,
      protocol: contract.protocol,
      setUpAtBlock: Math.max(deployed, worldSetUp),
    }
  }
  const token = chain.tokens.find((candidate) => candidate.address === address)
  if (token !== undefined) return { label: token.symbol, protocol: null, setUpAtBlock: worldSetUp }
  const feed = chain.feeds.find((candidate) => candidate.address === address)
  if (feed !== undefined) return { label: feed.description, protocol: null, setUpAtBlock: worldSetUp }
  return undefined
}
