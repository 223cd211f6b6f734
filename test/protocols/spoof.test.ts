/** A stranger who shouts the right words moves nothing. */
import { beforeEach, describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { RawLog } from '../../src/protocols/types'
import { log, STRANGER } from '../support/logs'

const harbor = CHAINS.harbor!
const [weth, , usdc] = harbor.tokens
const factory = harbor.contracts.find(({ role }) => role === 'factory')!
const pair = `0x${'9a'.repeat(20)}` as const
const feed = harbor.feeds.find(({ asset }) => asset === weth!.address)!

const answer = (address: RawLog['address'], value: bigint) =>
  log(address, 'AnswerUpdated(int256,uint256,uint256)', [value, 7n], [1_700_000_000n])
const sync = (address: RawLog['address'], reserve0: bigint, reserve1: bigint) =>
  log(address, 'Sync(uint112,uint112)', [], [reserve0, reserve1])

describe('events of emitters that nobody vouches for', () => {
  const state = createMemoryState()
  const context = createContext(harbor)
  const fold = (...logs: RawLog[]) => foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
  const snapshot = () => structuredClone([[...state.markets], [...state.positions], [...state.prices]])

  beforeEach(() => {
    fold(
      answer(feed.address, 3_000n * 10n ** 8n),
      log(
        factory.address,
        'PairCreated(address,address,address,uint256)',
        [weth!.address, usdc!.address],
        [pair, 1n],
      ),
      sync(pair, 10n ** 21n, 3n * 10n ** 12n),
    )
  })

  it('believes the listed feed and the factory’s pair', () => {
    expect(state.prices.get(`${weth!.address}|protocol|${feed.address}`)?.answer).toBe(3_000n * 10n ** 8n)
    expect(state.prices.get(`${weth!.address}|market|chainlink`)?.answer).toBe(3_000n * 10n ** 8n)
    expect(state.markets.get(`31337:${pair}`)?.state).toMatchObject({ reserve0: String(10n ** 21n) })
  })

  it('records a spoofed AnswerUpdated and moves no price', () => {
    const before = snapshot()
    const { facts } = fold(answer(STRANGER, 1n))
    expect(facts).toMatchObject([
      { table: 'price_update', verified: false, asset: null, answer: 1n, decimals: null },
    ])
    expect(snapshot()).toEqual(before)
  })

  it('lets a spoofed Sync move no reserve', () => {
    const before = snapshot()
    expect(fold(sync(STRANGER, 1n, 1n)).facts).toEqual([])
    expect(snapshot()).toEqual(before)
  })

  it('lets a stranger’s factory announce no pair', () => {
    const fake = `0x${'77'.repeat(20)}` as const
    const announced = log(
      STRANGER,
      'PairCreated(address,address,address,uint256)',
      [weth!.address, usdc!.address],
      [fake, 2n],
    )
    const before = snapshot()
    fold(announced, sync(fake, 5n, 5n))
    expect(context.markets.byEmitter(fake)).toBeUndefined()
    expect(snapshot()).toEqual(before)
  })

  it('records a spoofed Transfer as unverified and moves nothing', () => {
    const before = snapshot()
    const { facts } = fold(
      log(STRANGER, 'Transfer(address,address,uint256)', [weth!.address, pair], [2n ** 256n - 1n]),
    )
    expect(facts).toMatchObject([{ table: 'token_transfer', verified: false, amount: 2n ** 256n - 1n }])
    expect(snapshot()).toEqual(before)
  })

  it('lets a stranger move no reserve, position or price source of the lending pool', () => {
    const before = snapshot()
    const account = `0x${'ab'.repeat(20)}` as const
    fold(
      log(
        STRANGER,
        'ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)',
        [weth!.address],
        [1n, 0n, 1n, 1n, 1n],
      ),
      log(
        STRANGER,
        'Mint(address,address,uint256,uint256,uint256)',
        [account, account],
        [10n, 0n, 10n ** 27n],
      ),
      log(STRANGER, 'BalanceTransfer(address,address,uint256,uint256)', [account, pair], [10n, 10n ** 27n]),
      log(STRANGER, 'ReserveUsedAsCollateralEnabled(address,address)', [weth!.address, account], []),
      log(STRANGER, 'AssetSourceUpdated(address,address)', [weth!.address, STRANGER], []),
      log(
        STRANGER,
        'CollateralConfigurationChanged(address,uint256,uint256,uint256)',
        [weth!.address],
        [1n, 1n, 1n],
      ),
    )
    expect(snapshot()).toEqual(before)
  })
})
