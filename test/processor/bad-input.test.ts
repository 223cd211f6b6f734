/** Logs that lie, do not fit or come by the thousand: kept apart, counted, and nothing else suffers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { handleBlocks } from '../../src/processor/handle'
import { QUARANTINE_CAP } from '../../src/processor/quarantine'
import type { Store } from '../../src/processor/store'
import { topicOf } from '../../src/protocols/log-shape'
import type { BlockRef, Protocol } from '../../src/protocols/types'
import {
  address,
  answerLog,
  badLog,
  blockOf,
  FACTORY,
  FEED,
  growChain,
  type LogInput,
  MADE_CHAIN,
  pairCreatedLog,
  SPAMMER,
  syncLog,
  TOKEN,
  transferLog,
  word,
} from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { openTestStore } from '../support/store-driver'

const GENESIS = `0x${'0'.repeat(64)}` as const
let db: TestDatabase
let store: Store
let head: BlockRef | undefined

async function reopen(protocols?: readonly Protocol[]): Promise<void> {
  await store?.close()
  await db?.drop()
  db = await testDatabase({ chainIds: [MADE_CHAIN.id] })
  store = openTestStore(db, protocols ? { protocols } : {})
  head = undefined
  await store.connect()
}

/** Commits one more final block with these logs. */
async function commit(...logs: LogInput[]): Promise<BlockRef> {
  const height = (head?.height ?? -1) + 1
  const ref: BlockRef = {
    chainId: MADE_CHAIN.id,
    height,
    hash: `0x${(height + 1).toString(16).padStart(64, 'a')}`,
    parentHash: head?.hash ?? GENESIS,
    timestampSec: 1_700_000_000 + height,
  }
  const prevHead = head ? { height: head.height, hash: head.hash } : { height: -1, hash: '0x' }
  await store.transact({ prevHead, nextHead: ref, isOnTop: true }, (batch) =>
    handleBlocks(batch, [blockOf(ref, logs)]),
  )
  head = ref
  return ref
}

async function all(sql: string): Promise<Record<string, unknown>[]> {
  return (await db.pool.query(sql)).rows
}

beforeAll(() => reopen())
afterAll(async () => {
  await store.close()
  await db.drop()
})

describe('a log that does not fit', () => {
  it('is quarantined with its coordinates and the reason, and its neighbours are indexed', async () => {
    const good = transferLog(TOKEN, address('a'), address('b'), 5n)
    const short = { ...good, data: '0x1234' as Hex }
    const oneTopic = { ...good, topics: good.topics.slice(0, 1) }
    const dirty = { ...good, topics: [good.topics[0]!, word(2n ** 200n), good.topics[2]!] }
    const block = await commit(good, short, oneTopic, dirty, good)
    const rows = await all('SELECT * FROM quarantine ORDER BY log_index')
    expect(rows.map((row) => [row.height, row.log_index, row.block_hash, row.emitter, row.data])).toEqual(
      [1, 2, 3].map((i) => ['0', i, block.hash, TOKEN, i === 1 ? '0x1234' : good.data]),
    )
    expect(rows.map((row) => row.reason)).toEqual([
      expect.stringContaining('bytes of data'),
      expect.stringContaining('topics'),
      expect.stringContaining('dirty'),
    ])
    expect(await all('SELECT 1 FROM token_transfer')).toHaveLength(2)
  })

  it('with no topic at all is nobody’s', async () => {
    await commit({ address: TOKEN, topics: [], data: '0x' })
    expect(await all('SELECT 1 FROM quarantine WHERE height = 1')).toHaveLength(0)
  })

  it('from a decoder that fails in an unforeseen way is quarantined too', async () => {
    const broken: Protocol = {
      name: 'broken',
      decoderVersion: 1,
      topics: [topicOf('Boom()')],
      anyEmitter: true,
      decode: () => {
        throw new TypeError('cannot read \u0000 of undefined')
      },
    }
    await reopen([broken])
    await commit({ address: TOKEN, topics: [topicOf('Boom()')], data: '0x' })
    const [row] = await all('SELECT reason FROM quarantine')
    expect(row?.reason).toBe('broken: decoder failed: cannot read \\u{0} of undefined')
    await reopen()
  })

  it('that cannot be applied marks what it touches incomplete and goes on', async () => {
    const event = (log: { block: BlockRef; logIndex: number; txHash: Hex }) => ({
      protocol: 'odd',
      name: 'odd',
      ref: log,
    })
    const odd: Protocol = {
      name: 'odd',
      decoderVersion: 1,
      topics: [topicOf('Odd()')],
      anyEmitter: true,
      decode: (log) => ({ facts: [], events: [event(log)] }),
      touches: () => ({ markets: ['31337:m'] }),
      apply: (_, state) => {
        if (state.market('31337:m')) throw new Error('underflow')
        state.setMarket({
          id: '31337:m',
          protocol: 'odd',
          kind: 'pool',
          pool: TOKEN,
          revision: 1,
          asset: TOKEN,
          asset1: null,
          state: {},
          complete: true,
        })
      },
    }
    await reopen([odd])
    await commit({ address: TOKEN, topics: [topicOf('Odd()')], data: '0x' })
    expect(await all('SELECT complete FROM market')).toEqual([{ complete: true }])
    await commit({ address: TOKEN, topics: [topicOf('Odd()')], data: '0x' })
    expect(await all('SELECT complete FROM market')).toEqual([{ complete: false }])
    expect((await all('SELECT reason FROM quarantine'))[0]?.reason).toContain('underflow')
    await reopen()
  })
})

