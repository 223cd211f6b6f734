/** V2's own wording of events, hand-worked balances and health, and what makes a position incomplete. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { ChainSpec, Hex, WatchedContract } from '../../../src/chains/types'
import { divRayHalfUp, mulRayHalfUp, RAY } from '../../../src/math/fixed-point'
import { aaveV2Risk } from '../../../src/protocols/aave-v2/protocol'
import { createContext, createMemoryState, foldLogs } from '../../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../../src/protocols/registry'
import type { RawLog } from '../../../src/protocols/types'
import { block, log, STRANGER } from '../../support/logs'

const at = (byte: string): Hex => `0x${byte.repeat(20)}`
const [POOL, CONFIGURATOR, ORACLE, PROVIDER] = [at('b1'), at('b2'), at('b3'), at('b4')]
const [WETH, DAI, FEED] = [at('c1'), at('c2'), at('fe')]
const [ALICE, BOB, CAROL] = [at('11'), at('22'), at('33')]
const PEOPLE = [ALICE, BOB, CAROL] as const
const TOKENS = {
  [WETH]: { aToken: at('a1'), stable: at('a2'), debt: at('a3') },
  [DAI]: { aToken: at('d1'), stable: at('d2'), debt: at('d3') },
} as Record<Hex, { aToken: Hex; stable: Hex; debt: Hex }>
const WAD = 10n ** 18n
const NOW = block(31337).timestampSec

function chainOf(pool: Partial<WatchedContract> = {}): ChainSpec {
  const entry = (address: Hex, role: string, rest: Partial<WatchedContract> = {}): WatchedContract => ({
    address,
    protocol: 'aave-v2',
    role,
    label: role,
    deployedAtBlock: 0,
    links: { pool: POOL },
    ...rest,
  })
  return {
    ...CHAINS.harbor!,
    tokens: [WETH, DAI].map((address) => ({ address, symbol: 'T', name: 'T', decimals: 18 })),
    feeds: [],
    contracts: [
      entry(POOL, 'pool', { links: {}, revision: 2, ...pool }),
      entry(CONFIGURATOR, 'poolConfigurator'),
      entry(ORACLE, 'oracle'),
      entry(PROVIDER, 'addressesProvider'),
    ],
  }
}

const announced = (asset: Hex) => {
  const { aToken, stable, debt } = TOKENS[asset]!
  const signature = 'ReserveInitialized(address,address,address,address,address)'
  return log(CONFIGURATOR, signature, [asset, aToken], [stable, debt, STRANGER])
}
const configured = (asset: Hex, values: [number, number, number]) =>
  log(CONFIGURATOR, 'CollateralConfigurationChanged(address,uint256,uint256,uint256)', [asset], values)
const source = (asset: Hex) => log(ORACLE, 'AssetSourceUpdated(address,address)', [asset, FEED], [])
const wethSet = log(ORACLE, 'WethSet(address)', [WETH], [])
const SETUP = [
  source(WETH),
  source(DAI),
  wethSet,
  announced(WETH),
  announced(DAI),
  configured(WETH, [7_500, 8_000, 10_500]),
  configured(DAI, [7_000, 7_500, 10_500]),
]
const indexes = (asset: Hex, liquidity: bigint, borrow: bigint) =>
  log(
    POOL,
    'ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)',
    [asset],
    [0n, 0n, 0n, liquidity, borrow],
  )
const supplied = (asset: Hex, who: Hex, value: bigint, index: bigint) =>
  log(TOKENS[asset]!.aToken, 'Mint(address,uint256,uint256)', [who], [value, index])
const redeemed = (asset: Hex, who: Hex, value: bigint, index: bigint) =>
  log(TOKENS[asset]!.aToken, 'Burn(address,address,uint256,uint256)', [who, who], [value, index])
const moved = (asset: Hex, from: Hex, to: Hex, value: bigint, index: bigint) =>
  log(TOKENS[asset]!.aToken, 'BalanceTransfer(address,address,uint256,uint256)', [from, to], [value, index])
const borrowed = (asset: Hex, payer: Hex, who: Hex, value: bigint, index: bigint) =>
  log(TOKENS[asset]!.debt, 'Mint(address,address,uint256,uint256)', [payer, who], [value, index])
const repaid = (asset: Hex, who: Hex, value: bigint, index: bigint) =>
  log(TOKENS[asset]!.debt, 'Burn(address,uint256,uint256)', [who], [value, index])
const asCollateral = (asset: Hex, who: Hex, on: boolean) =>
  log(POOL, `ReserveUsedAsCollateral${on ? 'Enabled' : 'Disabled'}(address,address)`, [asset, who], [])

const id = (asset: Hex) => `31337:${POOL}:${asset}`

function fold(logs: readonly RawLog[], chain = chainOf(), coverageFrom?: number) {
  const state = createMemoryState()
  const context = createContext(chain, undefined, coverageFrom === undefined ? undefined : () => coverageFrom)
  const { facts, undecodable } = foldLogs([...logs], PROTOCOLS_BY_TOPIC, state, context)
  const account = (who: Hex) =>
    aaveV2Risk.account({
      markets: state.markets,
      positions: [...state.positions.values()].filter((position) => position.account === who),
      price: (asset) => (asset === DAI ? ({ answer: WAD / 2_000n } as never) : undefined),
      timestampSec: NOW,
    })
  return { state, facts, undecodable, account }
}

/** Two ether supplied at an index of 1; a thousand dai borrowed at 1.25; then both indexes grow. */
const LOAN = [
  ...SETUP,
  supplied(WETH, ALICE, 2n * WAD, RAY),
  asCollateral(WETH, ALICE, true),
  borrowed(DAI, BOB, ALICE, 1_000n * WAD, (RAY * 5n) / 4n),
  indexes(WETH, (RAY * 11n) / 10n, RAY),
  indexes(DAI, RAY, (RAY * 3n) / 2n),
]

