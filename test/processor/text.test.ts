import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeDecimals, decodeText } from '../../src/processor/metadata'
import { escapeRecord, escapeUntrusted } from '../../src/processor/text'

const hex = (bytes: Buffer): `0x${string}` => `0x${bytes.toString('hex')}`
const word = (value: number): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const abiString = (text: string | Buffer): `0x${string}` => {
  const bytes = Buffer.from(text)
  return hex(
    Buffer.concat([word(32), word(bytes.length), bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]),
  )
}

describe('escapeUntrusted', () => {
  it('leaves ordinary text alone, empty too', () => {
    for (const text of ['', 'USDC', 'Wrapped Ether', '代币 €', '🦄']) expect(escapeUntrusted(text)).toBe(text)
  })

  it('writes out NUL, ANSI, bidi, zero-width and lone surrogates', () => {
    expect(escapeUntrusted('A\0B')).toBe('A\\u{0}B')
    expect(escapeUntrusted('\u001b[31mred')).toBe('\\u{1b}[31mred')
    expect(escapeUntrusted('\u202eCDSU')).toBe('\\u{202e}CDSU')
    expect(escapeUntrusted('US\u200bDC')).toBe('US\\u{200b}DC')
    expect(escapeUntrusted('\ud800x')).toBe('\\u{d800}x')
    expect(escapeUntrusted('a\\u{0}')).toBe('a\\\\u{0}')
  })

  it('never exceeds the cap, never holds what could mislead, and changes nothing when run on safe text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 1, max: 80 }),
        (text, cap) => {
          const safe = escapeUntrusted(text, cap)
          expect(safe.length).toBeLessThanOrEqual(cap)
          expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        },
      ),
    )
  })

  it('escapes the strings of a record', () => {
    expect(escapeRecord({ a: 'x\0', n: 1, b: true }, 10)).toEqual({ a: 'x\\u{0}', n: 1, b: true })
  })
})

describe('token metadata', () => {
  it('reads strings and bytes32, and nothing from neither', () => {
    expect(decodeText(abiString('USDC'))).toBe('USDC')
    expect(decodeText(hex(Buffer.concat([Buffer.from('MKR'), Buffer.alloc(29)])))).toBe('MKR')
    for (const odd of ['0x', '0x00', abiString(''), hex(Buffer.alloc(32))] as const)
      expect(decodeText(odd)).toBeNull()
  })

  it('does not trust lengths and escapes what it reads', () => {
    expect(decodeText(hex(Buffer.concat([word(32), Buffer.alloc(32, 0xff), word(1)])))).toBeNull()
    expect(decodeText(abiString('E\0V\u202eIL'))).toBe('E\\u{0}V\\u{202e}IL')
    expect(decodeText(abiString('x'.repeat(1000)))).toHaveLength(64)
    expect(decodeText(abiString(Buffer.from([0xff, 0xfe, 0x41])))).toBe('\ufffd\ufffdA')
  })

  it('takes decimals up to 77 and none beyond', () => {
    expect(decodeDecimals(hex(word(0)))).toBe(0)
    expect(decodeDecimals(hex(word(77)))).toBe(77)
    expect(decodeDecimals(hex(word(78)))).toBeNull()
    expect(decodeDecimals(hex(Buffer.alloc(32, 0xff)))).toBeNull()
    expect(decodeDecimals('0x')).toBeNull()
  })
})
