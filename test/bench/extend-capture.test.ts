import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { extendCapture } from '../../bench/extend-capture'
import { type CaptureBlock, readCapture } from '../../src/source/capture'
import { dataPath, describeWithData } from '../support/data'

const FILE = 'captures/ethereum-17686110.ndjson.gz'

async function read(file: string): Promise<CaptureBlock[]> {
  const blocks: CaptureBlock[] = []
  for await (const block of readCapture(file)) blocks.push(block)
  return blocks
}

describeWithData('a capture laid end to end', [FILE], () => {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-extend-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('links, renumbers, and keeps every log', async () => {
    const target = join(dir, 'extended.ndjson')
    const source = dataPath(FILE)!
    const { original, from, to, logs } = await extendCapture(source, target, 40)
    // The reader refuses a capture whose neighbours do not link.
    const blocks = await read(target)
    expect(blocks.map((block) => block.header.number)).toEqual(Array.from({ length: 40 }, (_, i) => from + i))
    expect(to).toBe(from + 39)
    expect(blocks.reduce((sum, block) => sum + block.logs.length, 0)).toBe(logs)
    expect(new Set(blocks.flatMap((block) => block.transactions.map((tx) => tx.hash))).size).toBe(
      blocks.reduce((sum, block) => sum + block.transactions.length, 0),
    )
    const contents = (block: CaptureBlock) =>
      block.logs.map(({ address, topics, data }) => [address, topics, data])
    expect(blocks.slice(original, 2 * original).map(contents)).toEqual(
      blocks.slice(0, original).map(contents),
    )
    expect((await read(source)).map(contents)).toEqual(blocks.slice(0, original).map(contents))
  })
})
