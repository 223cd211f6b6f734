/**
 * Real logs of five chains, decoded a second time by viem from the events' ABI: the same facts, field by field,
 * no more and no fewer.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { expect, it } from 'vitest'
import { CHAINS, chainById } from '../../src/chains/registry'
import type { Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { BlockRef, RawLog } from '../../src/protocols/types'
import { dataPath, describeWithData } from '../support/data'
import { independently } from '../support/viem-facts'

interface CaptureLine {
  chainId: number
  block: { number: Hex; hash: Hex; parentHash: Hex; timestamp: Hex }
  receipts: {
    logs: {
      address: Hex
      topics: Hex[]
      data: Hex
      logIndex: Hex
      transactionIndex: Hex
      transactionHash: Hex
    }[]
  }[]
}

async function* captured(file: string): AsyncGenerator<RawLog & { chainId: number }> {
  const lines = createInterface({ input: createReadStream(dataPath(file)!).pipe(createGunzip()) })
  for await (const line of lines) {
    const { chainId, block, receipts } = JSON.parse(line) as CaptureLine
    const { hash, parentHash } = block
    const ref: BlockRef = {
      chainId,
      height: Number(block.number),
      hash,
      parentHash,
      timestampSec: Number(block.timestamp),
    }
    for (const found of receipts.flatMap((receipt) => receipt.logs)) {
      const { topics, data, transactionHash } = found
      const address = found.address.toLowerCase() as Hex
      const at = {
        logIndex: Number(found.logIndex),
        txIndex: Number(found.transactionIndex),
        txHash: transactionHash,
      }
      yield { chainId, block: ref, address, topics, data, ...at }
    }
  }
}

/** Whether topic0 is a function's selector, as in an anonymous note. */
const isNote = ({ topics }: RawLog) => topics[0]?.endsWith('0'.repeat(56)) === true

const FILES = [
  'ethereum-17686110',
  'ethereum-single-blocks',
  'polygon-single-blocks',
  'arbitrum-single-blocks',
  'cronos-single-blocks',
]
const PATHS = FILES.map((name) => `captures/${name}.ndjson.gz`)

describeWithData('captured logs', PATHS, () => {
  it.each(PATHS)('%s: the same facts as viem’s', async (path) => {
    const state = createMemoryState()
    let facts = 0
    let context: ReturnType<typeof createContext> | undefined
    for await (const log of captured(path)) {
      context ??= createContext(chainById(log.chainId)!, undefined, () => log.block.height)
      const decoded = foldLogs([log], PROTOCOLS_BY_TOPIC, state, context)
      expect(decoded.undecodable).toEqual([])
      // Notes of Maker are calls, not events; maker/capture.test.ts reads them.
      if (isNote(log)) continue
      const expected = independently(log)
      const at = `${log.block.height}/${log.logIndex}`
      if (expected === undefined) {
        expect(
          decoded.facts.filter(({ table }) => table !== 'token_transfer'),
          at,
        ).toEqual([])
        continue
      }
      expect(decoded.facts, at).toHaveLength(1)
      expect(decoded.facts[0], at).toMatchObject({ table: expected.table, ...expected.fields })
      facts++
    }
    expect(facts).toBeGreaterThan(10)
    console.info(`${path}: ${facts} facts equal`)
    for (const market of state.markets.values()) {
      if (market.protocol === 'aave-v3') expect(market.complete).toBe(false)
    }
    for (const position of state.positions.values()) expect(position.complete).toBe(false)
  })

  it('mainnet: believes the pools and feeds of the chain file, and no others', async () => {
    const context = createContext(CHAINS.ethereum!, undefined, () => 17_686_110)
    const state = createMemoryState()
    const seen = {
      verifiedPrices: 0,
      otherPrices: 0,
      lendingOfListed: 0,
      verifiedTransfers: 0,
      otherTransfers: 0,
    }
    for await (const log of captured(PATHS[0]!)) {
      for (const fact of foldLogs([log], PROTOCOLS_BY_TOPIC, state, context).facts) {
        if (fact.table === 'price_update') seen[fact.verified ? 'verifiedPrices' : 'otherPrices']++
        if (fact.table === 'token_transfer') seen[fact.verified ? 'verifiedTransfers' : 'otherTransfers']++
        if (fact.table === 'lending_event' && fact.verified) seen.lendingOfListed++
      }
    }
    console.info('mainnet capture:', seen)
    expect(seen.verifiedPrices).toBeGreaterThan(2)
    expect(seen.otherPrices).toBeGreaterThan(20)
    expect(seen.lendingOfListed).toBeGreaterThan(5)
    expect(Math.min(seen.verifiedTransfers, seen.otherTransfers)).toBeGreaterThan(1_000)
    expect(
      [...state.prices.values()].every(({ source }) => source === 'chainlink' || context.feed(source as Hex)),
    ).toBe(true)
  })
})
