/** `exposureGraph`: who has what where, what tokens promise, which protocols lean on each other, at a block. */
import { CHAINS } from '../../chains/registry'
import { protocolsOf } from '../../protocols/registry'
import type {
  Concentration,
  EdgeKind,
  ExposureEdge,
  ExposureGraph,
  ExposureNode,
  NodeKind,
} from '../../systemic/exposure/types'
import type { ApiContext } from '../context'
import type { Topic } from '../schema'
import { badArgument, type ChainBlock } from '../stress/request'
import { MAX_ROWS } from './position-health'
import { blockRows } from './stress-row'

const DEFAULT_ACCOUNTS = 50
const MAX_ACCOUNTS = 500
const MAX_IDS = 100

const SDL = /* GraphQL */ `
  enum ExposureNodeKind { account market pool asset protocol issuer }

  """
  supply: an account's claim on a market. debt: what an account owes a market, which depends on it. holds: what a venue has of an
  asset, lent-out deposits not among it. claim: what a token promises. relies: whose promises a token or a protocol's holdings are.
  """
  enum ExposureEdgeKind { supply debt holds claim relies }

  enum ExposureScope { all protocol market }

  type ExposureGraphNode {
    id: ID!
    kind: ExposureNodeKind!
    label: String!
    chainId: Int
    protocol: String
    "US dollars: what an account has in and owes to markets together; what lies in a venue; what was seen of an asset."
    usd: Float!
    "Weighted PageRank of what others depend on: sums to 1, protocols and issuers aside, which have that of their members."
    centrality: Float!
    "0 to 1: share of all holders' wealth lost, beyond the node's own, when it fails (linear DebtRank); null where not computed."
    debtRank: Float
  }

  type ExposureGraphEdge {
    from: ID!
    to: ID!
    kind: ExposureEdgeKind!
    "Of a claim: receipt, lp, vault, wrapped, staked, bridged, custodied, reserves or loans."
    detail: String
    usd: Float!
  }

  "valueLockedUsd = redeemableUsd + lentUsd + recountedUsd + circularUsd."
  type ExposureTotals {
    "TVL as usually given: deposits and reserves, wherever they come from."
    valueLockedUsd: Float!
    "Deposits that were lent out again."
    lentUsd: Float!
    "Of what is there: tokens that promise what lies in another venue of the graph."
    recountedUsd: Float!
    "Of what is there: tokens that promise each other, with nothing known behind them."
    circularUsd: Float!
    "What everybody together could take out once."
    redeemableUsd: Float!
    borrowedUsd: Float!
  }

  type ExposureProtocol {
    protocol: String!
    totals: ExposureTotals!
  }

  type ExposureBehind {
    assetId: ID!
    symbol: String!
    usd: Float!
    share: Float!
  }

  "How amounts are spread over accounts."
  type ExposureSpread {
    count: Int!
    "Herfindahl–Hirschman index, 0 to 1."
    hhi: Float!
    top1Share: Float!
    top10Share: Float!
  }

  type ExposureConcentration {
    scope: ExposureScope!
    id: ID!
    borrowers: ExposureSpread!
    suppliers: ExposureSpread!
  }

  "Two lending pools with the same things behind their loans."
  type ExposureOverlap {
    a: ID!
    b: ID!
    sharedUsd: Float!
    "Cosine of the two collaterals, 0 to 1."
    similarity: Float!
  }

  type ExposureCycle {
    assetIds: [ID!]!
    usd: Float!
  }

  type ExposureGraph {
    asOf: [StressBlock!]!
    nodeCount: Int!
    edgeCount: Int!
    "Largest first, or by debtRank or centrality where sortBy says so."
    nodes(kinds: [ExposureNodeKind!], ids: [ID!], sortBy: ExposureSort! = usd, limit: Int! = 100): [ExposureGraphNode!]!
    "Largest first; touching: that begin or end at one of these nodes."
    edges(kinds: [ExposureEdgeKind!], touching: [ID!], minUsd: Float! = 0, limit: Int! = 200): [ExposureGraphEdge!]!
    totals: ExposureTotals!
    byProtocol: [ExposureProtocol!]!
    "What everything redeemable comes down to once all promises are looked through, most first."
    behind(limit: Int! = 20): [ExposureBehind!]!
    concentration(scope: ExposureScope, limit: Int! = 20): [ExposureConcentration!]!
    "Most shared first."
    overlaps(limit: Int! = 20): [ExposureOverlap!]!
    "Tokens that promise each other."
    cycles: [ExposureCycle!]!
    "Why no node has a debtRank; null where they have."
    debtRankMissing: String
    unpriced(limit: Int! = 100): [StressUnpriced!]!
    withheld: [StressWithheld!]!
    "Exchange pools that are no node, and why."
    unusedPools(limit: Int! = 100): [StressUnusedPool!]!
  }

  enum ExposureSort { usd debtRank centrality }

  extend type Query {
    "At the newest block of every chain, computed at most every ten seconds. A block or protocols of one's own need the right to start stress tests."
    exposureGraph(
      block: [ChainBlock!],
      "Only venues of these protocols."
      protocols: [String!],
      "Accounts that are nodes of their own, the largest first, at most ${MAX_ACCOUNTS}; the others are one node a chain."
      topAccounts: Int! = ${DEFAULT_ACCOUNTS}
    ): ExposureGraph!
  }
`

