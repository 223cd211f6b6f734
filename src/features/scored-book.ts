/** The lending book of positions that a round has scored: the same standings, without the depth of exchanges. */
import type { ChainSpec } from '../chains/types'
import type { Book } from '../systemic/book'
import { bookOfStandings } from '../systemic/book-of'
import type { ScoredPositions } from './score-positions'

/**
 * One chain's book at the round's block; whoever reads the same block with the same release has the same book to the bit.
 * Throws where the standings make no book.
 */
export function bookOfScored({ input, positions, withheld }: ScoredPositions, chain: ChainSpec): Book {
  const { symbols = new Map() } = input
  const standings = positions.map(({ standing }) => standing)
  return bookOfStandings({ positions: input, exchanges: [], chain, symbols }, { standings, withheld })
}
