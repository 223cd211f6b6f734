/** Which cToken or comptroller an emitter is, and what a fold needs to create its row. */
import type { Hex, WatchedContract } from '../../chains/types'
import { listedAs, seenFromBirth } from '../trust'
import type { DecodeContext, Decoded, Fact, LogRef, RawLog } from '../types'
import type { CompoundV2Event, MarketSeed, NewEvent } from './events'

/** The comptroller's own row; undefined when no chain file lists the emitter as one. */
export function comptrollerOf(log: RawLog, context: DecodeContext): MarketSeed | undefined {
  const entry = listedAs(log, context, 'compound-v2', 'comptroller')
  return entry && comptrollerSeed(entry, context)
}

/** The market of a log's emitter: a cToken that the chain file lists, or that a listed comptroller announced. */
export function marketOf(log: RawLog, context: DecodeContext): MarketSeed | undefined {
  const entry = listedAs(log, context, 'compound-v2', 'cToken')
  if (entry !== undefined) return listedSeed(entry, context)
  const found = context.markets.byEmitter(log.address)
  if (found === undefined || found.market.protocol !== 'compound-v2') return undefined
  const comptroller = context.listed(found.market.pool)
  return comptroller && discoveredSeed(log.address, comptrollerSeed(comptroller, context))
}

/** The market of a cToken that a comptroller names. */
export function marketNamed(cToken: Hex, pool: MarketSeed, context: DecodeContext): MarketSeed {
  const entry = context.listed(cToken)
  const known = entry?.protocol === 'compound-v2' && entry.role === 'cToken' && listedSeed(entry, context)
  return known && known.pool === pool.pool ? known : discoveredSeed(cToken, pool)
}

function comptrollerSeed(entry: WatchedContract, context: DecodeContext): MarketSeed {
  const id = `${context.chain.id}:${entry.address}`
  const pool = entry.address
  return {
    id,
    poolId: id,
    pool,
    cToken: pool,
    asset: pool,
    decimals: null,
    complete: seenFromBirth(entry, context),
  }
}

function listedSeed(entry: WatchedContract, context: DecodeContext): MarketSeed | undefined {
  const comptroller = entry.links?.comptroller && context.listed(entry.links.comptroller)
  if (!comptroller) return undefined
  const asset = entry.links?.underlying ?? entry.address
  const pool = comptrollerSeed(comptroller, context)
  const complete = pool.complete && seenFromBirth(entry, context)
  return seedOf(pool, {
    cToken: entry.address,
    asset,
    decimals: context.token(asset)?.decimals ?? null,
    complete,
  })
}

/**
 * A cToken that no chain file describes: no event names its underlying, and what happened to it before it was listed
 * (a reserve factor, say) may be unseen. Whoever uses it as collateral has no health here rather than a wrong one.
 */
function discoveredSeed(cToken: Hex, pool: MarketSeed): MarketSeed {
  return seedOf(pool, { cToken, asset: cToken, decimals: null, complete: false })
}

/** Two cTokens may share an underlying (WBTC has two), so the market's id ends with the cToken. */
function seedOf(
  pool: MarketSeed,
  own: Pick<MarketSeed, 'cToken' | 'asset' | 'decimals' | 'complete'>,
): MarketSeed {
  return { id: `${pool.id}:${own.cToken}`, poolId: pool.id, pool: pool.pool, ...own }
}

/** One event for the fold, and the facts given. */
export function emit(log: RawLog, event: NewEvent, facts: Fact[] = []): Decoded {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { facts, events: [{ protocol: 'compound-v2', ref, ...event } as CompoundV2Event] }
}
