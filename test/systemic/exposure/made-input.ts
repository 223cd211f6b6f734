/** Exposure inputs made by hand: venues and tokens by name. */
import type {
  Claim,
  ExposureAsset,
  ExposureHolding,
  ExposureInput,
  ExposureVenue,
} from '../../../src/systemic/exposure/types'

export interface MadeVenue {
  id: string
  legs: Readonly<Record<string, number>>
  protocol?: string
  pool?: string
  kind?: ExposureVenue['kind']
  borrowedUsd?: number
}

/** A claim on tokens or venues by name, in equal parts unless shares are given. */
export interface MadeClaim {
  on: readonly string[]
  shares?: readonly number[]
  issuer?: string
  kind?: string
  atMostUsd?: number
}

export interface Made {
  venues: readonly MadeVenue[]
  claims?: Readonly<Record<string, MadeClaim>>
  holdings?: readonly (Omit<ExposureHolding, 'venue' | 'collateralUsd'> & {
    venue: string
    collateralUsd?: number
  })[]
}

export function madeInput({ venues, claims = {}, holdings = [] }: Made): ExposureInput {
  const isVenue = (name: string) => venues.some(({ id }) => id === name)
  const names = [
    ...new Set([
      ...venues.flatMap(({ legs }) => Object.keys(legs)),
      ...Object.keys(claims),
      ...Object.values(claims).flatMap(({ on }) => on.filter((name) => !isVenue(name))),
    ]),
  ]
  const venueAt = (name: string) => venues.findIndex(({ id }) => id === name)
  const claimOf = ({ on, shares, issuer = 'someone', kind = 'receipt', atMostUsd }: MadeClaim): Claim => ({
    ...{ kind, issuer, ...(atMostUsd !== undefined && { atMostUsd }) },
    parts: on.map((name, i) => ({
      to: isVenue(name) ? { venue: venueAt(name) } : { asset: names.indexOf(name) },
      share: shares?.[i] ?? 1 / on.length,
    })),
  })
  return {
    asOf: { 1: { height: 1, hash: '0x01', timestampSec: 1 } },
    assets: names.map((name): ExposureAsset => {
      const asset = { id: name, symbol: name, chainId: 1 }
      return claims[name] === undefined ? asset : { ...asset, claim: claimOf(claims[name]) }
    }),
    venues: venues.map((venue): ExposureVenue => {
      const { id, legs, protocol = id, pool = id, kind = 'lending', borrowedUsd = 0 } = venue
      const held = Object.entries(legs).map(([name, usd]) => ({ asset: names.indexOf(name), usd }))
      return { ...{ id, label: id, chainId: 1, protocol, pool, kind, borrowedUsd }, legs: held }
    }),
    holdings: holdings.map(({ venue, collateralUsd = 0, ...holding }) => ({
      ...holding,
      ...{ collateralUsd, venue: venueAt(venue) },
    })),
    ...{ unpriced: [], withheld: [], unusedPools: [] },
  }
}