describe('Aave V2 positions', () => {
  it('are what a hand works out: balances scaled by the event’s index, and the health of them', () => {
    const { state, account, undecodable } = fold(LOAN)
    expect(undecodable).toEqual([])
    expect(state.position(ALICE, id(WETH))).toMatchObject({ scaledSupply: 2n * WAD, collateralEnabled: true })
    expect(state.position(ALICE, id(DAI))).toMatchObject({ scaledDebt: 800n * WAD, scaledSupply: 0n })
    expect(state.position(BOB, id(DAI))).toBeUndefined()
    // 2 · 1.1 ether of collateral, 80 % of it 1.76; 800 · 1.5 dai at 0.0005 are 0.6 owed: 1.76 / 0.6.
    expect(account(ALICE)).toMatchObject({
      totalCollateralBase: (22n * WAD) / 10n,
      totalDebtBase: (6n * WAD) / 10n,
      ltvBps: 7_500n,
      currentLiquidationThresholdBps: 8_000n,
      healthFactorWad: 2_933_333_333_333_333_333n,
      base: { asset: WETH, decimals: 18 },
    })
  })

  it('shrink by what is withdrawn, repaid and handed on, each scaled to nearest', () => {
    const index = (RAY * 11n) / 10n
    const { state, undecodable } = fold([
      ...LOAN,
      redeemed(WETH, ALICE, 11n * 10n ** 17n, index),
      moved(WETH, ALICE, BOB, 55n * 10n ** 16n, index),
      repaid(DAI, ALICE, 150n * WAD, (RAY * 3n) / 2n),
      supplied(DAI, CAROL, 7n, RAY * 2n),
      asCollateral(WETH, ALICE, false),
    ])
    expect(undecodable).toEqual([])
    expect(state.position(ALICE, id(WETH))).toMatchObject({
      scaledSupply: WAD / 2n,
      collateralEnabled: false,
      complete: true,
    })
    expect(state.position(BOB, id(WETH))).toMatchObject({ scaledSupply: WAD / 2n })
    expect(state.position(ALICE, id(DAI))).toMatchObject({ scaledDebt: 700n * WAD })
    // 7 / 2 is 3.5.
    expect(state.position(CAROL, id(DAI))).toMatchObject({ scaledSupply: 4n })
  })

  it('are believed of announced tokens only, and a cToken’s Mint is nobody’s mistake', () => {
    const logs = [
      log(STRANGER, 'Mint(address,uint256,uint256)', [ALICE], [5n, RAY]),
      log(STRANGER, 'Mint(address,uint256,uint256)', [], [ALICE, 5n, RAY]),
      log(STRANGER, 'BalanceTransfer(address,address,uint256,uint256)', [ALICE, BOB], [5n, RAY]),
      // Events of one token of the reserve, from another.
      log(TOKENS[WETH]!.debt, 'Mint(address,uint256,uint256)', [ALICE], [5n, RAY]),
      log(TOKENS[WETH]!.aToken, 'Burn(address,uint256,uint256)', [ALICE], [5n, RAY]),
      log(TOKENS[WETH]!.stable, 'Mint(address,address,uint256,uint256)', [ALICE, ALICE], [5n, RAY]),
      log(STRANGER, 'WethSet(address)', [DAI], []),
      log(STRANGER, 'ReserveFrozen(address)', [WETH], []),
    ]
    const [before, after] = [fold(SETUP), fold([...SETUP, ...logs])]
    expect([...after.state.positions]).toEqual([])
    expect([...after.state.markets]).toEqual([...before.state.markets])
  })

  it('are refused where the log does not fit', () => {
    const { undecodable } = fold([
      ...SETUP,
      log(TOKENS[WETH]!.aToken, 'Mint(address,uint256,uint256)', [ALICE], [5n]),
    ])
    expect(undecodable.map(({ reason }) => reason)).toContain('Mint: expected 64 bytes of data, found 32')
  })
})