/** Time on the processor, which other work on the machine does not lengthen. */
async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

describe('a spammer', () => {
  it('with 20,000 bad logs fills a hundred rows, is counted, and takes no more than twice the time of good ones', async () => {
    await reopen()
    const good = Array.from({ length: 20_000 }, (_, i) =>
      transferLog(TOKEN, address('a'), address('b'), BigInt(i)),
    )
    const bad = Array.from({ length: 20_000 }, () => badLog())
    const goodMs = await processorMs(() => commit(...good))
    const badMs = await processorMs(() => commit(...bad))
    expect(await all('SELECT emitter, stored, dropped FROM quarantine_emitter')).toEqual([
      { emitter: SPAMMER, stored: String(QUARANTINE_CAP), dropped: String(20_000 - QUARANTINE_CAP) },
    ])
    expect(await all('SELECT 1 FROM quarantine')).toHaveLength(QUARANTINE_CAP)
    expect(badMs).toBeLessThan(2 * goodMs)
    await commit(badLog(), badLog(address('another')), transferLog(TOKEN, address('a'), address('b'), 1n))
    expect(await all('SELECT stored, dropped FROM quarantine_emitter ORDER BY stored')).toEqual([
      { stored: '1', dropped: '0' },
      { stored: String(QUARANTINE_CAP), dropped: String(20_001 - QUARANTINE_CAP) },
    ])
    expect(await all('SELECT 1 FROM token_transfer WHERE height = 2')).toHaveLength(1)
  })
})