interface Args {
  block?: readonly ChainBlock[] | null
  protocols?: readonly string[] | null
  topAccounts: number
}

const KNOWN = new Set(Object.values(CHAINS).flatMap((chain) => protocolsOf(chain).map(({ name }) => name)))

async function exposureGraph(_source: unknown, args: Args, context: ApiContext) {
  const { block, topAccounts } = args
  const protocols = args.protocols ? [...new Set(args.protocols)].sort() : undefined
  if (!(topAccounts >= 0 && topAccounts <= MAX_ACCOUNTS))
    throw badArgument(`topAccounts is ${topAccounts}: it must be within 0 … ${MAX_ACCOUNTS}`)
  if (protocols?.length === 0) throw badArgument('protocols is empty: leave it out for all')
  const unknown = protocols?.find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw badArgument(`protocol ${unknown.slice(0, 80)} is not known`)
  const { atBlock, limits, takeRun } = context.stress
  // The newest in its usual form is one computation for everybody; any other is somebody's own.
  if (block || protocols || topAccounts !== DEFAULT_ACCOUNTS) takeRun(context.caller())
  context.timeoutMs = limits.maxRunMs
  const graph = await atBlock.ask({ kind: 'exposure', topAccounts, ...(protocols && { protocols }) }, block)
  return { ...graph, asOf: blockRows(graph.asOf) }
}

interface NodesAsked {
  kinds?: readonly NodeKind[] | null
  ids?: readonly string[] | null
  sortBy: 'usd' | 'debtRank' | 'centrality'
  limit: number
}

function nodes({ nodes: all }: ExposureGraph, { kinds, ids, sortBy, limit }: NodesAsked): ExposureNode[] {
  const wanted = idSet(ids)
  const found = all.filter(({ id, kind }) => (wanted?.has(id) ?? true) && (kinds?.includes(kind) ?? true))
  const sorted = sortBy === 'usd' ? found : found.sort((a, b) => (b[sortBy] ?? 0) - (a[sortBy] ?? 0))
  return sorted.slice(0, Math.min(limit, MAX_ROWS))
}

interface EdgesAsked {
  kinds?: readonly EdgeKind[] | null
  touching?: readonly string[] | null
  minUsd: number
  limit: number
}

function edges(
  { edges: all }: ExposureGraph,
  { kinds, touching, minUsd, limit }: EdgesAsked,
): ExposureEdge[] {
  const wanted = idSet(touching)
  const isWanted = ({ from, to, kind, usd }: ExposureEdge) =>
    usd >= minUsd &&
    (wanted === undefined || wanted.has(from) || wanted.has(to)) &&
    (kinds?.includes(kind) ?? true)
  return all.filter(isWanted).slice(0, Math.min(limit, MAX_ROWS))
}

function idSet(ids: readonly string[] | null | undefined): Set<string> | undefined {
  if (!ids) return undefined
  if (ids.length > MAX_IDS) throw badArgument(`${ids.length} ids: at most ${MAX_IDS}`)
  return new Set(ids)
}

type Limited = { limit: number }
const cut =
  (name: 'behind' | 'overlaps' | 'unpriced' | 'unusedPools') =>
  (graph: ExposureGraph, { limit }: Limited) =>
    graph[name].slice(0, Math.min(limit, MAX_ROWS))

export const exposureGraphTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: { exposureGraph },
    ExposureGraph: {
      ...{ nodes, edges },
      nodeCount: (graph: ExposureGraph) => graph.nodes.length,
      edgeCount: (graph: ExposureGraph) => graph.edges.length,
      byProtocol: ({ byProtocol }: ExposureGraph) =>
        byProtocol.map(({ protocol, ...totals }) => ({ protocol, totals })),
      concentration: (
        { concentration }: ExposureGraph,
        { scope, limit }: Limited & { scope?: Concentration['scope'] | null },
      ) => concentration.filter((one) => !scope || one.scope === scope).slice(0, Math.min(limit, MAX_ROWS)),
      ...{ behind: cut('behind'), overlaps: cut('overlaps') },
      ...{ unpriced: cut('unpriced'), unusedPools: cut('unusedPools') },
    },
  },
}