describe('Aave V2 reserves', () => {
  it('carry what the configurator says of them', () => {
    const say = (signature: string, ...words: (bigint | number | boolean | Hex)[]) =>
      log(CONFIGURATOR, signature, [DAI], words)
    const on = [
      say('BorrowingEnabledOnReserve(address,bool)', true),
      say('ReserveFactorChanged(address,uint256)', 1_000),
      say('ReserveInterestRateStrategyChanged(address,address)', STRANGER),
      say('ReserveFrozen(address)'),
      say('ReserveDeactivated(address)'),
    ]
    const reserve = fold([...SETUP, ...on]).state.market(id(DAI))
    expect(reserve?.state).toMatchObject({
      borrowingEnabled: true,
      reserveFactorBps: 1_000,
      rateStrategy: STRANGER,
      frozen: true,
      active: false,
      priceFeed: FEED,
      liquidationThresholdBps: 7_500,
      ...{ aToken: TOKENS[DAI]!.aToken, variableDebtToken: TOKENS[DAI]!.debt },
    })
    const off = [
      'BorrowingDisabledOnReserve(address)',
      'ReserveUnfrozen(address)',
      'ReserveActivated(address)',
    ]
    const later = fold([...SETUP, ...on, ...off.map((signature) => say(signature))]).state.market(id(DAI))
    expect(later?.state).toMatchObject({ borrowingEnabled: false, frozen: false, active: true })
  })

  it.each([
    ['coverage began later', LOAN, chainOf(), 5],
    ['no revision is listed', LOAN, chainOf({ revision: 0 }), undefined],
    ['its revision is another', LOAN, chainOf({ revision: 3 }), undefined],
    [
      'the pool was upgraded',
      [...LOAN, log(POOL, 'Upgraded(address)', [STRANGER], [])],
      chainOf(),
      undefined,
    ],
    [
      'a token was upgraded',
      [...LOAN, log(CONFIGURATOR, 'ATokenUpgraded(address,address,address)', [WETH, STRANGER, STRANGER], [])],
      chainOf(),
      undefined,
    ],
    [
      'the pool reads another oracle',
      [...LOAN, log(PROVIDER, 'PriceOracleUpdated(address)', [STRANGER], [])],
      chainOf(),
      undefined,
    ],
    [
      'nobody said what the oracle reckons in',
      LOAN.filter((entry) => entry !== wethSet),
      chainOf(),
      undefined,
    ],
    ['the decimals are not listed', LOAN, { ...chainOf(), tokens: [] }, undefined],
    [
      'some is owed at a stable rate',
      [
        ...LOAN,
        log(
          TOKENS[DAI]!.stable,
          'Mint(address,address,uint256,uint256,uint256,uint256,uint256,uint256)',
          [ALICE, ALICE],
          [1n, 1n, 0n, 1n, 1n, 1n],
        ),
      ],
      chainOf(),
      undefined,
    ],
  ] as [string, RawLog[], ChainSpec, number | undefined][])(
    'have no health where %s',
    (_, logs, chain, coverageFrom) => {
      expect(fold(logs, chain, coverageFrom).account(ALICE)).toHaveProperty('incomplete')
    },
  )

  it('keep their health where the provider names the listed oracle', () => {
    const { account } = fold([...LOAN, log(PROVIDER, 'PriceOracleUpdated(address)', [ORACLE], [])])
    expect(account(ALICE)).toMatchObject({ healthFactorWad: 2_933_333_333_333_333_333n })
  })
})

