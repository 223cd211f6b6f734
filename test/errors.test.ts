import { describe, expect, it } from 'vitest'
import { messageOf, PlimsollError, redactUrls } from '../src/errors'

describe('redactUrls', () => {
  it.each([
    ['no URL here', 'no URL here'],
    ['at https://node.example/v3/SECRET', 'at https://node.example/…'],
    ['{"rpcUrl":"wss://node.example/?key=SECRET"}', '{"rpcUrl":"wss://node.example/…"}'],
    ['postgres://me:SECRET@db.example:5432/x failed', 'postgres://db.example:5432/… failed'],
    ['URL: http://127.0.0.1:8545', 'URL: http://127.0.0.1:8545'],
    [
      'two: https://a.example/SECRET and https://b.example/SECRET.',
      'two: https://a.example/… and https://b.example/…',
    ],
  ])('%s', (text, expected) => {
    expect(redactUrls(text)).toBe(expected)
  })
})

describe('messageOf', () => {
  it('hides keys in any error', () => {
    expect(messageOf(new Error('HTTP request failed. URL: https://node.example/v3/SECRET'))).not.toContain(
      'SECRET',
    )
    expect(
      messageOf(new PlimsollError('no answer', { details: ['wss://node.example/SECRET'] })),
    ).not.toContain('SECRET')
    expect(messageOf('https://node.example/SECRET')).not.toContain('SECRET')
  })

  it('shows details and the hint of our own errors', () => {
    const error = new PlimsollError('what', { details: ['one', 'two'], hint: 'do this' })
    expect(messageOf(error)).toBe('what\n  - one\n  - two\n  → do this')
  })
})
