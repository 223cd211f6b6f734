/**
 * State of one block of each chain → the exposure graph's input. Lending markets are valued at the prices by which they
 * liquidate themselves, exchange pools at the market price of each token, else at the price of the lending market with most of
 * it. What has no price is named under `unpriced` or `unusedPools`, never counted as zero.
 */
import type { Hex } from '../../chains/types'
import { toFloat } from '../../features/float'
import { computeStandings } from '../../features/position'
import { PROTOCOLS } from '../../protocols/registry'
import type { MarketState } from '../../protocols/types'
import type { Unpriced } from '../book'
import { doubtOf } from '../book-depth'
import { type BookInput, marketPriceUsd, pricedAccounts } from '../book-of'
import { type PricedAccount, type PricedHolding, symbolOf } from '../book-sheet'
import { createAssets } from './assets-of'
import type { ExposureHolding, ExposureInput, ExposureVenue } from './types'

export interface ExposureFilter {
  /** Names of protocols whose venues are in the graph; all where left out. */
  protocols?: readonly string[]
}

/** Throws PlimsollError where a chain file promises what cannot be. */
export function exposureInputOf(chains: readonly BookInput[], filter: ExposureFilter = {}): ExposureInput {
  const venues: ExposureVenue[] = []
  const rows: { row: MarketState; chainId: number }[] = []
  const holdings: ExposureHolding[] = []
  const unpriced: Unpriced[] = []
  const withheld = new Map<string, number>()
  const unusedPools: { id: string; reason: string }[] = []
  const assets = createAssets()
  const isAsked = (protocol: string) => filter.protocols?.includes(protocol) ?? true
  for (const input of chains) {
    const { chainId } = input.positions.at
    assets.addChain(input)
    const priced = pricedAccounts(input, computeStandings(input.positions))
    const accounts = priced.accounts.filter(({ standing }) => isAsked(standing.protocol))
    unpriced.push(...priced.unpriced)
    for (const { reason, positions } of priced.others)
      withheld.set(reason, (withheld.get(reason) ?? 0) + positions)
    const markets = lendingVenues(input, accounts, assets.at)
    const exchanges = exchangeVenues(input, accounts, assets.at)
    // More than a call may have arguments.
    for (const holding of holdingsOf(accounts, markets.placeOf, venues.length)) holdings.push(holding)
    const asked = exchanges.venues.filter(({ venue }) => isAsked(venue.protocol))
    for (const { venue, row } of [...markets.venues, ...asked]) {
      venues.push(venue)
      rows.push({ row, chainId })
    }
    unusedPools.push(...exchanges.unused)
  }
  const reasons = [...withheld].map(([reason, positions]) => ({ reason, positions }))
  return {
    asOf: Object.fromEntries(
      chains.map(({ positions: { at } }) => [
        at.chainId,
        { height: at.height, hash: at.hash, timestampSec: at.timestampSec },
      ]),
    ),
    assets: assets.withClaims({ venues, rows, holdings }),
    ...{ venues, holdings, unpriced, unusedPools },
    withheld: reasons.sort((a, b) => (a.reason < b.reason ? -1 : 1)),
  }
}

type AssetAt = (chainId: number, address: string) => number

interface Venues {
  venues: { venue: ExposureVenue; row: MarketState }[]
  /** By market id. */
  placeOf: ReadonlyMap<string, number>
}

function lendingVenues(input: BookInput, accounts: readonly PricedAccount[], assetAt: AssetAt): Venues {
  const { at, markets } = input.positions
  const sums = new Map<string, { first: PricedHolding; suppliedUsd: number; borrowedUsd: number }>()
  for (const holding of accounts.flatMap(({ holdings }) => holdings)) {
    const sum = sums.get(holding.marketId) ?? { first: holding, suppliedUsd: 0, borrowedUsd: 0 }
    sum.suppliedUsd += holding.supplied * holding.priceUsd
    sum.borrowedUsd += holding.borrowed * holding.priceUsd
    sums.set(holding.marketId, sum)
  }
  const ids = [...sums.keys()].sort()
  const venues = ids.map((id) => {
    const { first, suppliedUsd, borrowedUsd } = sums.get(id)!
    const venue: ExposureVenue = {
      ...{ id, chainId: at.chainId, protocol: first.protocol, kind: 'lending', borrowedUsd },
      label: `${symbolOf(first.asset, input)} in ${first.protocol}`,
      pool: `${at.chainId}:${first.pool}`,
      legs: [{ asset: assetAt(at.chainId, first.asset), usd: suppliedUsd }],
    }
    return { venue, row: markets.get(id)! }
  })
  return { venues, placeOf: new Map(ids.map((id, place) => [id, place])) }
}