describe('Aave V2 scaled balances', () => {
  const step = fc.record({
    action: fc.constantFrom('supply', 'redeem', 'move', 'borrow', 'repay'),
    who: fc.nat(2),
    other: fc.nat(2),
    amount: fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, 10n ** 24n)),
    share: fc.bigInt(1n, 100n),
    growth: fc.bigInt(0n, RAY / 50n),
  })

  it('sum to the scaled supply that the tokens keep, part by part, and none is below zero', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledgers = { supply: new Map<Hex, bigint>(), debt: new Map<Hex, bigint>() }
        const totals = { supply: 0n, debt: 0n }
        const logs: RawLog[] = [...SETUP]
        let index = RAY
        for (const { action, who, other, amount, share, growth } of steps) {
          index += growth
          const [from, to] = [PEOPLE[who]!, PEOPLE[other]!]
          const side = action === 'borrow' || action === 'repay' ? 'debt' : 'supply'
          const ledger = ledgers[side]
          const held = ledger.get(from) ?? 0n
          const grows = action === 'supply' || action === 'borrow'
          const value = grows ? amount : (mulRayHalfUp(held, index) * share) / 100n
          const scaled = divRayHalfUp(value, index)
          // What the tokens refuse: nothing at all, or more than there is.
          if (scaled === 0n || (!grows && scaled > held)) continue
          ledger.set(from, grows ? held + scaled : held - scaled)
          if (action === 'move') {
            ledger.set(to, (ledger.get(to) ?? 0n) + scaled)
            logs.push(moved(DAI, from, to, value, index))
          } else totals[side] += grows ? scaled : -scaled
          if (action === 'supply') logs.push(supplied(DAI, from, value, index))
          if (action === 'redeem') logs.push(redeemed(DAI, from, value, index))
          if (action === 'borrow') logs.push(borrowed(DAI, to, from, value, index))
          if (action === 'repay') logs.push(repaid(DAI, from, value, index))
        }
        const { state, undecodable } = fold(logs)
        expect(undecodable).toEqual([])
        const sums = { supply: 0n, debt: 0n }
        for (const who of PEOPLE) {
          const position = state.position(who, id(DAI))
          const [supply, debt] = [position?.scaledSupply ?? 0n, position?.scaledDebt ?? 0n]
          expect([supply, debt]).toEqual([ledgers.supply.get(who) ?? 0n, ledgers.debt.get(who) ?? 0n])
          expect(supply >= 0n && debt >= 0n && position?.complete !== false).toBe(true)
          sums.supply += supply
          sums.debt += debt
        }
        expect(sums).toEqual(totals)
      }),
      { numRuns: 300 },
    )
  })
})
