/** What one exchange pool says about an asset: its price and depth over a window of blocks, or why it does not count. */
import type { ChainSpec, Hex, TokenSpec } from '../chains/types'
import { type Amm, type Depth, type Fraction, priceOfWholeDown } from '../protocols/amm'
import { PROTOCOLS } from '../protocols/registry'
import type { MarketState } from '../protocols/types'
import { depthOf } from './depth-memo'
import { blocksHeld, medianVote } from './votes'

/** A pool's state from the end of a block until its next version. */
export interface PoolVersion {
  height: number
  /** Time of that block, seconds since the epoch. */
  timestampSec: number
  state: MarketState['state']
}

export interface DexPool {
  /** The pool's row (`kind: 'pool'`) as of the block asked about. */
  market: MarketState
  /** Its rows of `kind: 'ticks'` as of that block, in any order; empty for protocols that have none. */
  ticks: readonly MarketState[]
  /** By ascending height: every version within the window, and the last one at or before its first block. */
  versions: readonly PoolVersion[]
}

/** Scale of prices between here and dex.ts: enough digits for a token worth 1e-18 of another. */
export const PRICE_SCALE = 10n ** 36n

export interface PoolAnswer {
  /** The listed token that the asset is priced in. */
  quote: TokenSpec
  /** Whole quote tokens for one whole token of the asset, times PRICE_SCALE: median of the block ends in the window. */
  priceScaled: bigint
  /** The same at the end of the newest block. */
  spotScaled: bigint
  /** Base units of quote that a trade which moves the price by the asked part takes in or pays out, the less of both. */
  depthQuote: bigint
  /** When the pool last changed. */
  changedAtSec: number
}

export interface PoolQuestion {
  asset: Hex
  decimals: number
  chain: Pick<ChainSpec, 'tokens' | 'contracts'>
  /** Block ends that vote: (afterHeight, toHeight]. */
  afterHeight: number
  toHeight: number
  depthBps: bigint
}

interface Side {
  amm: Amm
  isToken0: boolean
  quote: TokenSpec
}

/** Reads a pool. @returns a reason where the pool does not count */
export function askPool(pool: DexPool, question: PoolQuestion): PoolAnswer | { unfit: string } {
  const side = sideOf(pool.market, question)
  if ('unfit' in side) return side
  const { amm, isToken0, quote } = side
  const scales = { decimals0: question.decimals, decimals1: quote.decimals, scale: PRICE_SCALE }
  const votes = blocksHeld(pool.versions, question).flatMap(({ version, blocks }) => {
    const spot = amm.spotPrice(version.state)
    if (spot === undefined) return []
    const value = priceOfWholeDown(isToken0 ? spot : inverse(spot), scales)
    return [{ version, spot, value, weight: BigInt(blocks) }]
  })
  const blocks = votes.reduce((sum, { weight }) => sum + weight, 0n)
  const [price, newest] = [medianVote(votes), votes.at(-1)]
  if (!price || !newest || blocks < BigInt(question.toHeight - question.afterHeight))
    return { unfit: 'had no price throughout the window' }

  const depthAt = (depth: Depth | undefined): bigint => quoteDepth(depth, isToken0)
  const usual = medianVote(
    votes.map(({ version, weight }) => ({
      value: depthAt(
        depthOf(amm, { protocol: pool.market.protocol, state: version.state, depthBps: question.depthBps }),
      ),
      weight,
    })),
  )!.value
  const ranged = amm.rangedDepth
    ? depthAt(amm.rangedDepth(newest.version.state, pool.ticks, price.spot, question.depthBps))
    : usual
  return {
    quote,
    priceScaled: price.value,
    spotScaled: newest.value,
    depthQuote: ranged < usual ? ranged : usual,
    changedAtSec: newest.version.timestampSec,
  }
}

/** Which side of the pool the asset is on, and for what it trades there. */
function sideOf(market: MarketState, { asset, chain }: PoolQuestion): Side | { unfit: string } {
  const amm = PROTOCOLS[market.protocol]?.amm
  if (amm === undefined || market.kind !== 'pool') return { unfit: 'is no exchange pool' }
  if (!isAnnounced(market, chain)) return { unfit: 'was announced by no listed factory' }
  if (!market.complete) return { unfit: 'is incomplete' }
  const isToken0 = market.asset === asset
  if (!isToken0 && market.asset1 !== asset) return { unfit: 'does not trade the asset' }
  const address = isToken0 ? market.asset1 : market.asset
  const quote = chain.tokens.find((token) => token.address === address)
  return quote === undefined ? { unfit: 'trades for a token that is not listed' } : { amm, isToken0, quote }
}

function isAnnounced({ protocol, state }: MarketState, chain: PoolQuestion['chain']): boolean {
  return chain.contracts.some(
    (contract) =>
      contract.role === 'factory' && contract.protocol === protocol && contract.address === state.factory,
  )
}

const inverse = ({ numerator, denominator }: Fraction): Fraction => ({
  numerator: denominator,
  denominator: numerator,
})

/** The lesser side of a depth in quote tokens. A fall of one token's price is a rise of the other's. */
function quoteDepth(depth: Depth | undefined, isToken0: boolean): bigint {
  if (depth === undefined) return 0n
  const [one, other] = isToken0
    ? [depth.up.token1In, depth.down.token1Out]
    : [depth.down.token0In, depth.up.token0Out]
  return one < other ? one : other
}
