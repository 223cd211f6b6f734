/**
 * Aave's real oracle on a real anvil, asked at the blocks that are due: what is stored is what the contract says at each
 * of them, a fork undoes it, and a killed and restarted run ends with the same tables.
 */
import { encodeFunctionData, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { createCaller } from '../../src/chains/call-at'
import { chainClient } from '../../src/chains/client'
import { harbor } from '../../src/chains/harbor'
import { LOCAL_WORLD } from '../../src/chains/local-world'
import type { Hex } from '../../src/chains/types'
import type { SourceBlock } from '../../src/processor/block'
import { handleBlocks } from '../../src/processor/handle'
import type { Store } from '../../src/processor/store'
import { PROTOCOLS } from '../../src/protocols/registry'
import type { Protocol } from '../../src/protocols/types'
import { blockLogs } from '../support/chain-logs'
import { type TestDatabase, testDatabase } from '../support/database'
import { compareDatabases } from '../support/equality'
import { reorg } from '../support/reorg'
import { openTestStore } from '../support/store-driver'

const abi = parseAbi(['function getAssetPrice(address) view returns (uint256)'])
const ORACLE = LOCAL_WORLD.aave.oracle as Hex
const EVERY = harbor.scoreEveryBlocks

/** As a protocol whose oracle announces nothing: Aave V2's, say. */
const asking: Protocol = {
  ...PROTOCOLS['aave-v3']!,
  priceCalls: ({ asset, kind }) =>
    kind === 'pool'
      ? []
      : [
          {
            ...{ asset, source: ORACLE, to: ORACLE, decimals: 8 },
            data: encodeFunctionData({ abi, functionName: 'getAssetPrice', args: [asset] }),
            read: (result) => (result.length === 66 ? BigInt(result) : undefined),
          },
        ],
}
const protocols = Object.values({ ...PROTOCOLS, 'aave-v3': asking })

describe('Aave’s oracle, called', () => {
  let world: World
  const open: { db: TestDatabase; stores: Store[] }[] = []

  beforeAll(async () => {
    world = await startWorld({ chain: 'harbor', seed: 23, mining: 'manual' })
    for (let turn = 0; turn < 30; turn++) await world.step()
  })
  afterAll(async () => {
    for (const { db, stores } of open) {
      for (const store of stores) await store.close()
      await db.drop()
    }
    await world?.stop()
  })

  async function chainNow(): Promise<SourceBlock[]> {
    const head = Number(await world.client.getBlockNumber())
    const blocks: SourceBlock[] = []
    for (let height = 0; height <= head; height++) {
      const { block, logs } = await blockLogs(world.client, harbor.id, height)
      blocks.push({ ref: block, logs, transactions: [] })
    }
    return blocks
  }

  function storeOn(db: TestDatabase): Store {
    const caller = createCaller(chainClient(world.rpcUrl))
    const store = openTestStore(db, { protocols, chain: harbor, caller })
    open.find((one) => one.db === db)?.stores.push(store)
    return store
  }

  async function fresh(): Promise<{ db: TestDatabase; store: Store }> {
    const db = await testDatabase({ chainIds: [harbor.id] })
    open.push({ db, stores: [] })
    const store = storeOn(db)
    await store.connect()
    return { db, store }
  }

  const point = ({ ref }: SourceBlock) => ({ height: ref.height, hash: ref.hash })

  async function commit(store: Store, chain: SourceBlock[], base: number, to: number): Promise<void> {
    const blocks = chain.slice(base + 1, to + 1)
    const finalized = chain[Math.max(0, to - harbor.finalityDepthBlocks)]!
    const info = {
      baseHead: point(chain[base]!),
      finalizedHead: point(finalized),
      newBlocks: blocks.map(point),
    }
    await store.transactHot2(info, (batch, from, end) => handleBlocks(batch, blocks.slice(from, end)))
  }

  async function first(store: Store, chain: SourceBlock[]): Promise<void> {
    const start = { height: -1, hash: '0x' }
    await store.transact({ prevHead: start, nextHead: point(chain[0]!), isOnTop: false }, (batch) =>
      handleBlocks(batch, chain.slice(0, 1)),
    )
  }

  async function storedAt(db: TestDatabase, asset: Hex, height: number): Promise<bigint | undefined> {
    const { rows } = await db.pool.query<{ answer: string }>(
      `SELECT answer FROM price_version WHERE asset_id = $1 AND source = $2 AND valid_from_block <= $3
       ORDER BY valid_from_block DESC LIMIT 1`,
      [`${harbor.id}:${asset}`, ORACLE, height],
    )
    return rows[0] && BigInt(rows[0].answer)
  }

  async function expectContractPrices(db: TestDatabase, head: number): Promise<number> {
    let checked = 0
    const { rows } = await db.pool.query<{ height: string; asked: number }>(
      'SELECT height, asked FROM price_round ORDER BY height',
    )
    for (const { height, asked } of rows) {
      expect(Number(height) % EVERY).toBe(0)
      for (const { token } of LOCAL_WORLD.assets.slice(0, asked)) {
        const price = await world.client.readContract({
          ...{ abi, address: ORACLE, functionName: 'getAssetPrice', args: [token] },
          blockNumber: BigInt(height),
        })
        expect(await storedAt(db, token, Number(height)), `${token} at ${height}`).toBe(price)
        checked++
      }
    }
    expect(Number(rows.at(-1)!.height)).toBe(head - (head % EVERY))
    return checked
  }

  it('gives at every due block what the contract says there, through forks and kills', async () => {
    const { db, store } = await fresh()
    let chain = await chainNow()
    await first(store, chain)
    const middle = chain.length - 13
    await commit(store, chain, 0, middle)
    await commit(store, chain, middle, chain.length - 1)
    expect(await expectContractPrices(db, chain.length - 1)).toBeGreaterThan(20)

    // A fork below the last rounds, then a kill in the middle of the batch that brings it.
    await reorg(world, 6)
    for (let turn = 0; turn < 3; turn++) await world.step()
    const fork = await chainNow()
    const base = fork.findIndex(({ ref }, i) => ref.hash !== chain[i]?.ref.hash) - 1
    expect(base).toBeLessThan(chain.length - 6)
    const killed = store.transactHot2(
      {
        ...{ baseHead: point(fork[base]!), newBlocks: fork.slice(base + 1).map(point) },
        finalizedHead: point(fork[fork.length - 1 - harbor.finalityDepthBlocks]!),
      },
      async (batch) => {
        await handleBlocks(batch, fork.slice(base + 1))
        throw new Error('killed')
      },
    )
    await expect(killed).rejects.toThrow('killed')
    await store.close()
    chain = fork
    const again = storeOn(db)
    await again.connect()
    await commit(again, chain, base, chain.length - 1)
    await expectContractPrices(db, chain.length - 1)

    const calm = await fresh()
    await first(calm.store, chain)
    await commit(calm.store, chain, 0, chain.length - 1)
    const { differences, rows } = await compareDatabases(db.pool, calm.db.pool)
    expect(differences).toEqual([])
    expect(rows.price_round).toBeGreaterThan(5)
  }, 120_000)
})
