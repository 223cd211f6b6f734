/** Receipts roots, recomputed: real mainnet blocks match, and no byte of any log can be changed unseen. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import { type Header, type RpcReceipt, readHeader } from '../../src/source/headers'
import { cannotVerify, encodeReceipt, receiptsRoot, verifyReceipts } from '../../src/source/receipts'
import { dataPath, describeWithData } from '../support/data'

/** A number as 32 bytes, or as short hex. */
const hex = (n: number, digits = 64): string => `0x${n.toString(16).padStart(digits, '0')}`

interface Line {
  header: Header
  receipts: RpcReceipt[]
}

const MAINNET = 'captures/ethereum-17686110.ndjson.gz'

function linesOf(file: string): Line[] {
  const text = gunzipSync(readFileSync(dataPath(file) as string)).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { chainId, block, receipts } = JSON.parse(line)
      return { header: readHeader(block, chainId), receipts }
    })
}

describeWithData('the mainnet capture', [MAINNET], () => {
  const lines = linesOf(MAINNET)

  it('all 18 blocks match their receiptsRoot and logsBloom', async () => {
    expect(lines.length).toBe(18)
    for (const { header, receipts } of lines) {
      expect(header.bloom).toBeDefined()
      await verifyReceipts(header, receipts)
    }
  })

  it('a single flipped byte in the address, a topic or the data of any log is refused', async () => {
    const line = fc.nat({ max: lines.length - 1 })
    await fc.assert(
      fc.asyncProperty(
        line,
        fc.nat(),
        fc.constantFrom('address', 'topic', 'data'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (at, which, field, byte, flip) => {
          const { header, receipts } = lines[at] as Line
          const found = receipts.flatMap((receipt, r) => receipt.logs.map((_, l) => ({ r, l })))
          const { r, l } = found[which % found.length] as { r: number; l: number }
          const changed = [...receipts]
          const receipt = { ...(receipts[r] as RpcReceipt), logs: [...(receipts[r] as RpcReceipt).logs] }
          const log = structuredClone(receipt.logs[l]) as RpcReceipt['logs'][number]
          if (field === 'data' && log.data !== '0x') log.data = flipByte(log.data, byte, flip)
          else if (field === 'topic' && log.topics.length > 0) {
            const topic = byte % log.topics.length
            log.topics[topic] = flipByte(log.topics[topic] as string, byte, flip)
          } else log.address = flipByte(log.address, byte, flip)
          receipt.logs[l] = log
          changed[r] = receipt
          await expect(verifyReceipts(header, changed)).rejects.toMatchObject({
            kind: 'receipts-root',
            proven: true,
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a log left out, a receipt left out, and another status are refused', async () => {
    const { header, receipts } = lines[0] as Line
    const withLogs = receipts.findIndex(({ logs }) => logs.length > 0)
    const fewer = receipts.with(withLogs, { ...receipts[withLogs]!, logs: receipts[withLogs]!.logs.slice(1) })
    await expect(verifyReceipts(header, fewer)).rejects.toThrow(/have root/)
    await expect(verifyReceipts(header, receipts.slice(0, -1))).rejects.toThrow(/have root/)
    const failed = receipts.with(0, {
      ...receipts[0]!,
      status: receipts[0]!.status === '0x1' ? '0x0' : '0x1',
    })
    await expect(verifyReceipts(header, failed)).rejects.toThrow(/have root/)
  })
})

function flipByte(value: string, byte: number, flip: number): string {
  const bytes = Buffer.from(value.slice(2), 'hex')
  const at = byte % bytes.length
  bytes[at] = (bytes[at] as number) ^ flip
  return `0x${bytes.toString('hex')}`
}

describe('encoding', () => {
  const receipt = {
    transactionHash: hex(1),
    transactionIndex: '0x0',
    blockHash: hex(2),
    cumulativeGasUsed: '0x5208',
    gasUsed: '0x5208',
    logs: [],
  } satisfies RpcReceipt

  it('no receipts have the root of the empty trie', async () => {
    // keccak(rlp('')), Yellow Paper.
    expect((await receiptsRoot([])).root).toBe(
      '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
    )
  })

  it('types 1 to 4 put their byte before the same fields; type 0 has none', () => {
    const plain = encodeReceipt({ ...receipt, status: '0x1' }).bytes
    for (const type of [1, 2, 3, 4]) {
      const { bytes } = encodeReceipt({ ...receipt, status: '0x1', type: hex(type, 0) })
      expect([...bytes]).toEqual([type, ...plain])
    }
    expect(encodeReceipt({ ...receipt, status: '0x1', type: '0x0' }).bytes).toEqual(plain)
    expect(() => encodeReceipt({ ...receipt, status: '0x1', type: '0x9' })).toThrow(/type 0x9/)
  })

  it('status 0 is the empty string, not a zero byte; before Byzantium the state root stands in its place', () => {
    // List of 4: status (0x80), gas (0x82 5208), bloom (0xb90100 …), logs (0xc0): 1 + 3 + 259 + 1 bytes.
    const failed = Buffer.from(encodeReceipt({ ...receipt, status: '0x0' }).bytes).toString('hex')
    expect(failed.startsWith('f9010880825208b90100')).toBe(true)
    const old = Buffer.from(encodeReceipt({ ...receipt, root: hex(7) }).bytes).toString('hex')
    expect(old.startsWith(`f90128a0${hex(7).slice(2)}825208b90100`)).toBe(true)
  })

  it('what is no hex, or no quantity, is refused rather than encoded', () => {
    expect(() => encodeReceipt({ ...receipt, status: 'one' })).toThrow(/status/)
    expect(() => encodeReceipt({ ...receipt, root: '0x123' })).toThrow(/root/)
    const log = { address: '0xzz', topics: [], data: '0x', logIndex: '0x0' }
    expect(() => encodeReceipt({ ...receipt, status: '0x1', logs: [log] })).toThrow(/log.address/)
  })

  it('chains whose receipts do not make up the root are known by name', () => {
    const unverifiable = Object.values(CHAINS).filter(({ id }) => cannotVerify(id) !== undefined)
    expect(unverifiable.map(({ name }) => name).sort()).toEqual(['cronos', 'hyperliquid', 'polygon'])
  })
})
