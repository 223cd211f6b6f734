/**
 * The exposure graph of one block of each chain: who has what where, what tokens promise, which protocols lean on each other,
 * and what follows from it: double counts, concentration, overlap, importance. Pure; the order of the input does not matter
 * beyond rounding.
 *
 * Accounts beyond the largest are one node a chain, so that every dollar stays in the graph. What accounts hold in their
 * wallets, and who owns an exchange pool, is not in it.
 */
import { badInput } from '../network'
import { concentrationOf, overlapsOf } from './concentration'
import { type Dependence, importance, pageRank } from './importance'
import { type LookThrough, lookThrough, presentUsd } from './look-through'
import { behindOf, totalsOf } from './totals'
import type {
  EdgeKind,
  ExposureEdge,
  ExposureGraph,
  ExposureHolding,
  ExposureInput,
  ExposureNode,
} from './types'

export interface ExposureOptions {
  /** Accounts that are nodes of their own, the largest first. */
  topAccounts: number
}

/** Beyond it no DebtRank: it would take more than seconds. */
const MAX_RANKED = 2_000

type NodeRow = Omit<ExposureNode, 'centrality' | 'debtRank'> & {
  /** What it has to lose, and what is lost for good with it; see importance.ts. */
  worthUsd: number
  bornUsd: number
}

/** Throws PlimsollError naming what is no number, or negative. */
export function exposureGraph(input: ExposureInput, options: ExposureOptions): ExposureGraph {
  check(input)
  const look = lookThrough(input)
  const people = accountsOf(input, options)
  const nodes = [...people.nodes, ...venueNodes(input, look), ...assetNodes(input, look)]
  const edges = [...people.edges, ...heldEdges(input), ...claimEdges(input, look)]
  const groups = groupsOf(input, look)
  const ranked = rank(nodes, edges, groups)
  const { asOf, unpriced, withheld, unusedPools } = input
  return {
    ...{ asOf, unpriced, withheld, unusedPools },
    nodes: ranked.nodes,
    edges: [...edges, ...groups.edges].filter(({ usd }) => usd > 0).sort(byDollars),
    ...totalsOf(input, look),
    behind: behindOf(input, look),
    concentration: concentrationOf(input),
    overlaps: overlapsOf(input, look),
    cycles: look.cycles.map((members) => ({
      assetIds: members.map((asset) => input.assets[asset]!.id),
      usd: members.reduce((sum, asset) => sum + look.seenUsd[asset]!, 0),
    })),
    debtRankMissing: ranked.debtRankMissing,
  }
}

function byDollars(a: ExposureEdge, b: ExposureEdge): number {
  return b.usd - a.usd || (a.kind + a.from + a.to < b.kind + b.from + b.to ? -1 : 1)
}

function check({ assets, venues, holdings }: ExposureInput): void {
  const amount = (usd: number, place: string) => {
    if (!(Number.isFinite(usd) && usd >= 0))
      throw badInput(`${place} is ${usd}: it must be 0 or more dollars`)
  }
  for (const venue of venues) {
    amount(venue.borrowedUsd, `borrowedUsd of ${venue.id}`)
    for (const { asset, usd } of venue.legs) amount(usd, `what ${venue.id} has of ${assets[asset]?.id}`)
  }
  for (const { accountId, suppliedUsd, collateralUsd, borrowedUsd } of holdings)
    for (const usd of [suppliedUsd, collateralUsd, borrowedUsd]) amount(usd, `an amount of ${accountId}`)
  for (const { id, claim } of assets) {
    if (claim === undefined) continue
    const sum = claim.parts.reduce((total, { share }) => total + share, 0)
    if (!(Math.abs(sum - 1) < 1e-9) || claim.parts.some(({ share }) => !(share >= 0)))
      throw badInput(`the parts of what ${id} promises sum to ${sum}, not 1`)
  }
}

interface Part {
  nodes: NodeRow[]
  edges: ExposureEdge[]
}

