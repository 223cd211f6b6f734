/**
 * The exposure graph's input and result. Money is US dollars at one block of each chain; shares and indexes are 0 … 1.
 *
 * A venue is where tokens lie: a lending market (one asset in one pool) or an exchange pool. An asset is a token, or what
 * is behind the last token: a native coin, a company's reserves. `claim` says what a token is a promise of.
 */
import type { AsOfChains, Unpriced } from '../book'

export interface ClaimPart {
  /** What is promised: a place of `assets` or of `venues`. */
  to: { asset: number } | { venue: number }
  /** Of the token's value; a claim's parts sum to 1. */
  share: number
}

export interface Claim {
  /** receipt, lp, vault, wrapped, staked, bridged, custodied, reserves, loans. */
  kind: string
  /** Who must keep the promise: a protocol, a bridge, a company. */
  issuer: string
  parts: readonly ClaimPart[]
  /** What there is to claim; tokens seen beyond it are backed by something that is not indexed. */
  atMostUsd?: number
}

export interface ExposureAsset {
  /** `chainId:address`, `native:ETH`, `offchain:USD`. */
  id: string
  symbol: string
  /** null for what is on no chain of ours. */
  chainId: number | null
  claim?: Claim
}

export interface ExposureVenue {
  id: string
  label: string
  chainId: number
  protocol: string
  /** `chainId:pool`: what a protocol liquidates as one, or the exchange pool itself. */
  pool: string
  kind: 'lending' | 'exchange'
  /** Deposits of a lending market, reserves of an exchange pool. */
  legs: readonly { asset: number; usd: number }[]
  /** Owed to it; 0 for an exchange pool. */
  borrowedUsd: number
}

/** What one account has in one lending market. */
export interface ExposureHolding {
  accountId: string
  venue: number
  suppliedUsd: number
  /** Of `suppliedUsd`, what stands behind a debt in the same pool. */
  collateralUsd: number
  borrowedUsd: number
}

export interface ExposureInput {
  asOf: AsOfChains
  assets: readonly ExposureAsset[]
  venues: readonly ExposureVenue[]
  holdings: readonly ExposureHolding[]
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
  unusedPools: readonly { id: string; reason: string }[]
}

/** `issuer`: who keeps a token's promise and is no protocol with venues here: a bridge, a company. */
export type NodeKind = 'account' | 'market' | 'pool' | 'asset' | 'protocol' | 'issuer'

export interface ExposureNode {
  id: string
  kind: NodeKind
  label: string
  chainId: number | null
  protocol: string | null
  /** What an account has in and owes to markets together; what lies in a venue; what of an asset was seen. */
  usd: number
  /** Weighted PageRank of what others depend on: sums to 1, protocols and issuers aside, which have that of their members. */
  centrality: number
  /** Share of all holders' wealth that is lost, beyond the node's own, when it fails; null where it was not computed. */
  debtRank: number | null
}

/**
 * supply    an account's claim on a market
 * debt      what an account owes a market: the market depends on the account
 * holds     what a venue has of an asset, lent-out deposits not among it
 * claim     what a token is a promise of; `detail` is the claim's kind
 * relies    a protocol's venues hold, or a token is, what another protocol or an issuer promises
 */
export type EdgeKind = 'supply' | 'debt' | 'holds' | 'claim' | 'relies'

export interface ExposureEdge {
  from: string
  to: string
  kind: EdgeKind
  detail: string | null
  usd: number
}

/** valueLockedUsd = redeemableUsd + lentUsd + recountedUsd + circularUsd. */
export interface ExposureTotals {
  /** TVL as it is usually given: deposits and reserves, wherever they come from. */
  valueLockedUsd: number
  /** Of it, deposits that were lent out again: they are not there, and where they went they may count once more. */
  lentUsd: number
  /** Of what is there, tokens that are promises of what lies in another venue of the graph. */
  recountedUsd: number
  /** Of what is there, tokens that promise each other: nothing that is known stands behind them. */
  circularUsd: number
  /** What could be taken out once, by everybody together. */
  redeemableUsd: number
  borrowedUsd: number
}

export interface Spread {
  count: number
  /** Herfindahl–Hirschman index, Σ share²; 0 where there is nothing. */
  hhi: number
  top1Share: number
  top10Share: number
}

export interface Concentration {
  scope: 'all' | 'protocol' | 'market'
  id: string
  borrowers: Spread
  suppliers: Spread
}

export interface Overlap {
  /** Lending pools, a < b. */
  a: string
  b: string
  /** Σ min over what is behind their collateral. */
  sharedUsd: number
  /** Cosine of the two collaterals: 1 for the same mix. */
  similarity: number
}

export interface ExposureGraph {
  asOf: AsOfChains
  nodes: readonly ExposureNode[]
  edges: readonly ExposureEdge[]
  totals: ExposureTotals
  byProtocol: readonly (ExposureTotals & { protocol: string })[]
  /** What everything redeemable comes down to once all promises are looked through, most first. */
  behind: readonly { assetId: string; symbol: string; usd: number; share: number }[]
  concentration: readonly Concentration[]
  overlaps: readonly Overlap[]
  /** Tokens that promise each other. */
  cycles: readonly { assetIds: readonly string[]; usd: number }[]
  /** Why no node has a debtRank; null where they have. */
  debtRankMissing: string | null
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
  unusedPools: readonly { id: string; reason: string }[]
}
