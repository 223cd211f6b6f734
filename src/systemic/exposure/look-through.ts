/**
 * What stands behind each token: its promises followed to the end, through other tokens and through venues.
 *
 * Tokens that promise each other in a circle are found as strongly connected components (Tarjan 1972), so that the answer
 * does not depend on where one begins; nothing is behind them but themselves.
 */
import type { ExposureAsset, ExposureInput, ExposureVenue } from './types'

export interface LookThrough {
  /** By asset: shares of its value by the assets at the end of its promises; they sum to 1. */
  behind: readonly ReadonlyMap<number, number>[]
  /** The same without what lies in a venue of the graph already; sums to 1 − recounted. */
  once: readonly ReadonlyMap<number, number>[]
  /** By asset: share of its value that lies in a venue of the graph already. */
  recounted: Float64Array
  isCircular: Uint8Array
  cycles: readonly (readonly number[])[]
  /** By asset: share of its value that its claim stands for; below 1 where more was seen than there is to claim. */
  covered: Float64Array
  /** By asset: dollars that lie in venues or stand behind another asset. */
  seenUsd: Float64Array
  /** Assets so that each comes before all it promises. */
  order: readonly number[]
}

/** Cash of a lending market and reserves of an exchange pool: what is there of each leg. */
export function presentUsd(venue: ExposureVenue): number[] {
  return venue.legs.map(({ usd }) => Math.max(0, usd - (venue.kind === 'lending' ? venue.borrowedUsd : 0)))
}

export function lookThrough({ assets, venues }: Pick<ExposureInput, 'assets' | 'venues'>): LookThrough {
  const promised = assets.map((asset) => promisesOf(asset, venues))
  const { components, order } = connected(promised)
  const isCircular = new Uint8Array(assets.length)
  const cycles = components.filter(
    (members) => members.length > 1 || promised[members[0]!]!.includes(members[0]!),
  )
  for (const asset of cycles.flat()) isCircular[asset] = 1
  const { covered, seenUsd } = coverage({ assets, venues }, order, isCircular)
  const behind = assets.map((_, i) => new Map([[i, 1]]))
  const once = assets.map((_, i) => new Map([[i, 1]]))
  const recounted = new Float64Array(assets.length)
  // Backwards: whatever an asset promises is known before the asset is.
  for (const i of [...order].reverse()) {
    const { claim } = assets[i]!
    if (claim === undefined || isCircular[i]) continue
    const [all, own] = [new Map<number, number>(), new Map<number, number>()]
    for (const mine of [all, own]) add(mine, i, 1 - covered[i]!)
    for (const { to, share } of claim.parts) {
      const whole = share * covered[i]!
      if ('asset' in to) {
        addAll(all, behind[to.asset]!, whole)
        addAll(own, once[to.asset]!, whole)
        recounted[i]! += whole * recounted[to.asset]!
      } else {
        for (const [asset, part] of mixOf(venues[to.venue]!)) addAll(all, behind[asset]!, whole * part)
        recounted[i]! += whole
      }
    }
    behind[i] = all
    once[i] = own
  }
  return { behind, once, recounted, isCircular, cycles, covered, seenUsd, order }
}

function add(sums: Map<number, number>, asset: number, share: number): void {
  if (share > 0) sums.set(asset, (sums.get(asset) ?? 0) + share)
}

function addAll(sums: Map<number, number>, parts: ReadonlyMap<number, number>, times: number): void {
  for (const [asset, share] of parts) add(sums, asset, share * times)
}

/** Shares of a venue's legs; an empty venue is taken to hold them in equal parts. */
function mixOf({ legs }: ExposureVenue): (readonly [number, number])[] {
  const sum = legs.reduce((total, { usd }) => total + usd, 0)
  return legs.map(({ asset, usd }) => [asset, sum > 0 ? usd / sum : 1 / legs.length] as const)
}

function promisesOf({ claim }: ExposureAsset, venues: readonly ExposureVenue[]): number[] {
  const found = (claim?.parts ?? []).flatMap(({ to }) =>
    'asset' in to ? [to.asset] : venues[to.venue]!.legs.map(({ asset }) => asset),
  )
  return [...new Set(found)].sort((a, b) => a - b)
}

/** What of each asset lies in venues or stands behind another asset, against what its claim reaches. */
function coverage(
  { assets, venues }: Pick<ExposureInput, 'assets' | 'venues'>,
  order: readonly number[],
  isCircular: Uint8Array,
): Pick<LookThrough, 'covered' | 'seenUsd'> {
  const seenUsd = presentByAsset(assets.length, venues)
  const covered = new Float64Array(assets.length).fill(1)
  for (const i of order) {
    const { claim } = assets[i]!
    if (claim === undefined || isCircular[i]) continue
    if (claim.atMostUsd !== undefined && seenUsd[i]! > claim.atMostUsd)
      covered[i] = claim.atMostUsd / seenUsd[i]!
    for (const { to, share } of claim.parts)
      if ('asset' in to) seenUsd[to.asset]! += share * covered[i]! * seenUsd[i]!
  }
  return { covered, seenUsd }
}

/** Dollars of each asset that lie in venues. */
function presentByAsset(size: number, venues: readonly ExposureVenue[]): Float64Array {
  const sums = new Float64Array(size)
  for (const venue of venues) {
    const present = presentUsd(venue)
    venue.legs.forEach(({ asset }, leg) => {
      sums[asset]! += present[leg]!
    })
  }
  return sums
}

/** Strongly connected components, and all nodes in an order in which edges lead forward between components. */
function connected(edges: readonly (readonly number[])[]): { components: number[][]; order: number[] } {
  const index = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const onStack = new Uint8Array(edges.length)
  const stack: number[] = []
  const components: number[][] = []
  let next = 0
  const enter = (node: number) => {
    index[node] = low[node] = next++
    stack.push(node)
    onStack[node] = 1
  }
  for (let root = 0; root < edges.length; root++) {
    if (index[root] !== -1) continue
    const path = [{ node: root, at: 0 }]
    enter(root)
    while (path.length > 0) {
      const top = path[path.length - 1]!
      const to = edges[top.node]![top.at++]
      if (to !== undefined) {
        if (index[to] === -1) {
          enter(to)
          path.push({ node: to, at: 0 })
        } else if (onStack[to]) low[top.node] = Math.min(low[top.node]!, index[to]!)
        continue
      }
      path.pop()
      const parent = path[path.length - 1]
      if (parent) low[parent.node] = Math.min(low[parent.node]!, low[top.node]!)
      if (low[top.node] !== index[top.node]) continue
      const members = stack.splice(stack.indexOf(top.node))
      for (const member of members) onStack[member] = 0
      components.push(members.sort((a, b) => a - b))
    }
  }
  return { components, order: [...components].reverse().flat() }
}
