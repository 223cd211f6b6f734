/**
 * Real logs through the real store, then market and protocol prices as of blocks: what forgers do moves neither. Blocks
 * come every minute, so that thirty of them vote on a pool's price.
 */
import { keccak256, stringToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { inTransaction } from '../../src/db/pool'
import type { MarketPrice } from '../../src/prices/market'
import { readPriceLine } from '../../src/prices/read'
import { readMarketLine, readMarketPrices } from '../../src/prices/read-market'
import type { SourceBlock } from '../../src/processor/block'
import type { BlockRef } from '../../src/protocols/types'
import {
  address,
  answerLog,
  blockOf,
  FACTORY,
  type LogInput,
  MADE_CHAIN,
  pairCreatedLog,
  syncLog,
} from '../support/chain-maker'
import { type TestDatabase, testDatabase } from '../support/database'
import { commitFinal, openTestStore } from '../support/store-driver'

const sorted = (...names: string[]) => names.map(address).sort() as [Hex, Hex]
/** Token 0 is the dollar, token 1 ether; sorted as pairs sort them. */
const [USD, ETH] = sorted('dollar', 'ether')
const OTHER = address('listed, no feed')
const [USD_FEED, ETH_FEED] = [address('dollar feed'), address('ether feed')]
const PAIR = address('honest pair')
const OTHER_PAIR = address('pair of the other token')
const START_SEC = 1_700_000_000
const HEAD = 100

const chain: ChainSpec = {
  ...MADE_CHAIN,
  blockTimeSec: 60,
  tokens: [
    { address: USD, symbol: 'USDX', name: 'Dollar', decimals: 6 },
    { address: ETH, symbol: 'ETHX', name: 'Ether', decimals: 18 },
    { address: OTHER, symbol: 'OTH', name: 'Other', decimals: 18 },
  ],
  feeds: [
    { address: USD_FEED, asset: USD, decimals: 8, description: 'USDX / USD' },
    { address: ETH_FEED, asset: ETH, decimals: 8, description: 'ETHX / USD', heartbeatSec: 3_600 },
  ],
}

const E8 = 10n ** 8n
const timeOf = (height: number) => START_SEC + height * 60
const usdX = (whole: number) => BigInt(whole) * 10n ** 6n
const whole18 = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n
/** Reserves of a pair with the dollar token, in the pair's own order. */
function reserves(token: Hex, pair: Hex, dollars: number, price: number): LogInput {
  const [quote, base] = [usdX(dollars), whole18(dollars / price)]
  return USD < token ? syncLog(pair, quote, base) : syncLog(pair, base, quote)
}
const created = (factory: Hex, a: Hex, b: Hex, pair: Hex) =>
  pairCreatedLog(factory, ...((a < b ? [a, b] : [b, a]) as [Hex, Hex]), pair)

/** What happens honestly: feeds speak, two deep pairs trade. */
function honest(height: number): LogInput[] {
  const logs: LogInput[] = []
  if (height === 1) {
    logs.push(created(FACTORY, USD, ETH, PAIR), reserves(ETH, PAIR, 10_000_000, 2_000))
    logs.push(created(FACTORY, USD, OTHER, OTHER_PAIR), reserves(OTHER, OTHER_PAIR, 10_000_000, 5))
  }
  if (height % 20 === 1) {
    logs.push(answerLog(USD_FEED, E8, BigInt(height), BigInt(timeOf(height))))
    logs.push(answerLog(ETH_FEED, 2_000n * E8, BigInt(height), BigInt(timeOf(height))))
  }
  if (height % 10 === 5) logs.push(reserves(ETH, PAIR, 10_000_000, 2_001))
  return logs
}

function makeChain(extra: (height: number) => LogInput[], salt: string): SourceBlock[] {
  const blocks: SourceBlock[] = []
  for (let height = 0; height <= HEAD; height++) {
    const parentHash = blocks.at(-1)?.ref.hash ?? `0x${'0'.repeat(64)}`
    const hash = keccak256(stringToHex(`${parentHash}${salt}`))
    const ref: BlockRef = { chainId: chain.id, height, hash, parentHash, timestampSec: timeOf(height) }
    blocks.push(blockOf(ref, [...honest(height), ...extra(height)]))
  }
  return blocks
}

const open: TestDatabase[] = []
afterAll(async () => {
  for (const db of open) await db.drop()
})

async function indexed(extra: (height: number) => LogInput[], salt: string): Promise<TestDatabase> {
  const db = await testDatabase({ chainIds: [chain.id] })
  open.push(db)
  const store = openTestStore(db, { chain })
  await store.connect()
  await commitFinal(store, makeChain(extra, salt), { after: -1, to: HEAD })
  await store.close()
  return db
}

const at = (height: number) => ({ height, timestampSec: timeOf(height) })

/** Every price that anything rests on, at the block. */
async function prices(db: TestDatabase, height: number) {
  return inTransaction(db.pool, async (tx) => {
    const market = await readMarketPrices(tx, { chain, at: at(height) })
    const line = await readPriceLine(tx, { chainId: chain.id, fromHeight: 0, toHeight: height })
    const protocol = line.assets().map((asset) => [asset, line.at(asset, height)])
    return { market, protocol }
  })
}

/** What the price is, without how sure it is. */
const bare = (market: ReadonlyMap<Hex, MarketPrice>) =>
  new Map([...market].map(([asset, { answer, decimals, source }]) => [asset, { answer, decimals, source }]))

describe('prices as of a block', () => {
  let calm: TestDatabase
  beforeAll(async () => {
    calm = await indexed(() => [], 'calm')
  })

  it('come from the feed, confirmed by the exchanges; from the exchanges alone with less confidence', async () => {
    const { market } = await prices(calm, HEAD)
    expect(market.get(ETH)).toMatchObject({
      ...{ answer: 2_000n * E8, decimals: 8, source: 'chainlink', confidenceBps: 10_000 },
      ...{ stale: false, singleSource: false, ageSec: 19 * 60 },
    })
    const other = market.get(OTHER)!
    expect(other).toMatchObject({ source: 'dex', singleSource: true })
    expect(Number(other.answer) / 10 ** other.decimals).toBeCloseTo(5, 6)
    expect(other.confidenceBps).toBeLessThan(7_000)
  })

  it('see nothing later than their block: the same from a longer history and by a line over a range', async () => {
    const later = await indexed(
      (height) =>
        height > 60
          ? [
              answerLog(ETH_FEED, 9_999n * E8, BigInt(height), BigInt(timeOf(height))),
              reserves(ETH, PAIR, 10_000_000, 9_999),
              reserves(OTHER, OTHER_PAIR, 10_000_000, 77),
            ]
          : [],
      'later',
    )
    for (const height of [0, 1, 35, 59, 60])
      expect(await prices(later, height)).toEqual(await prices(calm, height))
    expect((await prices(later, HEAD)).market).not.toEqual((await prices(calm, HEAD)).market)
    const line = await inTransaction(later.pool, (tx) =>
      readMarketLine(tx, { chain, fromHeight: 35, toHeight: HEAD }),
    )
    for (const height of [35, 59, 60, 61, 80, HEAD]) {
      const { market } = await prices(later, height)
      for (const asset of [USD, ETH, OTHER]) expect(line.at(asset, at(height))).toEqual(market.get(asset))
    }
  })

  it('grow stale when the feed falls silent, and are marked', async () => {
    const silent = await inTransaction(calm.pool, (tx) =>
      readMarketPrices(tx, { chain, at: { height: HEAD, timestampSec: timeOf(HEAD) + 86_400 } }),
    )
    expect(silent.get(ETH)!.stale || silent.get(ETH)!.source === 'dex').toBe(true)
    expect(silent.get(ETH)!.confidenceBps).toBeLessThan(5_000)
  })

  it.each<[string, (height: number) => LogInput[]]>([
    [
      'an unlisted feed that speaks of a listed asset',
      (height) => (height === 70 ? [answerLog(address('forged feed'), 1n, 1n, BigInt(timeOf(height)))] : []),
    ],
    [
      'a pair that no listed factory made',
      (height) => {
        if (height < 40) return []
        const pair = address('forged pair')
        const deep = reserves(ETH, pair, 900_000_000, 7)
        return height === 40 ? [created(address('forged factory'), USD, ETH, pair), deep] : [deep]
      },
    ],
    [
      'a pair of a listed factory with a worthless token, as deep as can be in that token',
      (height) => {
        const pair = address('worthless pair')
        const [worthless, listed] = [address('worthless'), ETH]
        const [a, b] = [whole18(1_000_000), whole18(1)]
        if (height < 40) return []
        const sync = worthless < listed ? syncLog(pair, a, b) : syncLog(pair, b, a)
        return height === 40 ? [created(FACTORY, worthless, listed, pair), sync] : [sync]
      },
    ],
    [
      'a pair of listed tokens with dust in it, at another price',
      (height) => {
        const pair = address('dust pair')
        if (height < 40) return []
        const dust = [reserves(ETH, pair, 900, 7), reserves(OTHER, address('dust of other'), 900, 700)]
        if (height > 40) return dust
        return [
          created(FACTORY, USD, ETH, pair),
          created(FACTORY, USD, OTHER, address('dust of other')),
          ...dust,
        ]
      },
    ],
    [
      'a spike of one block in the deep pairs',
      (height) => {
        if (height === 90)
          return [reserves(ETH, PAIR, 90_000_000, 90_000), reserves(OTHER, OTHER_PAIR, 90_000_000, 500)]
        if (height === 91)
          return [reserves(ETH, PAIR, 10_000_000, 2_001), reserves(OTHER, OTHER_PAIR, 10_000_000, 5)]
        return []
      },
    ],
  ])('are not moved by %s', async (what, forge) => {
    const forged = await indexed(forge, what)
    for (const height of [70, 90, 91, HEAD]) {
      const [found, honestly] = [await prices(forged, height), await prices(calm, height)]
      expect(bare(found.market), `market at ${height}`).toEqual(bare(honestly.market))
      expect(found.protocol, `protocol at ${height}`).toEqual(honestly.protocol)
      expect(found.market.size).toBe(3)
    }
  })

  it('may be doubted because of a spike, in the very block, and are believed again after it', async () => {
    const spiked = await indexed(
      (height) =>
        height === 90
          ? [reserves(OTHER, OTHER_PAIR, 90_000_000, 500)]
          : height === 91
            ? [reserves(OTHER, OTHER_PAIR, 10_000_000, 5)]
            : [],
      'doubt',
    )
    const sure = async (height: number) => (await prices(spiked, height)).market.get(OTHER)!.confidenceBps
    expect(await sure(90)).toBeLessThan(await sure(89))
    expect(await sure(91)).toBeGreaterThanOrEqual(await sure(89))
  })
})
