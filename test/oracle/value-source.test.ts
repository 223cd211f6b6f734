import type { Hex } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadModel } from '../../src/models/registry'
import { openValues } from '../../src/oracle/value-source'
import { MARKET_RISK } from '../../src/oracle/values'
import { insert } from '../api/seed'
import { type TestDatabase, testDatabase } from '../support/database'

const CHAIN = 31337
const POOL: Hex = '0x00000000000000000000000000000000000000aa'
const WETH: Hex = '0x0000000000000000000000000000000000000e01'
const USDC: Hex = '0x0000000000000000000000000000000000000e02'
const RISKY = '0x1000000000000000000000000000000000000001'
const SAFE = '0x2000000000000000000000000000000000000002'
const LENDER = '0x3000000000000000000000000000000000000003'
const START_SEC = 1_790_000_000
const RAY = '1000000000000000000000000000'
const HEIGHT = 50n
const subject = { subjectChainId: BigInt(CHAIN), subject: USDC, metric: MARKET_RISK }

let db: TestDatabase
let source: Awaited<ReturnType<typeof openValues>>
beforeAll(async () => {
  db = await testDatabase()
  await seedMarkets()
})
beforeEach(async () => {
  await db.pool.query('TRUNCATE position, position_version')
  // A source of its own for each test: one remembers the last value of a finalized block.
  await source?.close()
  source = await openValues(db.pool)
})
afterAll(async () => {
  await source?.close()
  await db?.drop()
})

async function seedMarkets() {
  for (let height = 1; height <= 60; height++) {
    await insert(db.pool, 'block', {
      ...{
        id: `${CHAIN}:${height}`,
        chain_id: CHAIN,
        height,
        hash: `0xb${height}`,
        parent_hash: `0xb${height - 1}`,
      },
      timestamp: new Date((START_SEC + height * 60) * 1_000),
    })
  }
  const assets = [
    { asset: WETH, decimals: 18, answers: [2_100, 2_060, 2_000], threshold: 8_250 },
    { asset: USDC, decimals: 6, answers: [1], threshold: 8_500 },
  ]
  for (const { asset, decimals, answers, threshold } of assets) {
    const feed = `0x${asset.slice(-2).repeat(20)}`
    const [id, market] = [`${CHAIN}:${asset}`, `${CHAIN}:${POOL}:${asset}`]
    const state = {
      ...{ liquidityIndexRay: RAY, borrowIndexRay: RAY, liquidityRateRay: '0', variableBorrowRateRay: '0' },
      ...{ lastUpdateSec: START_SEC, decimals, priceFeed: feed, listed: true },
      ...{ ltvBps: 8_000, liquidationThresholdBps: threshold, liquidationBonusBps: 10_500, eModeCategory: 0 },
    }
    const common = { chain_id: CHAIN, revision: 1, state, complete: true }
    await insert(db.pool, 'market', {
      ...{
        id: market,
        ...common,
        protocol: 'aave-v3',
        kind: 'reserve',
        pool: POOL,
        asset_id: id,
        asset1_id: null,
      },
    })
    await insert(db.pool, 'market_version', {
      id: `${market}:1`,
      market_id: market,
      valid_from_block: 1,
      ...common,
    })
    const price = {
      chain_id: CHAIN,
      asset_id: id,
      kind: 'protocol',
      source: `chainlink:${feed}`,
      decimals: 8,
    }
    await insert(db.pool, 'price', { id: `${id}:p`, ...price, answer: answers.at(-1)! * 1e8 })
    for (const [i, answer] of answers.entries()) {
      const validFrom = { valid_from_block: 1 + i * 10, answer: answer * 1e8 }
      await insert(db.pool, 'price_version', {
        id: `${id}:${i}`,
        price_id: `${id}:p`,
        ...price,
        ...validFrom,
      })
    }
  }
}

async function hold(
  address: string,
  asset: Hex,
  amounts: { supply?: bigint; debt?: bigint; complete?: boolean },
) {
  const account = `${CHAIN}:${address}`
  const id = `${account}:${POOL}:${asset}`
  const common = {
    ...{
      account_id: account,
      chain_id: CHAIN,
      market_id: `${CHAIN}:${POOL}:${asset}`,
      protocol: 'aave-v3',
      pool: POOL,
    },
    ...{ scaled_supply: String(amounts.supply ?? 0n), scaled_debt: String(amounts.debt ?? 0n) },
    ...{ collateral_enabled: amounts.supply !== undefined, complete: amounts.complete ?? true },
  }
  await insert(db.pool, 'position', { id, ...common })
  await insert(db.pool, 'position_version', {
    id: `${id}:10`,
    position_id: id,
    ...common,
    valid_from_block: 10,
  })
}
const risky = async () => {
  await hold(RISKY, WETH, { supply: 10n ** 18n })
  await hold(RISKY, USDC, { debt: 1_600_000_000n })
}
const safe = async () => {
  await hold(SAFE, WETH, { supply: 2n * 10n ** 18n })
  await hold(SAFE, USDC, { debt: 400_000_000n })
}

describe('market-risk from the indexed state', () => {
  it('weighs each debtor’s score by the debt', async () => {
    await risky()
    const high = await source.values(subject, HEIGHT)
    await db.pool.query('TRUNCATE position, position_version')
    await safe()
    const low = await source.values(subject, HEIGHT + 1n)
    await risky()
    const both = await source.values(subject, HEIGHT + 2n)
    expect(high!.value > low!.value).toBe(true)
    // Debts 1,600 and 400 USDC at a price of 1. The two heights apart move each score by little, if at all.
    const expected = (high!.value * 1_600n + low!.value * 400n) / 2_000n
    const difference = both!.value - expected
    expect(difference < 20_000n && difference > -20_000n).toBe(true)
    expect(both).toMatchObject({
      complete: true,
      // The seed has no market price: the protocol's own stands alone.
      confidenceBps: 9_700,
      modelHash: `0x${loadModel('credit').sha256}`,
      blockHash: '0xb52',
      observedAt: BigInt(START_SEC + 52 * 60),
    })
  })

  it('is the same number in another process and for the whole pool when all debt is in one asset', async () => {
    await risky()
    await safe()
    const other = await openValues(db.pool)
    const value = await source.values(subject, HEIGHT)
    expect(value).toBeDefined()
    expect(await other.values(subject, HEIGHT)).toEqual(value)
    expect(await other.values({ ...subject, subject: POOL }, HEIGHT)).toEqual(value)
    await other.close()
  })

  it('is 0 for a market that nobody owes in', async () => {
    await risky()
    expect((await source.values({ ...subject, subject: WETH }, HEIGHT))?.value).toBe(0n)
  })

  it('is marked incomplete when anybody’s state in the pool is', async () => {
    await risky()
    await hold(LENDER, USDC, { supply: 1_000_000n, complete: false })
    expect((await source.values(subject, HEIGHT))?.complete).toBe(false)
  })

  it('does not exist for an unknown subject, metric or chain, nor before the first block', async () => {
    await risky()
    expect(
      await source.values({ ...subject, subject: '0x00000000000000000000000000000000000000bb' }, HEIGHT),
    ).toBeUndefined()
    expect(await source.values({ ...subject, metric: 'weather' }, HEIGHT)).toBeUndefined()
    expect(await source.values({ ...subject, subjectChainId: 424242n }, HEIGHT)).toBeUndefined()
    expect(await source.values(subject, 0n)).toBeUndefined()
  })
})
