/** Pyth's prices: listed ids of the listed contract move the market, everything else is hearsay. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { createContext } from '../../../src/protocols/memory-state'
import { PROTOCOLS } from '../../../src/protocols/registry'
import { eventLog, foldUnder } from '../../support/event-logs'
import { log, STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const pyth = ethereum.contracts.find(({ protocol }) => protocol === 'pyth')!.address
const { id, asset } = ethereum.pythFeeds!.find(({ description }) => description === 'ETH / USD')!
const EVENT = 'event PriceFeedUpdate(bytes32 indexed id, uint64 publishTime, int64 price, uint64 conf)'
const update = (by: Hex, of: Hex, price = 300_012_345_678n) =>
  eventLog(by, EVENT, { id: of, publishTime: 1_700_000_000n, price, conf: 123_456n })

describe('a price of Pyth', () => {
  it('that the chain file lists moves the market price of its token, with its confidence', () => {
    const { facts, state } = foldUnder(ethereum, update(pyth, id))
    expect(facts).toMatchObject([
      {
        table: 'price_update',
        source: 'pyth',
        feed: pyth,
        asset,
        answer: 300_012_345_678n,
        decimals: 8,
        roundId: BigInt(id),
        updatedAtSec: 1_700_000_000n,
        verified: true,
      },
    ])
    expect([...state.prices.values()]).toEqual([
      {
        asset,
        kind: 'market',
        source: 'pyth',
        answer: 300_012_345_678n,
        decimals: 8,
        updatedAtSec: 1_700_000_000n,
        confidence: 123_456n,
      },
    ])
  })

  it('keeps a price below zero as it is', () => {
    const { facts } = foldUnder(ethereum, update(pyth, id, -5n))
    expect(facts).toMatchObject([{ answer: -5n }])
  })

  it('of an unlisted id, or of another contract, is recorded and moves nothing', () => {
    const unknown: Hex = `0x${'0d'.repeat(32)}`
    const { facts, state } = foldUnder(ethereum, update(pyth, unknown), update(STRANGER, id))
    const hearsay = { verified: false, asset: null, decimals: null }
    expect(facts).toMatchObject([
      { ...hearsay, feed: pyth, roundId: BigInt(unknown) },
      { ...hearsay, feed: STRANGER, roundId: BigInt(id) },
    ])
    expect(state.prices.size).toBe(0)
  })

  it('is refused when its time is none, or its price wider than its type', () => {
    const decode = (words: bigint[]) => () =>
      PROTOCOLS.pyth!.decode(
        log(pyth, 'PriceFeedUpdate(bytes32,uint64,int64,uint64)', [id], words),
        createContext(ethereum),
      )
    expect(decode([2n ** 63n, 1n, 1n])).toThrow('is not a time')
    expect(decode([1n, 2n ** 63n, 1n])).toThrow('exceeds int64')
    expect(decode([1n, 1n, 2n ** 64n])).toThrow('exceeds 64 bits')
  })
})
