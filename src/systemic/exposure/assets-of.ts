/** The assets of an exposure graph: tokens by chain and address, what they promise, and what is on no chain. */
import { chainById } from '../../chains/registry'
import type { Backing, Hex, TokenSpec } from '../../chains/types'
import { PROTOCOLS } from '../../protocols/registry'
import type { MarketState } from '../../protocols/types'
import type { BookInput } from '../book-of'
import { symbolOf } from '../book-sheet'
import type { Claim, ClaimPart, ExposureAsset, ExposureHolding, ExposureVenue } from './types'

interface VenueRow {
  row: MarketState
  chainId: number
}

/** Collects assets, each once, in the order of their first mention. */
export function createAssets() {
  const assets: ExposureAsset[] = []
  const places = new Map<string, number>()
  const inputs = new Map<number, BookInput>()

  function add(id: string): number {
    const known = places.get(id)
    if (known !== undefined) return known
    const { chainId, address } = parseId(id)
    const input = chainId === null ? undefined : inputs.get(chainId)
    const symbol = input === undefined ? listed(id)?.symbol : symbolOf(address, input)
    places.set(id, assets.length)
    return assets.push({ id, symbol: symbol ?? address, chainId }) - 1
  }

  /** As its chain's file lists a token, be that chain in the graph or not. */
  function listed(id: string): TokenSpec | undefined {
    const { chainId, address } = parseId(id)
    if (chainId === null) return undefined
    const tokens = inputs.get(chainId)?.chain.tokens ?? chainById(chainId)?.tokens
    return tokens?.find((token) => token.address === address)
  }

  return {
    /** Before anything of that chain is asked for. */
    addChain(input: BookInput): void {
      inputs.set(input.positions.at.chainId, input)
    },
    at: (chainId: number, address: string): number => add(`${chainId}:${address}`),
    /** The assets, with what receipts, shares of pools and vaults, and listed tokens promise. */
    withClaims({ venues, rows, holdings }: ClaimSources): ExposureAsset[] {
      const claims = new Map<number, Claim>()
      rows.forEach(({ row, chainId }, venue) => {
        const token = PROTOCOLS[row.protocol]?.receipt?.(row)
        const place = token === undefined ? undefined : places.get(`${chainId}:${token}`)
        if (place !== undefined) claims.set(place, receiptOf(venues[venue]!, venue))
      })
      // Listed tokens may promise assets that are new here, which this loop then comes to.
      for (let place = 0; place < assets.length; place++) {
        const { id } = assets[place]!
        const backing = listed(id)?.backing
        if (claims.has(place)) continue
        const claim =
          backing === undefined
            ? vaultClaim(id, holdings)
            : backing.on === undefined
              ? loansClaim(place, backing, venues)
              : { ...backing, parts: [{ to: { asset: add(backing.on) }, share: 1 }] }
        if (claim !== undefined) claims.set(place, claim)
      }
      return assets.map((asset, place) => {
        const claim = claims.get(place)
        return claim === undefined ? asset : { ...asset, claim }
      })
    },
  }
}

interface ClaimSources {
  venues: readonly ExposureVenue[]
  /** The market of each venue. */
  rows: readonly VenueRow[]
  holdings: readonly ExposureHolding[]
}

/** null for what is on no chain: `native:ETH`. */
function parseId(id: string): { chainId: number | null; address: Hex } {
  const [head, tail] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)]
  return { chainId: /^\d+$/.test(head) ? Number(head) : null, address: tail as Hex }
}

function receiptOf(venue: ExposureVenue, place: number): Claim {
  return {
    kind: venue.kind === 'exchange' ? 'lp' : 'receipt',
    issuer: venue.protocol,
    parts: [{ to: { venue: place }, share: 1 }],
    atMostUsd: venue.legs.reduce((sum, { usd }) => sum + usd, 0),
  }
}

/** A token whose own contract has lent to markets is a share of what it has there (ERC-4626 vaults such as MetaMorpho's). */
function vaultClaim(id: string, holdings: readonly ExposureHolding[]): Claim | undefined {
  const own = holdings.filter(({ accountId, suppliedUsd }) => accountId === id && suppliedUsd > 0)
  const suppliedUsd = own.reduce((sum, holding) => sum + holding.suppliedUsd, 0)
  if (!(suppliedUsd > 0)) return undefined
  const owedUsd = holdings.reduce((sum, one) => sum + (one.accountId === id ? one.borrowedUsd : 0), 0)
  const parts = own.map((holding) => ({
    to: { venue: holding.venue },
    share: holding.suppliedUsd / suppliedUsd,
  }))
  return { kind: 'vault', issuer: id, parts, atMostUsd: Math.max(0, suppliedUsd - owedUsd) }
}

/** A token minted by loans: behind it is what borrowers have pledged, by what they owe. undefined without such loans. */
function loansClaim(
  asset: number,
  { kind, issuer }: Backing,
  venues: readonly ExposureVenue[],
): Claim | undefined {
  const loans = venues.filter(
    ({ protocol, legs, borrowedUsd }) => protocol === issuer && legs[0]?.asset === asset && borrowedUsd > 0,
  )
  const pledged = loans.map((loan) => ({
    loan,
    behind: venues.flatMap((venue, at) =>
      venue.pool === loan.pool && venue !== loan && venue.legs[0]!.usd > 0
        ? [{ at, usd: venue.legs[0]!.usd }]
        : [],
    ),
  }))
  const backed = pledged.filter(({ behind }) => behind.length > 0)
  const owedUsd = backed.reduce((sum, { loan }) => sum + loan.borrowedUsd, 0)
  if (!(owedUsd > 0)) return undefined
  const parts = backed.flatMap(({ loan, behind }): ClaimPart[] => {
    const whole = behind.reduce((sum, { usd }) => sum + usd, 0)
    return behind.map(({ at, usd }) => ({
      to: { venue: at },
      share: (loan.borrowedUsd / owedUsd) * (usd / whole),
    }))
  })
  return { kind, issuer, parts, atMostUsd: owedUsd }
}
