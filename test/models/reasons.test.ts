import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { liquidationSpec } from '../../src/models/liquidation/spec'
import { featureHash, reasonsFor } from '../../src/models/reasons'

describe('reasonsFor', () => {
  it('orders by strength, names direction, and drops what did nothing', () => {
    const reasons = reasonsFor(
      liquidationSpec,
      [0.1, Number.NaN, 2, 0, 0],
      [-0.5, 1.5, 0, Number.NaN, 0.2],
      3,
    )
    expect(reasons).toEqual([
      { feature: 'volatility', unit: '1 / √year', value: null, contribution: 1.5, direction: 'raises' },
      {
        feature: 'logHealthFactor',
        unit: '1',
        value: Math.fround(0.1),
        contribution: -0.5,
        direction: 'lowers',
      },
      { feature: 'leverage', unit: '1', value: 0, contribution: 0.2, direction: 'raises' },
    ])
    expect(reasonsFor(liquidationSpec, [0, 0, 0, 0, 0], [1, 2, 3, 4, 5], 1)).toHaveLength(1)
  })

  it('refuses vectors of another length', () => {
    expect(() => reasonsFor(liquidationSpec, [1], [1], 1)).toThrow('has 5 inputs')
  })
})

describe('featureHash', () => {
  it('is SHA-256 over names and little-endian float32 bytes', () => {
    const bytes = Buffer.from('0000803f000000c0000000000000c07f0000803f', 'hex')
    const names = 'logHealthFactor,volatility,distance30d,firstPassage30d,leverage\n'
    const expected = createHash('sha256').update(names).update(bytes).digest('hex')
    expect(featureHash(liquidationSpec, [1, -2, 0, Number.NaN, 1])).toBe(expected)
  })

  it('sees no difference that float32 does not hold, and every one that it does', () => {
    const hash = (x: number) => featureHash(liquidationSpec, [x, 0, 0, 0, 0])
    expect(hash(0.1)).toBe(hash(Math.fround(0.1)))
    expect(hash(0.1)).not.toBe(hash(0.1 + 1e-7))
    expect(() => featureHash(liquidationSpec, [1])).toThrow('has 5 inputs')
  })
})