/** The largest accounts, and one node a chain for the others together. */
function accountsOf({ venues, holdings }: ExposureInput, { topAccounts }: ExposureOptions): Part {
  const gross = new Map<string, number>()
  for (const { accountId, suppliedUsd, borrowedUsd } of holdings)
    gross.set(accountId, (gross.get(accountId) ?? 0) + suppliedUsd + borrowedUsd)
  const largest = [...gross].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, topAccounts)
  const named = new Set(largest.map(([accountId]) => accountId))
  const nodes = new Map<string, NodeRow>()
  const sums = new Map<string, ExposureEdge>()
  for (const holding of holdings) {
    const { chainId, id: to } = venues[holding.venue]!
    const isNamed = named.has(holding.accountId)
    const from = isNamed ? holding.accountId : `others:${chainId}`
    const label = isNamed ? addressOf(from) : 'all other accounts'
    addAccount(nodes, { id: from, label, chainId }, holding)
    for (const [kind, usd] of [
      ['supply', holding.suppliedUsd] as const,
      ['debt', holding.borrowedUsd] as const,
    ]) {
      const key = `${kind} ${from} ${to}`
      const edge = sums.get(key) ?? { from, to, kind, detail: null, usd: 0 }
      sums.set(key, { ...edge, usd: edge.usd + usd })
    }
  }
  for (const node of nodes.values()) node.bornUsd = Math.max(0, node.worthUsd)
  return { nodes: [...nodes.values()], edges: [...sums.values()] }
}

function addAccount(
  nodes: Map<string, NodeRow>,
  { id, label, chainId }: { id: string; label: string; chainId: number },
  { suppliedUsd, borrowedUsd }: ExposureHolding,
): void {
  const node = nodes.get(id) ?? {
    ...{ id, kind: 'account', label, chainId, protocol: null, usd: 0, worthUsd: 0, bornUsd: 0 },
  }
  node.usd += suppliedUsd + borrowedUsd
  node.worthUsd += suppliedUsd - borrowedUsd
  nodes.set(id, node as NodeRow)
}

function venueNodes({ venues, assets }: ExposureInput, { seenUsd, covered }: LookThrough): NodeRow[] {
  const claimed = new Float64Array(venues.length)
  assets.forEach(({ claim }, asset) => {
    for (const { to, share } of claim?.parts ?? [])
      if ('venue' in to) claimed[to.venue]! += seenUsd[asset]! * covered[asset]! * share
  })
  return venues.map((venue, at): NodeRow => {
    const { id, label, chainId, protocol } = venue
    const there = presentUsd(venue).reduce((sum, usd) => sum + usd, 0)
    const usd = there + venue.borrowedUsd
    const isExchange = venue.kind === 'exchange'
    const bornUsd = isExchange ? Math.max(0, there - claimed[at]!) : 0
    return {
      ...{ id, label, chainId, protocol, usd, worthUsd: usd },
      kind: isExchange ? 'pool' : 'market',
      bornUsd,
    }
  })
}

function assetNodes({ assets }: ExposureInput, { seenUsd }: LookThrough): NodeRow[] {
  return assets.map(({ id, symbol, chainId }, asset): NodeRow => {
    const usd = seenUsd[asset]!
    return {
      ...{ id, label: symbol, chainId, protocol: null, usd, worthUsd: usd },
      kind: 'asset',
      bornUsd: 0,
    }
  })
}

function heldEdges({ venues, assets }: ExposureInput): ExposureEdge[] {
  return venues.flatMap((venue) => {
    const present = presentUsd(venue)
    return venue.legs.map(({ asset }, leg): ExposureEdge => {
      return { from: venue.id, to: assets[asset]!.id, kind: 'holds', detail: null, usd: present[leg]! }
    })
  })
}

function claimEdges({ assets, venues }: ExposureInput, { seenUsd, covered }: LookThrough): ExposureEdge[] {
  return assets.flatMap(({ id, claim }, asset) =>
    (claim?.parts ?? []).map(({ to, share }): ExposureEdge => {
      const target = 'asset' in to ? assets[to.asset]!.id : venues[to.venue]!.id
      const usd = seenUsd[asset]! * covered[asset]! * share
      return { from: id, to: target, kind: 'claim', detail: claim!.kind, usd }
    }),
  )
}

interface Groups {
  nodes: (Omit<ExposureNode, 'centrality' | 'debtRank'> & { members: ReadonlySet<string> })[]
  edges: ExposureEdge[]
}

