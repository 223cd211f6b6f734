import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PlimsollError } from '../../src/errors'
import { clearCommand, debtRankCommand } from '../../src/systemic/network-command'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-network-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function fileOf(content: unknown): string {
  const file = join(dir, 'network.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('plimsoll clear', () => {
  it('answers in one line, with payments, equity and defaults', () => {
    const file = fileOf({
      L: [
        [0, 8, 2],
        [0, 0, 6],
        [3, 0, 0],
      ],
      e: [1, 1, 1],
    })
    expect(clearCommand(file)).toEqual({
      line: '{"p":[4,4.2,3],"equity":[0,0,3],"defaults":[0,1]}',
      notes: [],
    })
  })

  it('says which fields it did not read, so that a misspelt one shows', () => {
    expect(clearCommand(fileOf({ L: [[0]], e: [1], alhpa: 0.5 })).notes).toEqual(['not read: alhpa'])
  })

  it.each([
    ['{"L": [[0, NaN]', 'the network is not JSON'],
    ['', 'the network is not JSON'],
    ['[1, 2]', 'the network is [1,2], not an object'],
    ['null', 'the network is null, not an object'],
    ['{"L": [[0, 1e999], [0, 0]], "e": [0, 0]}', 'L[0][1] is Infinity, not a finite number'],
    ['{"e": [0, 0]}', 'L is missing'],
  ])('refuses %s with exit code 2', (text, message) => {
    const run = () => clearCommand(fileOf(text))
    expect(run).toThrow(message)
    try {
      run()
    } catch (error) {
      expect((error as PlimsollError).exitCode).toBe(2)
    }
  })

  it('names a file that is not there', () => {
    expect(() => clearCommand(join(dir, 'absent.json'))).toThrow(PlimsollError)
    expect(() => clearCommand(dir)).toThrow('cannot be read')
  })
})

describe('plimsoll debtrank', () => {
  const ring = {
    W: [
      [0, 0.5],
      [0.5, 0],
    ],
    v: [0.5, 0.5],
    h0: [0.5, 0],
  }

  it('is of 2012 unless told otherwise', () => {
    const classic = '{"R":0.1875,"h":[0.625,0.25]}'
    expect(debtRankCommand(fileOf(ring)).line).toBe(classic)
    expect(debtRankCommand(fileOf({ ...ring, variant: 2012 })).line).toBe(classic)
    const { R, h } = JSON.parse(debtRankCommand(fileOf({ ...ring, variant: '2015' })).line)
    expect(R).toBeCloseTo(0.25, 14)
    expect(h[0]).toBeCloseTo(2 / 3, 14)
  })

  it('takes balance sheets, linear unless told otherwise', () => {
    const sheets = {
      L: [
        [0, 2],
        [0, 0],
      ],
      Aext: [10, 4],
      Lext: [6, 2],
      shock: 0.1,
    }
    expect(JSON.parse(debtRankCommand(fileOf(sheets)).line)).toEqual({
      R: expect.closeTo(1 / 6, 14),
      h: [0.5, 0.35],
      E_mech: [1, 3.6],
      E_final: [1, 2.6],
      payments: [2, 0],
    })
  })
})