describe('an event of someone nobody vouches for', () => {
  it('is stored unverified and moves no state and no price', async () => {
    await reopen()
    const [pair, fake, ghost] = [address('pair'), address('fake feed'), address('ghost pair')]
    await commit(
      pairCreatedLog(FACTORY, TOKEN, address('t1'), pair),
      syncLog(pair, 100n, 200n),
      answerLog(FEED, 5n * 10n ** 8n, 1n, 1_700_000_000n),
    )
    const state = async () => [
      await all('SELECT * FROM market ORDER BY id'),
      await all('SELECT * FROM price ORDER BY id'),
      await all('SELECT * FROM position'),
      await all('SELECT * FROM market_version ORDER BY id'),
    ]
    const before = await state()
    expect(before[0]).toHaveLength(1)
    expect(before[1]?.length).toBeGreaterThan(0)
    await commit(
      answerLog(fake, 1n, 2n, 1_700_000_001n),
      syncLog(ghost, 1n, 1n),
      pairCreatedLog(address('fake factory'), TOKEN, address('t2'), ghost),
      syncLog(ghost, 1n, 1n),
      transferLog(address('fake token'), address('a'), address('b'), 7n),
    )
    expect(await state()).toEqual(before)
    expect(await all('SELECT verified, feed_id FROM price_update WHERE height = 1')).toEqual([
      { verified: false, feed_id: `31337:${fake}` },
    ])
    expect(await all('SELECT verified FROM token_transfer WHERE height = 1')).toEqual([{ verified: false }])
    expect(await all(`SELECT verified FROM asset WHERE address = '${address('fake token')}'`)).toEqual([
      { verified: false },
    ])
  })
})

describe('extreme values', () => {
  it('near 2^256 are kept to the last digit', async () => {
    await reopen()
    const max = 2n ** 256n - 1n
    await commit(
      transferLog(TOKEN, address('a'), address('b'), max),
      answerLog(FEED, -(2n ** 255n), max, 253_402_300_799n),
    )
    expect((await all('SELECT amount FROM token_transfer'))[0]?.amount).toBe(max.toString())
    expect(
      (await all("SELECT amount FROM account_event WHERE role = 'to' AND kind = 'tokenTransfer'"))[0]?.amount,
    ).toBe(max.toString())
    const [update] = await all('SELECT answer, round_id, updated_at FROM price_update')
    expect(update?.answer).toBe((-(2n ** 255n)).toString())
    expect(update?.round_id).toBe(max.toString())
    expect((await all('SELECT answer FROM price'))[0]?.answer).toBe((-(2n ** 255n)).toString())
  })

  it('ERC-721 Transfers are classified, not quarantined', async () => {
    await reopen()
    const erc20 = transferLog(address('nft'), address('a'), address('b'), 1n)
    await commit({ ...erc20, topics: [...erc20.topics, word(2n ** 256n - 1n)], data: '0x' })
    expect(await all('SELECT standard, token_id, amount FROM token_transfer')).toEqual([
      { standard: 'erc721', token_id: (2n ** 256n - 1n).toString(), amount: '1' },
    ])
    expect(await all('SELECT 1 FROM quarantine')).toHaveLength(0)
  })

  it('a transfer to oneself has an event for each role', async () => {
    await reopen()
    await commit(transferLog(TOKEN, address('a'), address('a'), 1n))
    const roles = await all(`SELECT role FROM account_event WHERE kind = 'tokenTransfer' ORDER BY role`)
    expect(roles.map((row) => row.role)).toEqual(['from', 'to'])
  })

  it('an empty block is a batch of nothing but itself', async () => {
    await reopen()
    await commit()
    expect(await all('SELECT row_count FROM batch')).toEqual([{ row_count: 1 }])
  })
})

it('blocks that carry no fact have no row where the chain file says so', async () => {
  await reopen()
  await store.close()
  const chain = { ...MADE_CHAIN, blocks: 'relevant', transactions: 'watched' } as const
  store = openTestStore(db, { chain })
  await store.connect()
  const blocks = growChain([], 'a', 3)
  const quiet = blockOf(blocks[3]!.ref, [{ address: TOKEN, topics: [topicOf('Nothing()')], data: '0x' }])
  await store.transact(
    { prevHead: { height: -1, hash: '0x' }, nextHead: blocks[3]!.ref, isOnTop: true },
    (batch) => handleBlocks(batch, [...blocks.slice(0, 3), quiet]),
  )
  expect((await all('SELECT height FROM block ORDER BY height')).map((row) => row.height)).toEqual([
    '0',
    '1',
    '2',
  ])
  expect(await all('SELECT 1 FROM transaction WHERE height = 3')).toHaveLength(0)
  expect((await all('SELECT head_height FROM chain'))[0]?.head_height).toBe('3')
})