function holdingsOf(
  accounts: readonly PricedAccount[],
  placeOf: ReadonlyMap<string, number>,
  offset: number,
): ExposureHolding[] {
  return accounts.flatMap(({ standing, holdings }) => {
    const owes = holdings.some(({ borrowed }) => borrowed > 0)
    return holdings.map(({ marketId, supplied, borrowed, priceUsd, isCollateral }): ExposureHolding => {
      const suppliedUsd = supplied * priceUsd
      return {
        ...{ accountId: standing.accountId, venue: offset + placeOf.get(marketId)!, suppliedUsd },
        collateralUsd: owes && isCollateral ? suppliedUsd : 0,
        borrowedUsd: borrowed * priceUsd,
      }
    })
  })
}

function exchangeVenues(input: BookInput, accounts: readonly PricedAccount[], assetAt: AssetAt) {
  const priceUsd = pricesOf(input, accounts)
  const venues: Venues['venues'] = []
  const unused: { id: string; reason: string }[] = []
  for (const row of input.exchanges) {
    if (row.kind !== 'pool') continue
    const legs = legsOf(row, input, priceUsd)
    if ('reason' in legs) unused.push({ id: row.id, reason: legs.reason })
    else venues.push({ venue: exchangeVenue(row, input, legs, assetAt), row })
  }
  venues.sort((a, b) => (a.venue.id < b.venue.id ? -1 : 1))
  return { venues, unused: unused.sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

function exchangeVenue(
  row: MarketState,
  input: BookInput,
  [usd0, usd1]: readonly [number, number],
  assetAt: AssetAt,
): ExposureVenue {
  const { chainId } = input.positions.at
  const tokens = [row.asset, row.asset1!] as const
  return {
    ...{ id: row.id, chainId, protocol: row.protocol, kind: 'exchange', pool: row.id, borrowedUsd: 0 },
    label: `${tokens.map((token) => symbolOf(token, input)).join('/')} in ${row.protocol}`,
    legs: [
      { asset: assetAt(chainId, tokens[0]), usd: usd0 },
      { asset: assetAt(chainId, tokens[1]), usd: usd1 },
    ],
  }
}

/** Dollars of both reserves, or why there are none. */
function legsOf(
  row: MarketState,
  { chain }: BookInput,
  priceUsd: (asset: string) => number | undefined,
): readonly [number, number] | { reason: string } {
  const doubt = doubtOf(row, chain)
  if (doubt !== undefined) return { reason: doubt }
  const held = PROTOCOLS[row.protocol]?.amm?.reserves(row.state)
  if (held === undefined) return { reason: 'its reserves are not known' }
  const usd: number[] = []
  for (const [token, reserve] of [
    [row.asset, held.reserve0] as const,
    [row.asset1!, held.reserve1] as const,
  ]) {
    if (reserve < 0n) return { reason: `its reserve of ${token} is negative: ${reserve}` }
    const decimals = chain.tokens.find(({ address }) => address === token)?.decimals
    if (decimals === undefined) return { reason: `it trades ${token}, which is not listed` }
    const price = priceUsd(token)
    if (price === undefined) return { reason: `its token ${token} has no price` }
    usd.push(toFloat(reserve, decimals) * price)
  }
  return [usd[0]!, usd[1]!]
}

function pricesOf(
  input: BookInput,
  accounts: readonly PricedAccount[],
): (asset: string) => number | undefined {
  const lending = new Map<string, { usd: number; priceUsd: number }>()
  for (const { asset, supplied, priceUsd } of accounts.flatMap(({ holdings }) => holdings)) {
    const usd = supplied * priceUsd
    if (usd > (lending.get(asset)?.usd ?? 0)) lending.set(asset, { usd, priceUsd })
  }
  return (asset) => marketPriceUsd(input, asset as Hex) ?? lending.get(asset)?.priceUsd
}
