/**
 * Prices of oracles that announce nothing: which calls are due at which block, and what their answers say. Pure.
 *
 * Calls are due at heights divisible by the chain's `priceEveryBlocks`, whatever batches the blocks come in, so that a
 * backfill, a restart and a reorg ask the same oracles at the same blocks. By default these are the heights that are
 * scored: a score then rests on what the oracle said in its very block.
 */
import type { CallAnswer } from '../chains/call-at'
import type { ChainSpec, Hex } from '../chains/types'
import type { PriceCall } from '../protocols/lending-risk'
import type { BlockRef, MarketState, PriceState, Protocol } from '../protocols/types'

/** Most calls at one block. Beyond it those of the greatest market ids are left out: markets may be made by anybody. */
export const MAX_CALLS = 4_000
const MAX_ANSWER = 2n ** 256n

/** Blocks from one round of calls to the next. */
export function priceEveryBlocks(chain: Pick<ChainSpec, 'priceEveryBlocks' | 'scoreEveryBlocks'>): number {
  return chain.priceEveryBlocks ?? chain.scoreEveryBlocks
}

/** Heights in [from, to] at which oracles are called, ascending. */
export function dueHeights(range: { from: number; to: number }, everyBlocks: number): number[] {
  const heights: number[] = []
  const first = Math.max(0, Math.ceil(range.from / everyBlocks) * everyBlocks)
  for (let height = first; height <= range.to; height += everyBlocks) heights.push(height)
  return heights
}

/** The calls that the markets seen so far ask for. */
export interface CallBook {
  /** Notes a market, or its newer state. */
  note(market: MarketState): void
  /** One call for each asset and source, at most `MAX_CALLS`, ascending by market and then as the protocol lists them. */
  calls(): readonly PriceCall[]
}

export interface CallBookOptions {
  maxCalls?: number
  /** Told of a market that its protocol fails to read; it has no calls then. */
  onUnreadable?: (market: MarketState, error: unknown) => void
}

/** An empty book. Markets of protocols whose oracles announce their prices cost nothing. */
export function createCallBook(
  protocols: readonly Protocol[],
  chain: ChainSpec,
  { maxCalls = MAX_CALLS, onUnreadable }: CallBookOptions = {},
): CallBook {
  const asking = new Map(
    protocols.flatMap((protocol) => (protocol.priceCalls ? [[protocol.name, protocol.priceCalls]] : [])),
  )
  const byMarket = new Map<string, readonly PriceCall[]>()
  let known: readonly PriceCall[] | undefined

  function callsOf(
    priceCalls: NonNullable<Protocol['priceCalls']>,
    market: MarketState,
  ): readonly PriceCall[] {
    try {
      return priceCalls(market, chain)
    } catch (error) {
      onUnreadable?.(market, error)
      return []
    }
  }

  return {
    note(market) {
      const priceCalls = asking.get(market.protocol)
      if (priceCalls === undefined) return
      const calls = callsOf(priceCalls, market)
      if (calls.length === 0 && !byMarket.has(market.id)) return
      byMarket.set(market.id, calls)
      known = undefined
    },
    calls() {
      known ??= distinctCalls(byMarket, maxCalls)
      return known
    },
  }
}

function distinctCalls(byMarket: ReadonlyMap<string, readonly PriceCall[]>, maxCalls: number): PriceCall[] {
  const distinct = new Map<string, PriceCall>()
  for (const id of [...byMarket.keys()].sort()) {
    for (const call of byMarket.get(id) ?? []) {
      const key = sourceKey(call)
      if (!distinct.has(key)) distinct.set(key, call)
      if (distinct.size >= maxCalls) return [...distinct.values()]
    }
  }
  return [...distinct.values()]
}

/** Names a price by asset and source. */
export function sourceKey({ asset, source }: { asset: Hex; source: string }): string {
  return `${asset}|${source}`
}

/** A call without a usable answer, of an oracle that had given one before. */
export interface MissingPrice {
  asset: Hex
  source: string
  reason: string
  /** Time of the block at which it last gave one, unix seconds. */
  lastAnswerSec: number
}

/** What the oracles said at one block. */
export interface PriceRound {
  ref: BlockRef
  asked: number
  prices: readonly PriceState[]
  missing: readonly Omit<MissingPrice, 'lastAnswerSec'>[]
}

/**
 * Reads a block's answers, given in the order of the calls. Undefined when not one call was answered or refused by its
 * contract: then the endpoint failed (or has no state of that block), which says nothing about any oracle.
 */
export function readRound(
  ref: BlockRef,
  calls: readonly PriceCall[],
  answers: readonly (CallAnswer | undefined)[],
): PriceRound | undefined {
  const prices: PriceState[] = []
  const missing: PriceRound['missing'][number][] = []
  let reached = false
  for (const [i, call] of calls.entries()) {
    const { asset, source, decimals } = call
    const answer = answers[i]
    if (answer !== undefined && answer.kind !== 'unavailable') reached = true
    const said = answer?.kind === 'result' ? readAnswer(call, answer.result) : undefined
    if (said !== undefined) {
      const updatedAtSec = BigInt(ref.timestampSec)
      prices.push({ asset, kind: 'protocol', source, answer: said, decimals, updatedAtSec })
      continue
    }
    const reason =
      answer === undefined
        ? 'not asked in time'
        : answer.kind === 'unavailable'
          ? answer.reason
          : answer.kind === 'refused'
            ? 'the contract refused'
            : 'the answer makes no sense'
    missing.push({ asset, source, reason })
  }
  return reached ? { ref, asked: calls.length, prices, missing } : undefined
}

/** A protocol's reader never meets bytes it trusts; what it throws on is an answer that makes no sense. */
function readAnswer(call: PriceCall, result: Hex): bigint | undefined {
  try {
    const answer = call.read(result)
    return answer !== undefined && answer >= 0n && answer < MAX_ANSWER ? answer : undefined
  } catch {
    return undefined
  }
}
