/**
 * Feature group `counterparties`: with whom an account exchanges value, how concentrated that is, and how near money from
 * mixers and sanctioned accounts came to it.
 *
 * A transfer is a native-coin transaction that did not fail, or a transfer of a verified fungible token; of more than
 * nothing, not to oneself, no mint, no burn. Counts rather than sums, because amounts of different tokens do not add up.
 * Hops follow time: money that a mixer paid somebody counts only for transfers that he made in that block or later, so an
 * account's hops change with what it receives and with nothing else. Needs every transaction of the chain from its first
 * block on, as `account` does.
 */
import { toFloat } from './float'
import { featureTable } from './table'
import type { FeatureColumn, FeatureTable } from './types'

const WEI_DECIMALS = 18
const NONE = 'NaN without a transfer in that direction.'
const LABELS = 'NaN without a list of flagged addresses, or without an incoming transfer.'
const HOPS = (kind: string) => `NaN without a list of ${kind} addresses; 3 without an incoming transfer.`

export const counterpartiesSchema: readonly FeatureColumn[] = [
  { name: 'inCount', unit: 'count', description: 'transfers received.', missing: '0 without any.' },
  { name: 'outCount', unit: 'count', description: 'transfers sent.', missing: '0 without any.' },
  { name: 'uniqueInCount', unit: 'count', description: 'distinct senders.', missing: '0 without any.' },
  { name: 'uniqueOutCount', unit: 'count', description: 'distinct recipients.', missing: '0 without any.' },
  {
    name: 'inHhi',
    unit: '1',
    description: 'Σ (share of a sender in the transfers received)²: 1 when all come from one.',
    missing: NONE,
  },
  { name: 'outHhi', unit: '1', description: 'the same of recipients in the transfers sent.', missing: NONE },
  { name: 'inTopShare', unit: '1', description: 'share of the most frequent sender.', missing: NONE },
  { name: 'outTopShare', unit: '1', description: 'share of the most frequent recipient.', missing: NONE },
  {
    name: 'inEth',
    unit: 'ether',
    description: 'native coin received by transactions that did not fail.',
    missing: '0 without any.',
  },
  { name: 'outEth', unit: 'ether', description: 'native coin sent by them.', missing: '0 without any.' },
  {
    name: 'flaggedInShare',
    unit: '1',
    description: 'share of the transfers received whose sender is flagged or sanctioned.',
    missing: LABELS,
  },
  {
    name: 'flaggedOutShare',
    unit: '1',
    description: 'share of the transfers sent whose recipient is flagged or sanctioned.',
    missing: 'NaN without a list of flagged addresses, or without an outgoing transfer.',
  },
  {
    name: 'flaggedInEthShare',
    unit: '1',
    description: 'share of the native coin received that came from flagged or sanctioned accounts.',
    missing: 'NaN without a list of flagged addresses, or where no native coin was received.',
  },
  {
    name: 'mixerHops',
    unit: 'count',
    description:
      'transfers between a mixer and this account, forward in time: 1, 2, or 3 for more or no way.',
    missing: HOPS('mixer'),
  },
  {
    name: 'sanctionedHops',
    unit: 'count',
    description: 'the same from sanctioned accounts.',
    missing: HOPS('sanctioned'),
  },
]

export const counterpartiesColumns = counterpartiesSchema.map(({ name }) => name)

/** One account's transfers in one direction, added up over counterparties. */
export interface Direction {
  transfers: number
  unique: number
  /** Σ n² over counterparties with n transfers each. */
  squares: number
  top: number
  wei: bigint
  flaggedTransfers: number
  flaggedWei: bigint
  /** 1, 2, or 3 for farther. */
  mixerHops: number
  sanctionedHops: number
}

export interface CounterpartiesInput {
  /** Why no account of this chain can be described, or null. */
  incomplete: string | null
  requested: readonly string[]
  /** Kinds of which a list is there. */
  known: { flagged: boolean; mixer: boolean; sanctioned: boolean }
  activity: readonly { accountId: string; incoming: Direction; outgoing: Direction }[]
}

export const NO_TRANSFERS: Direction = {
  transfers: 0,
  unique: 0,
  squares: 0,
  top: 0,
  wei: 0n,
  flaggedTransfers: 0,
  flaggedWei: 0n,
  mixerHops: 3,
  sanctionedHops: 3,
}

/** Rows → table. Accounts without a transfer are left out; on an incomplete chain every account is withheld. */
export function computeCounterparties(input: CounterpartiesInput): FeatureTable {
  const { incomplete, known } = input
  if (incomplete !== null) {
    const withheld = input.requested.map((subjectId) => ({ subjectId, reason: incomplete }))
    return featureTable('counterparties', counterpartiesColumns, [], withheld)
  }
  const rows = input.activity.map(({ accountId, incoming, outgoing }) => ({
    subjectId: accountId,
    values: valuesOf(incoming, outgoing, known),
  }))
  return featureTable('counterparties', counterpartiesColumns, rows, [])
}

function valuesOf(incoming: Direction, outgoing: Direction, known: CounterpartiesInput['known']): number[] {
  // 0 / 0 is NaN: a share of nothing is missing.
  const flagged = (part: number, whole: number) => (known.flagged ? part / whole : Number.NaN)
  return [
    incoming.transfers,
    outgoing.transfers,
    incoming.unique,
    outgoing.unique,
    incoming.squares / incoming.transfers ** 2,
    outgoing.squares / outgoing.transfers ** 2,
    incoming.top / incoming.transfers,
    outgoing.top / outgoing.transfers,
    toFloat(incoming.wei, WEI_DECIMALS),
    toFloat(outgoing.wei, WEI_DECIMALS),
    flagged(incoming.flaggedTransfers, incoming.transfers),
    flagged(outgoing.flaggedTransfers, outgoing.transfers),
    flagged(toFloat(incoming.flaggedWei, WEI_DECIMALS), toFloat(incoming.wei, WEI_DECIMALS)),
    known.mixer ? incoming.mixerHops : Number.NaN,
    known.sanctioned ? incoming.sanctionedHops : Number.NaN,
  ]
}
