import fc from 'fast-check'
import { decodeAbiParameters, encodeAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import {
  expectShape,
  topicBytes32,
  topicInt,
  wordAddress,
  wordBool,
  wordCount,
  wordInt,
  wordUint,
  wordUintArray,
} from '../../src/protocols/log-shape'
import { UndecodableLog } from '../../src/protocols/types'
import { log } from '../support/logs'

const withData = (data: Hex) => ({ ...log(`0x${'aa'.repeat(20)}`, 'E()', [], []), data })

describe('reading a log', () => {
  it('says what it expected and what it found', () => {
    const empty = withData('0x')
    expect(wordCount(empty)).toBe(0)
    expect(() => expectShape(empty, 'E', 2, 0)).toThrow('E: expected 2 topics, found 1')
    expect(() => expectShape(empty, 'E', 1, 2)).toThrow('E: expected 64 bytes of data, found 0')
    expect(() => wordUint(empty, 0)).toThrow(UndecodableLog)
    expect(() => topicInt(empty, 1)).toThrow(UndecodableLog)
    expect(() => wordUint(withData(`0x${'zz'.repeat(32)}`), 0)).toThrow('not hexadecimal')
  })

  it('accepts data that is longer than the event needs', () => {
    expect(() => expectShape(withData(`0x${'00'.repeat(70)}`), 'E', 1, 2)).not.toThrow()
  })

  it('refuses values beyond their type', () => {
    const one = (value: bigint) => withData(encodeAbiParameters([{ type: 'uint256' }], [value]))
    expect(wordUint(one(2n ** 112n - 1n), 0, 112)).toBe(2n ** 112n - 1n)
    expect(() => wordUint(one(2n ** 112n), 0, 112)).toThrow('exceeds 112 bits')
    expect(() => wordInt(one(2n ** 23n), 0, 24)).toThrow('exceeds int24')
    expect(() => wordBool(one(2n), 0)).toThrow(UndecodableLog)
    expect(() => wordAddress(one(2n ** 160n), 0)).toThrow(UndecodableLog)
    expect(wordInt(one(2n ** 256n - 1n), 0, 24)).toBe(-1n)
  })

  it('reads words and arrays as viem does', () => {
    const types = [{ type: 'uint256' }, { type: 'int256' }, { type: 'uint256[]' }, { type: 'bool' }] as const
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 256n - 1n),
        fc.bigInt(-(2n ** 255n), 2n ** 255n - 1n),
        fc.array(fc.bigInt(0n, 2n ** 256n - 1n), { maxLength: 5 }),
        fc.boolean(),
        (uint, int, list, flag) => {
          const data = encodeAbiParameters(types, [uint, int, list, flag])
          const read = withData(data)
          const ours = [wordUint(read, 0), wordInt(read, 1), wordUintArray(read, 2), wordBool(read, 3)]
          expect(ours).toEqual([...decodeAbiParameters(types, data)])
        },
      ),
    )
  })

  it('lower-cases what it reads', () => {
    const shouted = {
      ...withData(`0x${'0'.repeat(24)}${'AB'.repeat(20)}`),
      topics: ['0x', `0x${'CD'.repeat(32)}`] as Hex[],
    }
    expect(wordAddress(shouted, 0)).toBe(`0x${'ab'.repeat(20)}`)
    expect(topicBytes32(shouted, 1)).toBe(`0x${'cd'.repeat(32)}`)
  })
})
