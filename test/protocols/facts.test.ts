/** Facts of events that captured blocks rarely hold: who, what, how much, and whom we believe. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import type { Hex } from '../../src/chains/types'
import { createContext, createMemoryState, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { Fact, RawLog } from '../../src/protocols/types'
import { log, STRANGER } from '../support/logs'

const ethereum = CHAINS.ethereum!
const listed = (protocol: string, label: string): Hex =>
  ethereum.contracts.find((entry) => entry.protocol === protocol && entry.label.includes(label))!.address
const token = (symbol: string): Hex => ethereum.tokens.find((entry) => entry.symbol === symbol)!.address
const [alice, bob, carol]: Hex[] = ['a1', 'b0', 'c2'].map((byte): Hex => `0x${byte.repeat(20)}`)
const [weth, usdc] = [token('WETH'), token('USDC')]

function factsOf(...logs: RawLog[]): Fact[] {
  const { facts, undecodable } = foldLogs(
    logs,
    PROTOCOLS_BY_TOPIC,
    createMemoryState(),
    createContext(ethereum),
  )
  expect(undecodable).toEqual([])
  return facts
}

describe('liquidations', () => {
  const aave = (address: Hex) =>
    log(
      address,
      'LiquidationCall(address,address,address,uint256,uint256,address,bool)',
      [weth, usdc, alice!],
      [1_000n, 7n, bob!, false],
    )
  const effect = {
    kind: 'liquidation',
    account: alice,
    initiator: bob,
    asset: usdc,
    amount: 1_000n,
    collateralAsset: weth,
    collateralAmount: 7n,
  }

  it('of Aave V3 and V2 belong to the pool that said so, once', () => {
    const [v3, v2] = [listed('aave-v3', 'pool'), listed('aave-v2', 'pool')]
    expect(factsOf(aave(v3))).toMatchObject([{ ...effect, protocol: 'aave-v3', pool: v3, verified: true }])
    expect(factsOf(aave(v2))).toMatchObject([{ ...effect, protocol: 'aave-v2', pool: v2, verified: true }])
    expect(factsOf(aave(STRANGER))).toMatchObject([{ ...effect, pool: null, verified: false }])
  })

  it('of Compound V2 name the comptroller and the underlying of a listed cToken', () => {
    const comptroller = listed('compound-v2', 'comptroller')
    const [cUsdc, cEth] = [listed('compound-v2', 'cUSDC'), listed('compound-v2', 'cETH')]
    const signature = 'LiquidateBorrow(address,address,uint256,address,uint256)'
    expect(factsOf(log(cUsdc, signature, [], [bob!, alice!, 1_000n, cEth, 7n]))).toMatchObject([
      {
        ...effect,
        pool: comptroller,
        marketSuffix: cUsdc,
        collateralAsset: cEth,
        protocol: 'compound-v2',
        verified: true,
      },
    ])
  })

  it('of Compound III come as absorbed debt and absorbed collateral', () => {
    const comet = listed('compound-v3', 'USDC')
    const debt = log(comet, 'AbsorbDebt(address,address,uint256,uint256)', [bob!, alice!], [1_000n, 9n])
    const seized = log(
      comet,
      'AbsorbCollateral(address,address,address,uint256,uint256)',
      [bob!, alice!, weth],
      [7n, 9n],
    )
    expect(factsOf(debt, seized)).toMatchObject([
      { ...effect, pool: comet, collateralAsset: null, collateralAmount: null },
      { ...effect, pool: comet, amount: 0n },
    ])
  })
})

describe('supplying and borrowing', () => {
  it('in Compound V2', () => {
    const cDai = listed('compound-v2', 'cDAI')
    const facts = factsOf(
      log(cDai, 'Mint(address,uint256,uint256)', [], [alice!, 10n, 500n]),
      log(cDai, 'Borrow(address,uint256,uint256,uint256)', [], [alice!, 11n, 11n, 99n]),
      log(cDai, 'RepayBorrow(address,address,uint256,uint256,uint256)', [], [bob!, alice!, 12n, 0n, 88n]),
      log(cDai, 'Redeem(address,uint256,uint256)', [], [alice!, 13n, 600n]),
    )
    expect(
      facts.map(
        (fact) => fact.table === 'lending_event' && [fact.kind, fact.account, fact.initiator, fact.amount],
      ),
    ).toEqual([
      ['supply', alice, alice, 10n],
      ['borrow', alice, alice, 11n],
      ['repay', alice, bob, 12n],
      ['withdraw', alice, alice, 13n],
    ])
    const where = { pool: listed('compound-v2', 'comptroller'), marketSuffix: cDai }
    for (const fact of facts) expect(fact).toMatchObject({ asset: token('DAI'), ...where, verified: true })
  })

  it('leaves Uniswap’s Mint, which has the same signature, alone', () => {
    expect(factsOf(log(STRANGER, 'Mint(address,uint256,uint256)', [alice!], [1n, 2n]))).toEqual([])
  })

  it('in Compound III, base and collateral', () => {
    const comet = listed('compound-v3', 'WETH')
    const facts = factsOf(
      log(comet, 'Supply(address,address,uint256)', [bob!, alice!], [10n]),
      log(comet, 'Withdraw(address,address,uint256)', [alice!, carol!], [11n]),
      log(comet, 'SupplyCollateral(address,address,address,uint256)', [bob!, alice!, usdc], [12n]),
      log(comet, 'WithdrawCollateral(address,address,address,uint256)', [alice!, carol!, usdc], [13n]),
    )
    expect(facts).toMatchObject([
      { kind: 'supply', account: alice, initiator: bob, asset: weth, amount: 10n },
      { kind: 'withdraw', account: alice, initiator: alice, asset: weth, amount: 11n },
      { kind: 'supply', account: alice, initiator: bob, asset: usdc, amount: 12n },
      { kind: 'withdraw', account: alice, initiator: alice, asset: usdc, amount: 13n },
    ])
  })
})

describe('flash loans', () => {
  const loan = {
    initiator: alice,
    receiver: bob,
    asset: weth,
    amount: 1_000n,
    premium: 9n,
    table: 'flash_loan',
  }

  it('of Aave V3 and V2', () => {
    const v3 = log(
      listed('aave-v3', 'pool'),
      'FlashLoan(address,address,address,uint256,uint8,uint256,uint16)',
      [bob!, weth, 0n],
      [alice!, 1_000n, 0n, 9n],
    )
    const v2 = log(
      listed('aave-v2', 'pool'),
      'FlashLoan(address,address,address,uint256,uint256,uint16)',
      [bob!, alice!, weth],
      [1_000n, 9n, 0n],
    )
    expect(factsOf(v3, v2)).toMatchObject([
      { ...loan, protocol: 'aave-v3', verified: true },
      { ...loan, protocol: 'aave-v2', verified: true },
    ])
  })

  it('of Balancer and Maker, told apart by what is indexed', () => {
    const signature = 'FlashLoan(address,address,uint256,uint256)'
    const facts = factsOf(
      log(listed('balancer-v2', 'vault'), signature, [bob!, weth], [1_000n, 0n]),
      log(listed('maker', 'flash'), signature, [bob!], [token('DAI'), 1_000n, 0n]),
      log(STRANGER, signature, [bob!, weth], [1_000n, 0n]),
    )
    expect(facts).toMatchObject([
      { protocol: 'balancer-v2', receiver: bob, asset: weth, amount: 1_000n, premium: 0n, verified: true },
      { protocol: 'maker', receiver: bob, asset: token('DAI'), amount: 1_000n, verified: true },
      { protocol: 'balancer-v2', verified: false },
    ])
  })

  it('of Uniswap V3, a fact for each side that was lent; the pool’s price follows its swaps', () => {
    const pool: Hex = `0x${'f0'.repeat(20)}`
    const created = log(
      listed('uniswap-v3', 'factory'),
      'PoolCreated(address,address,uint24,int24,address)',
      [usdc, weth, 500n],
      [10n, pool],
    )
    const initialized = log(pool, 'Initialize(uint160,int24)', [], [2n ** 96n, -1n])
    const minted = log(
      pool,
      'Mint(address,address,int24,int24,uint128,uint256,uint256)',
      [alice!, -10n, 10n],
      [alice!, 42n, 5n, 4n],
    )
    const swapped = log(
      pool,
      'Swap(address,address,int256,int256,uint160,uint128,int24)',
      [alice!, bob!],
      [-5n, 7n, 2n ** 97n, 42n, -200_000n],
    )
    const signature = 'Flash(address,address,uint256,uint256,uint256,uint256)'
    const state = createMemoryState()
    const context = createContext(ethereum)
    const { facts } = foldLogs(
      [
        created,
        initialized,
        minted,
        swapped,
        log(pool, signature, [alice!, bob!], [1_000n, 0n, 9n, 0n]),
        log(STRANGER, signature, [alice!, bob!], [1n, 2n, 3n, 4n]),
      ],
      PROTOCOLS_BY_TOPIC,
      state,
      context,
    )
    expect(facts).toMatchObject([
      { table: 'swap', verified: true, amount0: -5n, amount1: 7n, tick: -200_000 },
      { ...loan, asset: usdc, protocol: 'uniswap-v3', subIndex: 0, verified: true },
      { asset: STRANGER, amount: 1n, premium: 3n, subIndex: 0, verified: false },
      { asset: STRANGER, amount: 2n, premium: 4n, subIndex: 1, verified: false },
    ])
    expect(state.market(`1:${pool}`)).toMatchObject({
      complete: true,
      asset: usdc,
      asset1: weth,
      state: { feePips: 500, tick: -200_000, liquidity: '42', decimals0: 6, decimals1: 18 },
    })
  })
})

describe('feeds', () => {
  const signature = 'AnswerUpdated(int256,uint256,uint256)'
  const { address: feed, asset } = ethereum.feeds[0]!

  it('move two prices of the asset they are listed for, also down and below zero', () => {
    const state = createMemoryState()
    foldLogs(
      [log(feed, signature, [-5n, 9n], [1_700_000_000n])],
      PROTOCOLS_BY_TOPIC,
      state,
      createContext(ethereum),
    )
    const price = { answer: -5n, decimals: 8, updatedAtSec: 1_700_000_000n }
    expect(state.prices.get(`${asset}|protocol|${feed}`)).toMatchObject(price)
    expect(state.prices.get(`${asset}|market|chainlink`)).toMatchObject(price)
  })

  it('are refused when their time is none', () => {
    const late = log(feed, signature, [1n, 1n], [2n ** 255n])
    const { undecodable, facts } = foldLogs(
      [late],
      PROTOCOLS_BY_TOPIC,
      createMemoryState(),
      createContext(ethereum),
    )
    expect(facts).toEqual([])
    expect(undecodable).toMatchObject([{ reason: expect.stringContaining('is not a time') }])
  })
})

describe('admin events', () => {
  it('say what happened to whom, in any contract', () => {
    const role: Hex = `0x${'ab'.repeat(32)}`
    const facts = factsOf(
      log(STRANGER, 'OwnershipTransferStarted(address,address)', [alice!, bob!], []),
      log(STRANGER, 'OwnershipTransferred(address,address)', [], [alice!, bob!]),
      log(weth, 'RoleRevoked(bytes32,address,address)', [role, bob!, alice!], []),
      log(STRANGER, 'RoleAdminChanged(bytes32,bytes32,bytes32)', [role, 0n, 1n], []),
      log(STRANGER, 'Upgraded(address)', [carol!], []),
      log(STRANGER, 'BeaconUpgraded(address)', [carol!], []),
      log(STRANGER, 'AdminChanged(address,address)', [], [alice!, bob!]),
      log(STRANGER, 'Paused(address)', [], [alice!]),
      log(STRANGER, 'Unpaused(address)', [alice!], []),
      log(STRANGER, 'Pause()', [], []),
    )
    expect(
      facts.map((fact) => fact.table === 'admin_action' && [fact.kind, fact.actor, fact.verified]),
    ).toEqual([
      ['ownershipTransferStarted', bob, false],
      ['ownershipTransferred', bob, false],
      ['roleRevoked', bob, true],
      ['roleAdminChanged', null, false],
      ['upgraded', null, false],
      ['beaconUpgraded', null, false],
      ['adminChanged', bob, false],
      ['paused', alice, false],
      ['unpaused', alice, false],
      ['paused', null, false],
    ])
    expect(facts[2]).toMatchObject({ target: weth, detail: { role, account: bob, sender: alice } })
  })
})
