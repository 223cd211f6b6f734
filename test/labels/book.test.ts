import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { labelBook } from '../../src/labels/book'
import { readLabels } from '../../src/labels/read'

const A = `0x${'Ab'.repeat(20)}`
const a = A.toLowerCase()

describe('label lists', () => {
  it('of nothing know nobody', () => {
    const book = labelBook([
      { name: 'empty.txt', text: '' },
      { name: 'empty.csv', text: '' },
    ])
    expect([book.flagged.size, book.mixer.size, book.sanctioned.size]).toEqual([0, 0, 0])
  })

  it.each([
    ['ofac-ethereum.csv', `address,name\n${A},"LAZARUS, GROUP"\n`, 'sanctioned'],
    ['phishing.csv', `banned_address,wallet_tag\n${A},Fake_Phishing\n`, 'flagged'],
    ['own.csv', `kind,address\nmixer,${A}\n`, 'mixer'],
    ['tornado.txt', `# pools\n${A}\r\n`, 'mixer'],
    [
      'explorer.ndjson',
      `{"address":"${A}","labels":["dex","heist"]}\n{"address":"","labels":["mixer"]}\n`,
      'flagged',
    ],
  ] as const)('%s says who is what', (name, text, kind) => {
    const book = labelBook([{ name, text }])
    expect([...book[kind]]).toEqual([a])
    expect(book.flagged.size + book.mixer.size + book.sanctioned.size).toBe(1)
  })

  it('of explorers leave out whom they merely name', () => {
    const text = `{"address":"${A}","labels":["uniswap"]}`
    expect(labelBook([{ name: 'e.ndjson', text }]).flagged.size).toBe(0)
  })

  it.each([
    ['a.csv', 'address\n0x12\n', 'label file a.csv, line 2: has 0x12 where an address is expected'],
    ['a.csv', 'name,tag\nx,y\n', 'has no column whose name ends in `address`'],
    ['a.csv', `address,kind\n${A},evil\n`, 'has kind evil; known: flagged, mixer, sanctioned'],
    ['a.ndjson', '{', 'label file a.ndjson, line 1: is not JSON'],
    ['a.txt', 'hello', 'has hello where an address is expected'],
  ])('%s that is wrong is named with its line', (name, text, message) => {
    expect(() => labelBook([{ name, text }])).toThrow(message)
  })

  it('are read from files and folders, packed or not; without any there is no book', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-labels-'))
    try {
      writeFileSync(join(folder, 'scam.txt.gz'), gzipSync(A))
      expect([...readLabels([folder])!.flagged]).toEqual([a])
      expect(readLabels([])).toBeUndefined()
      expect(() => readLabels([join(folder, 'nothing')])).toThrow('PLIMSOLL_LABELS names')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
