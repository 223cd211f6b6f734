import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CallAnswer } from '../../src/chains/call-at'
import type { Hex } from '../../src/chains/types'
import { createCallBook, dueHeights, priceEveryBlocks, readRound } from '../../src/prices/calls'
import type { PriceCall } from '../../src/protocols/lending-risk'
import type { BlockRef, MarketState, Protocol } from '../../src/protocols/types'
import { address, MADE_CHAIN } from '../support/chain-maker'

const ref: BlockRef = { chainId: 31337, height: 40, hash: '0xaa', parentHash: '0xbb', timestampSec: 1_700 }

function call(name: string, over: Partial<PriceCall> = {}): PriceCall {
  const read = (result: Hex) => (result.length === 66 ? BigInt(result) : undefined)
  return {
    asset: address(name),
    source: address('oracle'),
    to: address('oracle'),
    data: '0x01',
    decimals: 8,
    read,
    ...over,
  }
}

function market(id: string, oracle: string | null): MarketState {
  return {
    id,
    protocol: 'silent',
    kind: 'reserve',
    pool: address('pool'),
    revision: 1,
    asset: address(id),
    asset1: null,
    state: { oracle },
    complete: true,
  }
}

const silent: Protocol = {
  name: 'silent',
  decoderVersion: 1,
  topics: [],
  anyEmitter: false,
  decode: () => ({ facts: [], events: [] }),
  priceCalls: ({ asset, state }) =>
    typeof state.oracle === 'string'
      ? [call('x', { asset, source: state.oracle, to: state.oracle as Hex })]
      : [],
}
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`

describe('due heights', () => {
  it('do not depend on how a range is cut into batches', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 })
    fc.assert(
      fc.property(fc.nat(1_000), cuts, fc.integer({ min: 1, max: 60 }), (from, sizes, every) => {
        const to = from + sizes.reduce((sum, size) => sum + size, 0)
        let next = from
        const inParts = sizes.flatMap((size) => {
          const part = dueHeights({ from: next, to: next + size - 1 }, every)
          next += size
          return part
        })
        const whole = dueHeights({ from, to: to - 1 }, every)
        expect(inParts).toEqual(whole)
        expect(whole.every((height) => height % every === 0)).toBe(true)
      }),
    )
  })

  it('are those that are scored unless the chain says otherwise', () => {
    expect(priceEveryBlocks({ scoreEveryBlocks: 5 })).toBe(5)
    expect(priceEveryBlocks({ scoreEveryBlocks: 5, priceEveryBlocks: 300 })).toBe(300)
    expect(dueHeights({ from: 0, to: 9 }, 5)).toEqual([0, 5])
    expect(dueHeights({ from: 6, to: 9 }, 5)).toEqual([])
  })
})

describe('the book of calls', () => {
  it('asks each source once for an asset, and follows a market to its new oracle', () => {
    const book = createCallBook([silent], MADE_CHAIN)
    expect(book.calls()).toEqual([])
    book.note(market('b', address('one')))
    book.note(market('a', address('one')))
    book.note({ ...market('c', address('one')), asset: address('a') })
    expect(book.calls().map(({ asset }) => asset)).toEqual([address('a'), address('b')])
    book.note(market('b', address('two')))
    expect(book.calls().map(({ to }) => to)).toEqual([address('one'), address('two')])
    book.note(market('b', null))
    expect(book.calls()).toHaveLength(1)
  })

  it('has a limit, and what is left out does not depend on the order of discovery', () => {
    const ids = ['e', 'a', 'd', 'c', 'b']
    const keep = (order: string[]) => {
      const book = createCallBook([silent], MADE_CHAIN, { maxCalls: 3 })
      for (const id of order) book.note(market(id, address('one')))
      return book.calls().map(({ asset }) => asset)
    }
    expect(keep(ids)).toEqual(['a', 'b', 'c'].map(address))
    expect(keep([...ids].reverse())).toEqual(keep(ids))
  })

  it('survives a protocol that cannot read a market', () => {
    const broken: Protocol = {
      ...silent,
      priceCalls: () => {
        throw new Error('unreadable')
      },
    }
    const unreadable: string[] = []
    const book = createCallBook([broken], MADE_CHAIN, { onUnreadable: ({ id }) => unreadable.push(id) })
    book.note(market('a', address('one')))
    expect(book.calls()).toEqual([])
    expect(unreadable).toEqual(['a'])
  })
})

describe('a round', () => {
  const failed: CallAnswer = { kind: 'unavailable', reason: 'the endpoint failed' }

  it('gives the price that was read, at the time of its block', () => {
    const round = readRound(ref, [call('a')], [{ kind: 'result', result: word(5n) }])
    expect(round?.prices).toEqual([
      {
        asset: address('a'),
        kind: 'protocol',
        source: address('oracle'),
        answer: 5n,
        decimals: 8,
        updatedAtSec: 1_700n,
      },
    ])
    expect(round?.missing).toEqual([])
  })

  it.each<[string, CallAnswer | undefined, string]>([
    ['refuses', { kind: 'refused' }, 'the contract refused'],
    ['answers nothing', { kind: 'result', result: '0x' }, 'the answer makes no sense'],
    ['answers too much', { kind: 'result', result: `0x${'ff'.repeat(64)}` }, 'the answer makes no sense'],
    ['was not asked in time', undefined, 'not asked in time'],
    ['could not be reached', failed, 'the endpoint failed'],
  ])('names an oracle that %s as missing and keeps the others', (_what, answer, reason) => {
    const calls = [call('a'), call('b')]
    const round = readRound(ref, calls, [answer, { kind: 'result', result: word(7n) }])
    expect(round?.prices.map((price) => price.asset)).toEqual([address('b')])
    expect(round?.missing).toEqual([{ asset: address('a'), source: address('oracle'), reason }])
  })

  it('takes a reader that throws, or reads what no uint256 is, for nonsense', () => {
    const throwing = call('a', { read: (result) => BigInt(result) })
    const negative = call('b', { read: () => -1n })
    const huge = call('c', { read: () => 2n ** 256n })
    const answers = [throwing, negative, huge].map(
      (): CallAnswer => ({ kind: 'result', result: '0xzz' as Hex }),
    )
    expect(readRound(ref, [throwing, negative, huge], answers)?.missing).toHaveLength(3)
  })

  it('is none where the endpoint answered nothing at all', () => {
    expect(readRound(ref, [call('a'), call('b')], [failed, undefined])).toBeUndefined()
    expect(readRound(ref, [call('a'), call('b')], [failed, { kind: 'refused' }])).toBeDefined()
  })
})
