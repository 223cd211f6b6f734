/** Capture files: what is accepted, and how each fault is named. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { PlimsollError } from '../../src/errors'
import { type CaptureBlock, readCapture } from '../../src/source/capture'
import type { LineLimits } from '../../src/source/lines'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-capture-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const hash = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
const ADDRESS = `0x${'ab'.repeat(20)}`

function line(height: number, change: (line: ReturnType<typeof plain>) => void = () => undefined): string {
  const value = plain(height)
  change(value)
  return JSON.stringify(value)
}

function plain(height: number) {
  const log = {
    address: ADDRESS,
    topics: [hash(1), hash(2)],
    data: '0x',
    blockHash: hash(height),
    transactionHash: hash(1000 + height),
    transactionIndex: '0x0',
    logIndex: '0x0',
  }
  return {
    chainId: 1 as unknown,
    block: {
      number: `0x${height.toString(16)}` as unknown,
      hash: hash(height),
      parentHash: hash(height - 1),
      timestamp: '0x10',
      transactions: [
        {
          hash: hash(1000 + height),
          transactionIndex: '0x0',
          from: ADDRESS,
          to: null as string | null,
          value: '0x1',
          input: '0x',
          nonce: '0x5',
        },
      ],
    },
    receipts: [
      {
        transactionHash: hash(1000 + height),
        blockHash: hash(height),
        gasUsed: '0x5208',
        status: '0x1',
        contractAddress: null as string | null,
        logs: [log],
      },
    ],
  }
}

let files = 0
function file(content: string | Buffer): string {
  const path = join(dir, `c${files++}`)
  writeFileSync(path, content)
  return path
}

async function read(path: string, limits?: LineLimits): Promise<CaptureBlock[]> {
  const blocks: CaptureBlock[] = []
  for await (const block of readCapture(path, limits)) blocks.push(block)
  return blocks
}

async function fault(path: string, limits?: LineLimits): Promise<string> {
  const error = await read(path, limits).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PlimsollError)
  expect((error as PlimsollError).exitCode).toBe(2)
  expect((error as PlimsollError).hint).toBeTruthy()
  return (error as PlimsollError).message
}

describe('a capture', () => {
  it('is read plain and gzipped alike, by its first bytes', async () => {
    const text = `${line(7)}\n\n${line(8)}`
    const blocks = await read(file(text))
    expect(await read(file(gzipSync(text)))).toEqual(blocks)
    expect(blocks.map((block) => block.header.number)).toEqual([7, 8])
    expect(blocks[0]?.transactions).toEqual([
      {
        transactionIndex: 0,
        hash: hash(1007),
        from: ADDRESS,
        input: '0x',
        value: '0x1',
        nonce: 5,
        gasUsed: '0x5208',
        status: 1,
      },
    ])
    expect(blocks[0]?.logs).toHaveLength(1)
  })

  it('may leave gaps between blocks and may lack receipts', async () => {
    const blocks = await read(file([line(7), line(9, (l) => void l.receipts.splice(0))].join('\n')))
    expect(blocks[1]?.logs).toEqual([])
    expect(blocks[1]?.transactions[0]?.gasUsed).toBeUndefined()
  })

  it('lower-cases what it reads', async () => {
    const [block] = await read(
      file(
        line(7, (l) => {
          l.block.transactions[0]!.from = ADDRESS.replace(/ab/g, 'AB')
        }),
      ),
    )
    expect(block?.transactions[0]?.from).toBe(ADDRESS)
  })

  it('that is empty has no blocks', async () => {
    expect(await read(file(''))).toEqual([])
  })
})

describe('a faulty capture is named with file and line:', () => {
  const good = Array.from({ length: 400 }, (_, i) => line(i + 1)).join('\n')

  it('truncated gzip', async () => {
    const packed = gzipSync(good)
    expect(await fault(file(packed.subarray(0, packed.length - 200)))).toMatch(
      /c\d+, line \d+: cannot be read: .*unexpected end/,
    )
  })

  it('corrupt gzip', async () => {
    const packed = Buffer.from(gzipSync(good))
    packed.fill(0x55, packed.length >> 1, (packed.length >> 1) + 40)
    expect(await fault(file(packed))).toMatch(/line \d+: (cannot be read|.*JSON|.*hex|.*is not)/)
  })

  it('a file that is absent', async () => {
    expect(await fault(join(dir, 'absent'))).toContain('ENOENT')
  })

  it('malformed JSON', async () => {
    expect(await fault(file(`${line(1)}\n{"chainId":1,`))).toMatch(/line 2: .*JSON/)
  })

  const faults: [string, (l: ReturnType<typeof plain>) => void, RegExp][] = [
    [
      'a short address',
      (l) => {
        l.receipts[0]!.logs[0]!.address = '0xabcd'
      },
      /address has 2 bytes, not 20/,
    ],
    [
      'an odd number of digits',
      (l) => {
        l.receipts[0]!.logs[0]!.data = '0xabc'
      },
      /data is not whole bytes/,
    ],
    [
      'not hex at all',
      (l) => {
        l.block.hash = 'hello'
      },
      /block.hash is not whole bytes of 0x-hex: "hello"/,
    ],
    [
      'a short topic',
      (l) => {
        l.receipts[0]!.logs[0]!.topics[1] = '0x12'
      },
      /topics\[1\]/,
    ],
    [
      'five topics',
      (l) => {
        l.receipts[0]!.logs[0]!.topics = [1, 2, 3, 4, 5].map(hash)
      },
      /5 topics/,
    ],
    [
      'a number where a quantity belongs',
      (l) => {
        l.block.number = 7
      },
      /block.number is not a 0x quantity: 7/,
    ],
    [
      'an unsafe number',
      (l) => {
        l.block.number = `0x${'f'.repeat(16)}`
      },
      /too large/,
    ],
    [
      'no chain id',
      (l) => {
        l.chainId = 'one'
      },
      /chainId/,
    ],
    [
      'a log of another block',
      (l) => {
        l.receipts[0]!.logs[0]!.blockHash = hash(99)
      },
      /another block/,
    ],
    [
      'a receipt of another block',
      (l) => {
        l.receipts[0]!.blockHash = hash(99)
      },
      /another block/,
    ],
    [
      'a receipt of no transaction',
      (l) => {
        l.receipts[0]!.transactionHash = hash(99)
      },
      /does not hold/,
    ],
    [
      'log indexes that do not ascend',
      (l) => void l.receipts[0]!.logs.push({ ...l.receipts[0]!.logs[0]! }),
      /log index 0 does not ascend/,
    ],
  ]
  for (const [name, change, message] of faults) {
    it(name, async () => {
      const text = await fault(file(`${line(1)}\n${line(2, change)}`))
      expect(text).toContain('line 2:')
      expect(text).toMatch(message)
    })
  }

  it('mixed chains, blocks that do not ascend, wrong parents', async () => {
    expect(
      await fault(
        file(
          `${line(1)}\n${line(2, (l) => {
            l.chainId = 5
          })}`,
        ),
      ),
    ).toContain('chain 5 follows chain 1')
    expect(await fault(file(`${line(2)}\n${line(2)}`))).toContain('block 2 does not ascend')
    expect(await fault(file(`${line(3)}\n${line(1)}`))).toContain('block 1 does not ascend')
    expect(
      await fault(
        file(
          `${line(1)}\n${line(2, (l) => {
            l.block.parentHash = hash(77)
          })}`,
        ),
      ),
    ).toContain('names parent')
  })

  it('lines and files beyond the limits', async () => {
    const path = file(gzipSync(good))
    const size = Buffer.byteLength(good)
    expect(await fault(path, { maxLineBytes: 100, maxUnpackedBytes: 1e9 })).toContain('longer than 100 bytes')
    expect(await fault(path, { maxLineBytes: 1e6, maxUnpackedBytes: size / 2 })).toContain(
      'unpacks to more than',
    )
    expect(await read(path, { maxLineBytes: 1e6, maxUnpackedBytes: size })).toHaveLength(400)
    expect(readFileSync(path).length).toBeLessThan(size)
  })
})
