import { describe, expect, it } from 'vitest'
import { duration, renderStatus, type StatusView } from '../../src/supervisor/view'

const empty: StatusView = {
  upSec: 3,
  chains: [],
  oracle: undefined,
  oracleNote: undefined,
  processes: [],
  urls: [],
  notes: [],
}

describe('renderStatus', () => {
  it('shows something before anything is known', () => {
    expect(renderStatus(empty)).toEqual(['Plimsoll   up 3s', ''])
  })

  it('shows head, lag, rate, scores and alerts of each chain in aligned columns', () => {
    const chain = {
      name: 'harbor',
      headHeight: 12345,
      finalizedHeight: 12333,
      lagSec: 1.2,
      rowsPerSec: 87.4,
      scores: 31,
      openAlerts: 4,
      quarantined: 0,
    }
    const lines = renderStatus({ ...empty, chains: [chain, { ...chain, name: 'lagoon', headHeight: 7 }] })
    const [header, first, second] = lines.slice(2)
    expect(first).toContain('12,345')
    expect(first).toContain('87')
    expect(header?.indexOf('head')).toBe((first?.indexOf('12,345') ?? 0) + 2)
    expect(second?.length).toBe(first?.length)
  })

  it('names processes that are in trouble, with what they last said, and no others', () => {
    const lines = renderStatus({
      ...empty,
      processes: [
        { name: 'api', state: 'running', restarts: 0, lastLine: 'fine' },
        { name: 'scorer', state: 'waiting', restarts: 2, lastLine: 'boom' },
        { name: 'signer-0', state: 'failed', restarts: 0, lastLine: 'no key' },
      ],
    }).join('\n')
    expect(lines).toContain('! scorer restarting (2): boom')
    expect(lines).toContain('! signer-0 stopped for good: no key')
    expect(lines).not.toContain('api')
  })

  it('says when a processor has reached its last block', () => {
    const done = { name: 'processor-ethereum', state: 'done', restarts: 0, lastLine: undefined }
    expect(renderStatus({ ...empty, processes: [done] }).join()).toContain('processor-ethereum is done')
  })
})

it.each([
  [0, '0s'],
  [59.6, '1m 0s'],
  [3_700, '1h 1m'],
  [90_000, '1d 1h'],
  [-5, '0s'],
])('writes %d seconds as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})
