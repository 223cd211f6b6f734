import { describe, expect, it } from 'vitest'
import { lastWords } from '../../src/supervisor/last-words'

describe('lastWords', () => {
  it('has none of a process that wrote nothing, and its end where that is all', () => {
    expect(lastWords([])).toBeUndefined()
    expect(lastWords(['(ended with SIGKILL after 1.0 s)'])).toBe('(ended with SIGKILL after 1.0 s)')
  })

  it('joins a message with the details and the hint below it', () => {
    const tail = [
      'starting',
      'wrong chain',
      '  - has 5',
      '  → check the RPC',
      '(ended with code 2 after 1.0 s)',
    ]
    expect(lastWords(tail)).toBe('wrong chain - has 5 → check the RPC')
  })

  it('takes the message out of a line of structured log, and leaves stacks away', () => {
    const line = JSON.stringify({ level: 5, ns: 'x', msg: 'no database\n  → start it' })
    expect(lastWords(['before', line, '    at f (x.js:1:2)'])).toBe('no database → start it')
    expect(lastWords(['{broken'])).toBe('{broken')
  })
})
