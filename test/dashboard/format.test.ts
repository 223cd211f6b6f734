/** What the page makes of numbers, times and text: unknown is a dash and never zero, chain text loses its tricks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { featureLabel, featureValue, modelWords } from '../../dashboard/src/format/feature'
import {
  count,
  healthFactor,
  percent,
  plain,
  price,
  score,
  tokens,
  usd,
} from '../../dashboard/src/format/number'
import { bucketTone, healthBand, nearestLiquidation } from '../../dashboard/src/format/risk'
import { chainText, shortHex, words } from '../../dashboard/src/format/text'
import { absolute, absoluteMs, ago, duration } from '../../dashboard/src/format/time'
import { href, parseHash } from '../../dashboard/src/route'

describe('numbers', () => {
  it('show what is unknown as a dash', () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const show of [usd, price, count, percent, score, plain]) expect(show(value)).toBe('—')
    }
    expect(healthFactor(null)).toBe('—')
    expect(count('12x')).toBe('—')
    expect(tokens('1e5', 6)).toBe('—')
  })

  it('never show something as nothing', () => {
    expect([usd(0), usd(0.004), percent(0), percent(0.0002)]).toEqual(['$0', '<$0.01', '0 %', '<0.1 %'])
    expect([score(0), score(0.001), score(0.999), score(1)]).toEqual(['0.00', '<0.01', '>0.99', '1.00'])
    expect(tokens('1', 18)).toBe('<0.000001')
  })

  it('carry their units', () => {
    expect([usd(1_243_312), usd(532_118.4), usd(-20)]).toEqual(['$1.24M', '$532K', '-$20'])
    expect([price(62_113.4), price(3_000.5), price(1.0003), price(0.00001234)]).toEqual([
      '$62,113',
      '$3,001',
      '$1.0003',
      '$0.00001234',
    ])
    expect([percent(0.1906), percent(0.036), percent(0.825, true)]).toEqual(['19 %', '3.6 %', '82.5 %'])
    expect([healthFactor(0.98765), healthFactor(2.456), healthFactor(1e9)]).toEqual(['0.988', '2.46', '>100'])
  })

  it('keep every digit of whole tokens, at any size', () => {
    expect(tokens('1500000', 6)).toBe('1.5')
    expect(tokens('7', null)).toBe('7 base units')
    expect(count('115792089237316195423570985008687907853269984665640564039457')).toContain('115,792,089')
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.integer({ min: 0, max: 40 }),
        (amount, decimals) => {
          const shown = tokens(String(amount), decimals)
          const whole = shown.startsWith('<') ? '0' : shown.split('.')[0]!.replaceAll(',', '')
          expect(BigInt(whole)).toBe(amount / 10n ** BigInt(decimals))
        },
      ),
    )
  })
})

describe('times', () => {
  it('read in the largest unit that fits', () => {
    expect([duration(-3), duration(4.2), duration(200), duration(7_300), duration(200_000)]).toEqual([
      '0 s',
      '4 s',
      '3 min',
      '2 h',
      '2 d',
    ])
    expect(duration(3.5 * 365.25 * 86_400)).toBe('3.5 years')
  })

  it('stand what is no time, and clocks that run ahead', () => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect([ago('soon', now), absolute('soon'), absoluteMs(Number.NaN)]).toEqual(['—', '—', '—'])
    expect(ago('2026-01-01T00:01:00Z', now)).toBe('in 60 s')
    expect(absolute('2023-07-12T04:31:11Z')).toMatch(/12 Jul 2023.*04:31:11 UTC/)
  })
})

describe('text from a chain', () => {
  it('loses control and bidirectional characters and is clipped', () => {
    expect(chainText(null)).toBe('(unnamed)')
    expect(chainText('  ')).toBe('(unnamed)')
    expect(chainText('US\u0000D\u001b[31mC\u202eCBA')).toBe('US·D·[31mC·CBA')
    expect(chainText('x'.repeat(5_000), 10)).toBe(`${'x'.repeat(9)}…`)
  })

  it('has no more characters than asked for, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (text, most) => {
          const shown = chainText(text, Math.max(most, 9))
          expect([...shown].length).toBeLessThanOrEqual(Math.max(most, 9))
          expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u)
        },
      ),
    )
  })

  it('is shortened in the middle when it is an address', () => {
    expect(shortHex(`0x${'ab'.repeat(20)}`)).toBe('0xabab…abab')
    expect(shortHex('0x12')).toBe('0x12')
  })
})

describe('risk in words', () => {
  it('draws its lines where Plimsoll counts', () => {
    expect([null, 0, 0.999, 1, 1.0999, 1.1, 1.5, 90].map((each) => healthBand(each).label)).toEqual([
      'No debt',
      'Bad debt',
      'Liquidatable',

      'At risk',
      'At risk',
      'Watch',
      'Healthy',
      'Healthy',
    ])
    const bucket = { label: '', positions: 0, debtUsd: 0 }
    expect(bucketTone({ ...bucket, lower: null, upper: 1 })).toBe('danger')
    expect(bucketTone({ ...bucket, lower: 1.25, upper: 1.5 })).toBe('watch')
    expect(bucketTone({ ...bucket, lower: 3, upper: null })).toBe('calm')
  })

  it('finds the collateral that fails first, by relative distance', () => {
    expect(nearestLiquidation([])).toBeUndefined()
    const far = { assetId: 'a', symbol: 'A', price: 3_000, liquidationPrice: 1_500 }
    const near = { assetId: 'b', symbol: 'B', price: 1, liquidationPrice: 0.9 }
    const unknown = { assetId: 'c', symbol: null, price: null, liquidationPrice: 5 }
    expect(nearestLiquidation([far, unknown, near])).toMatchObject({ assetId: 'b', distance: 0.9 - 1 })
  })

  it('names features and models in plain language, and unknown ones by their words', () => {
    expect(featureLabel('uniqueSendersCount')).toBe('Different senders')
    expect(featureLabel('constructor')).toBe('Constructor')
    expect(featureLabel('stolenUsd')).toBe('Stolen')
    expect(featureValue('stolenUsd', 1_500)).toBe('$1.5K')
    expect(featureValue('logHealthFactor', 0)).toBe('1.000')
    expect(featureValue('avgSentGapMin', null)).toBe('unknown')
    expect(modelWords('wash-trading').title).toBe('Wash trading')
    expect(words('badDebt')).toBe('Bad debt')
  })
})

describe('addresses of pages', () => {
  it('come back as they went', () => {
    const route = parseHash(href(['account', 31337, '0xab/..?#']))
    expect(route.path).toEqual(['account', '31337', '0xab/..?#'])
    expect(parseHash(href(['alerts'], { severity: 'high', page: null })).query.get('severity')).toBe('high')
    expect(parseHash('#/%E0%A4%A').path).toEqual(['%E0%A4%A'])
  })
})