/** Protocols with their venues and issuers with their tokens: what fails together. */
function groupsOf({ venues, assets }: ExposureInput, look: LookThrough): Groups {
  const isProtocol = new Set(venues.map(({ protocol }) => protocol))
  const groupOf = (name: string) => `${isProtocol.has(name) ? 'protocol' : 'issuer'}:${name}`
  const nodes = new Map<string, Groups['nodes'][number] & { members: Set<string> }>()
  const join = (name: string, id: string, usd: number) => {
    const kind = isProtocol.has(name) ? ('protocol' as const) : ('issuer' as const)
    const protocol = kind === 'protocol' ? name : null
    const empty = { kind, label: name, chainId: null, protocol, usd: 0, members: new Set<string>() }
    const node = nodes.get(name) ?? { id: groupOf(name), ...empty }
    node.members.add(id)
    nodes.set(name, { ...node, usd: node.usd + usd })
  }
  for (const venue of venues)
    join(
      venue.protocol,
      venue.id,
      presentUsd(venue).reduce((sum, usd) => sum + usd, venue.borrowedUsd),
    )
  const edges = reliance({ venues, assets }, look, groupOf)
  assets.forEach(({ id, claim }, asset) => {
    if (claim === undefined || isProtocol.has(claim.issuer)) return
    const usd = look.seenUsd[asset]!
    join(claim.issuer, id, usd)
    edges.push({ from: id, to: groupOf(claim.issuer), kind: 'relies', detail: claim.kind, usd })
  })
  return { nodes: [...nodes.values()].filter(({ usd }) => usd > 0), edges }
}

/** Whose promises the tokens in each protocol's venues are, at every step of the way down. */
function reliance(
  { venues, assets }: Pick<ExposureInput, 'venues' | 'assets'>,
  look: LookThrough,
  groupOf: (name: string) => string,
): ExposureEdge[] {
  const on = assets.map(() => new Map<string, number>())
  for (const i of [...look.order].reverse()) {
    const { claim } = assets[i]!
    if (claim === undefined || look.isCircular[i]) continue
    const add = (name: string, share: number) =>
      on[i]!.set(name, Math.min(1, (on[i]!.get(name) ?? 0) + share))
    add(claim.issuer, look.covered[i]!)
    for (const { to, share } of claim.parts) {
      if ('venue' in to) continue
      for (const [name, deep] of on[to.asset]!) if (name !== claim.issuer) add(name, deep * share)
    }
  }
  const sums = new Map<string, ExposureEdge>()
  for (const venue of venues) {
    const present = presentUsd(venue)
    venue.legs.forEach(({ asset }, leg) => {
      for (const [name, share] of on[asset]!) {
        if (name === venue.protocol) continue
        const [from, to] = [`protocol:${venue.protocol}`, groupOf(name)]
        const edge = sums.get(`${from} ${to}`) ?? { from, to, kind: 'relies' as const, detail: null, usd: 0 }
        sums.set(`${from} ${to}`, { ...edge, usd: edge.usd + present[leg]! * share })
      }
    })
  }
  return [...sums.values()]
}

function rank(
  rows: readonly NodeRow[],
  edges: readonly ExposureEdge[],
  groups: Groups,
): Pick<ExposureGraph, 'nodes' | 'debtRankMissing'> {
  const place = new Map(rows.map(({ id }, at) => [id, at]))
  const dependence = edges.map(({ from, to, kind, usd }): Dependence => {
    const [holder, promise] = kind === ('debt' satisfies EdgeKind) ? [to, from] : [from, to]
    return { from: place.get(holder)!, to: place.get(promise)!, usd }
  })
  const centrality = pageRank(rows.length, dependence)
  const isRanked = rows.length <= MAX_RANKED
  const lost = isRanked
    ? importance(dependence, {
        worthUsd: Float64Array.from(rows, ({ worthUsd }) => worthUsd),
        bornUsd: Float64Array.from(rows, ({ bornUsd }) => bornUsd),
        together: groups.nodes.map(({ members }) => [...members].map((id) => place.get(id)!)),
      })
    : undefined
  const single = rows.map(({ worthUsd, bornUsd, ...node }, at): ExposureNode => {
    return { ...node, centrality: centrality[at]!, debtRank: lost?.[at] ?? null }
  })
  const grouped = groups.nodes.map(({ members, ...node }, at): ExposureNode => {
    const together = [...members].reduce((sum, id) => sum + centrality[place.get(id)!]!, 0)
    return { ...node, centrality: together, debtRank: lost?.[rows.length + at] ?? null }
  })
  const nodes = [...single, ...grouped].filter(({ usd }) => usd > 0)
  return {
    nodes: nodes.sort((a, b) => b.usd - a.usd || (a.id < b.id ? -1 : 1)),
    debtRankMissing: isRanked ? null : `${rows.length} nodes: DebtRank is computed for at most ${MAX_RANKED}`,
  }
}

function addressOf(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}
